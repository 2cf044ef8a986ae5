"""Which state of the store a reader sees: a number that changes before anything is written, and after."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager


class Generation:
    """Changed by the one thread that writes, read by any."""

    def __init__(self) -> None:
        self._count = 0

    @contextmanager
    def changing(self) -> Generator[None]:
        """Something is written meanwhile, or may be."""
        self._count += 1
        try:
            yield
        finally:
            self._count += 1

    def settled(self) -> int | None:
        """The number of the state of now; None while something is written.

        Who gets the same number before his transaction begins and after it has read something sees that state, and
        nothing else: also places of rows, which a checkpoint may move, are then those of this state.
        """
        count = self._count
        return None if count % 2 else count
