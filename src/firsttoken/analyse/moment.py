"""Moments as people write them: how long ago, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

AGO: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


def since_unix_ns(text: str, now: datetime) -> int:
    """As `unix_ns`, of what has been. Raises ValueError."""
    moment_ns = unix_ns(text, now)
    if moment_ns > _since_epoch_ns(now):
        raise ValueError(f"{text!r} lies in the future")
    return moment_ns


def unix_ns(text: str, now: datetime) -> int:
    """`90s`, `30m`, `1.5h`, `2d`, `1w`, or an ISO date or time (local unless it names a zone). Raises ValueError."""
    moment = _moment(text.strip(), now)
    if moment < EARLIEST:
        raise ValueError(f"{text!r} lies before 1970")
    return _since_epoch_ns(moment)


def _since_epoch_ns(moment: datetime) -> int:
    return (moment - EARLIEST) // timedelta(microseconds=1) * 1_000


def _moment(text: str, now: datetime) -> datetime:
    try:
        if ago := AGO.fullmatch(text.lower()):
            amount, unit = ago.groups()
            return now - timedelta(seconds=float(amount) * UNITS_S[unit])
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):  # OSError: the zone of a very distant year
        raise ValueError(
            f"{text!r} is neither a time ago such as 30m, 1h or 2d nor a date such as 2026-01-31T09:00"
        ) from None
