"""The types of a stream's events, counted. What a stream makes up does not fill the memory."""

from __future__ import annotations

from typing import Final

from firsttoken.providers.novelty import named

MOST_KINDS: Final = 64
OTHERS: Final = "(others)"
"""All types beyond those that are told apart."""

NO_KIND: Final = object()
"""Equal to no type: where there is no run of one."""


class Kinds:
    """Counts by type, and which one came last."""

    __slots__ = ("_counts", "last")

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self.last: str | None = None

    def take(self, kind: object, times: int = 1) -> None:
        """Takes in events of one type in a row."""
        self.last = named(kind)
        word, counts = self.last, self._counts
        if word not in counts and len(counts) >= MOST_KINDS:
            word = OTHERS
        counts[word] = counts.get(word, 0) + times

    def counted(self, running: object = NO_KIND, times: int = 0) -> dict[str, int]:
        """The counts with those of a run that is not at its end. Changes nothing: another thread may take in more."""
        whole = Kinds()
        whole._counts = dict(self._counts)
        if running is not NO_KIND:
            whole.take(running, times)
        return whole._counts
