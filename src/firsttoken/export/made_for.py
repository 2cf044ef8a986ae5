"""Something that is made for whatever stands at the moment, and made anew when that is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")
M = TypeVar("M")


class MadeFor(Generic[S, M]):
    """What stands may change at any time, as an application's providers do."""

    def __init__(self, find: Callable[[], S | None], make: Callable[[S], M]) -> None:
        self._find = find
        self._make = make
        self._held: tuple[S, M] | None = None

    def current(self) -> M | None:
        """None while nothing stands."""
        standing, held = self._find(), self._held
        if standing is None:
            self._held = None
            return None
        if held is None or held[0] is not standing:
            held = self._held = (standing, self._make(standing))
        return held[1]
