"""How far a long answer has come, for whoever waits for it in the same process."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_WATCHER: Final[ContextVar[Callable[[int], None] | None]] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Callable[[int], None]) -> Generator[None]:
    """What is done inside tells how much more of it is done, such as calls that were priced."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def advance(more: int) -> None:
    if (watcher := _WATCHER.get()) is not None:
        watcher(more)
