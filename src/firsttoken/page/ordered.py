"""The figure that calls are listed by, where a row of the list has no other place for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from firsttoken.analyse.listing import First
from firsttoken.call import Timing


@dataclass(frozen=True, slots=True)
class Ordered:
    """A column of its own."""

    name: str
    of: Callable[[Timing], int | None]
    """In nanoseconds."""


ORDERED: Final[Mapping[First, Ordered]] = {
    "stalled": Ordered("Stalled", lambda timing: timing.stalled_ns),
    "gap": Ordered("Largest gap", lambda timing: timing.largest_gap_ns),
}
COLUMNS: Final[Mapping[First, str]] = {
    "newest": "time",
    "slowest": "duration",
    "costliest": "cost",
    "stalled": "ordered",
    "gap": "ordered",
}
"""Which column each order goes down by."""
