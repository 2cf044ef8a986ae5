"""When prices change: on some days, at some times of every day, and beyond some sizes of a prompt. Between two such
every price holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from firsttoken.pricing.override import Override
from firsttoken.pricing.price_list import PriceList

if TYPE_CHECKING:
    from genai_prices.types import StartDateConstraint, TimeOfDateConstraint

    Constraint = StartDateConstraint | TimeOfDateConstraint

EPOCH: Final = date(1970, 1, 1)
DAY_NS: Final = 24 * 3600 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class Changes:
    """Of all prices together, in order. Moments are in nanoseconds, and begin with 0."""

    days: tuple[int, ...] = (0,)
    """The beginning of each, since 1970 and in UTC."""
    times: tuple[int, ...] = (0,)
    """After midnight."""
    sizes: tuple[int, ...] = ()
    """Tokens of input: a longer prompt may have another price."""


def changes_of(price_list: PriceList, overrides: Collection[Override]) -> Changes:
    """Without a list, those of the overrides."""
    days, times = {EPOCH}, {time()}
    for constraint in price_list.constraints():
        listed_days, listed_times = _moments(constraint)
        days |= listed_days
        times |= listed_times
    days.update(day for override in overrides for day in _days(override))
    above = (override.conditions.input_above for override in overrides)
    sizes = {*price_list.sizes(), *(size for size in above if size is not None)}
    return Changes(tuple(sorted(map(_day_ns, days))), tuple(sorted(map(_time_ns, times))), tuple(sorted(sizes)))


def _moments(constraint: Constraint) -> tuple[set[date], set[time]]:
    from genai_prices.types import StartDateConstraint

    if isinstance(constraint, StartDateConstraint):
        return {constraint.start_date}, set()
    return set(), {constraint.start_time, constraint.end_time}


def _days(override: Override) -> Iterator[date]:
    """The first day of it, and the first after it."""
    since, until = override.conditions.since, override.conditions.until
    if since is not None:
        yield since
    if until is not None and until < date.max:
        yield until + timedelta(days=1)


def _day_ns(day: date) -> int:
    return max((day - EPOCH).days, 0) * DAY_NS


def _time_ns(moment: time) -> int:
    """Those without a zone are UTC."""
    here = datetime.combine(EPOCH, moment, moment.tzinfo or UTC)
    since_midnight = (here - datetime(1970, 1, 1, tzinfo=UTC)) % timedelta(days=1)
    return since_midnight // timedelta(microseconds=1) * 1000
