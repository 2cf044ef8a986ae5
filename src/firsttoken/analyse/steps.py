"""Time cut into steps of a round length, each from a moment that a clock shows as round, in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from firsttoken.analyse.columns import integer, integer_or_none
from firsttoken.errors import SelectionError
from firsttoken.store import Reader, Selection, Value

SECOND_NS: Final = 10**9
MINUTE_S: Final = 60
HOUR_S: Final = 60 * MINUTE_S
DAY_S: Final = 24 * HOUR_S
ROUND_S: Final = (
    *(1, 2, 5, 10, 15, 30),
    *(count * MINUTE_S for count in (1, 2, 5, 10, 15, 30)),
    *(count * HOUR_S for count in (1, 2, 3, 6, 12)),
    *(count * DAY_S for count in (1, 2, 7, 14, 28, 84, 168, 364)),
)
AROUND: Final = 120
"""At most so many steps, unless a step is asked for or the time is longer than a century."""
MOST: Final = 10_000
MONDAY_NS: Final = 4 * DAY_S * SECOND_NS
"""The first one after 1970 began: weeks begin there."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Those that the first call and the last are in, and all between."""

    origin_unix_ns: int
    """When the first one begins."""
    step_ns: int
    count: int

    @classmethod
    def over(cls, first_unix_ns: int, last_unix_ns: int, step_s: int | None) -> Self:
        """Raises SelectionError for a step that would be one of too many."""
        if step_s is None:
            steps = [cls._of(first_unix_ns, last_unix_ns, step_s * SECOND_NS) for step_s in ROUND_S]
            return next((each for each in steps if each.count <= AROUND), steps[-1])
        asked = cls._of(first_unix_ns, last_unix_ns, step_s * SECOND_NS)
        if asked.count > MOST:
            raise SelectionError(
                f"{asked.count:,} steps of {step_s} s are too many: use a longer step, or ask about less time"
            )
        return asked

    @classmethod
    def _of(cls, first_unix_ns: int, last_unix_ns: int, step_ns: int) -> Self:
        first, last = ((moment - MONDAY_NS) // step_ns for moment in (first_unix_ns, last_unix_ns))
        return cls(first * step_ns + MONDAY_NS, step_ns, last - first + 1)

    @property
    def until_unix_ns(self) -> int:
        """When the last one ends."""
        return self.start_of(self.count)

    @property
    def parameters(self) -> dict[str, Value]:
        """Of a question that counts steps."""
        return {"origin_unix_ns": self.origin_unix_ns, "step_ns": self.step_ns}

    def start_of(self, step: int) -> int:
        return self.origin_unix_ns + step * self.step_ns


def steps_of(reader: Reader, selection: Selection, step_s: int | None) -> Steps:
    """Those of the selected calls: one that holds nothing where there are none. Raises SelectionError."""
    (row,) = reader.ask("call_times", None, selection)
    first_unix_ns = integer_or_none(row, "first_unix_ns")
    if first_unix_ns is None:
        return Steps.over(0, 0, step_s)
    return Steps.over(first_unix_ns, integer(row, "last_unix_ns"), step_s)
