"""What is promised, and what is worth a notice: the numbers to change, all in one place.

Whoever changes one runs `make dashboards`. The budget of money is a series of its own, for nobody else can know it: see
budgets.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PERIOD_DAYS: Final = 30
"""A promise is about so long, and so is a budget."""

FIRST_TOKEN_S: Final = 3.0
"""A stream should have said something by then. One of the bounds of the histogram, where the share is exact."""
ANSWERED: Final = 0.99
"""The share of calls that do not fail."""
IN_TIME: Final = 0.95
"""The share of streams whose first token comes in `FIRST_TOKEN_S`."""
PRICED: Final = 0.95
"""The share of calls whose cost is known."""
DELIVERED: Final = 0.999
"""The share of calls that telemetry tells of."""

SLOWER: Final = 1.3
"""So many times the 95th percentile of the same hour of last week is a regression."""
DEARER: Final = 1.3
"""So many times the cost of a call in the same hour of last week likewise."""
QUIET: Final = 0.1
"""A service with less than this share of last week's calls is silent."""
ENOUGH_CALLS: Final = 50
"""Fewer in the time that is looked at say nothing: one failure of two calls is no outage."""

ENOUGH_REFUSED: Final = 3
"""So many calls that are refused in an hour wake somebody: one that is refused at night may be anything."""


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast a budget is used up, as a multiple of the speed at which it lasts for exactly the period."""

    long: str
    """The window that says that it matters."""
    short: str
    """The one that says that it still goes on, so that an alert ends soon after its cause."""
    factor: float
    is_fast: bool


BURNS: Final = (
    Burn("1h", "5m", 14.4, is_fast=True),
    Burn("6h", "30m", 6, is_fast=True),
    Burn("1d", "2h", 3, is_fast=False),
    Burn("3d", "6h", 1, is_fast=False),
)
"""2 % of the budget in one hour or 5 % in six are for now; 10 % in one day or in three are for the next working day."""

WINDOWS: Final = {"5m": 300, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21_600, "1d": 86_400, "3d": 259_200}
"""Every window of the burns with its seconds, the shortest first."""
