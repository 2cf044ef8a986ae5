"""Spans of time that a limit holds for: those of the calendar, and those that end now. All of it is UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

ROLLING: Final = re.compile(r"rolling ([1-9][0-9]{0,4})(m|h|d|w)", re.ASCII)
UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
CALENDAR: Final = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=31),
}
"""With the longest that each may last. A week begins on Monday."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Window(NamedTuple):
    """From the first moment up to the last, which is not in it."""

    since_unix_ns: int
    until_unix_ns: int


def longest(window: str) -> timedelta:
    """Raises ValueError for what is no window."""
    if window in CALENDAR:
        return CALENDAR[window]
    rolling = ROLLING.fullmatch(window)
    if rolling is None:
        raise ValueError(window)
    return int(rolling[1]) * UNITS[rolling[2]]


def window_at(window: str, now_unix_ns: int) -> Window:
    """The one that holds then. Of a rolling window that moment is the last in it. Raises ValueError."""
    if window not in CALENDAR:
        return Window(now_unix_ns - _ns(longest(window)) + 1, now_unix_ns + 1)
    now = EPOCH + timedelta(microseconds=now_unix_ns // 1_000)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match window:
        case "hour":
            first = now.replace(minute=0, second=0, microsecond=0)
        case "week":
            first = day - timedelta(days=day.weekday())
        case "month":
            first = day.replace(day=1)
        case _:
            first = day
    return Window(_unix_ns(first), _unix_ns(_after(window, first)))


def _after(window: str, first: datetime) -> datetime:
    return (first + CALENDAR[window]).replace(day=1) if window == "month" else first + CALENDAR[window]


def _unix_ns(moment: datetime) -> int:
    return _ns(moment - EPOCH)


def _ns(span: timedelta) -> int:
    return span // timedelta(microseconds=1) * 1_000
