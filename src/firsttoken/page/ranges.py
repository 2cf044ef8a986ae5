"""How long ago the first call of a view may be: what can be chosen, in the list and in every view of some time.

An address says it so (`since=1h`), and goes on with the clock: whoever opens it later sees the last hour of then.
"""

from __future__ import annotations

from typing import Final, NamedTuple

SECOND_NS: Final = 1_000_000_000
HOUR_NS: Final = 3600 * SECOND_NS
DAY_NS: Final = 24 * HOUR_NS


class Range(NamedTuple):
    """One choice."""

    ago: str
    """As an address says it."""
    name: str
    """Among others."""
    words: str
    """Alone."""
    length_ns: int


RANGES: Final = (
    Range("15m", "15 min", "Last 15 min", HOUR_NS // 4),
    Range("1h", "Hour", "Last hour", HOUR_NS),
    Range("24h", "Day", "Last 24 h", DAY_NS),
    Range("7d", "Week", "Last 7 days", 7 * DAY_NS),
    Range("30d", "Month", "Last 30 days", 30 * DAY_NS),
)
