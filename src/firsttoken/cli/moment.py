"""`--since`: how long ago, or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

AGO: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


def since_unix_ns(text: str, now: datetime) -> int:
    """`90s`, `30m`, `1.5h`, `2d`, `1w`, or an ISO date or time (local unless it names a zone). Raises ValueError."""
    moment = _moment(text.strip(), now)
    if moment > now:
        raise ValueError(f"{text!r} lies in the future")
    if moment < EARLIEST:
        raise ValueError(f"{text!r} lies before 1970")
    return (moment - EARLIEST) // timedelta(microseconds=1) * 1_000


def _moment(text: str, now: datetime) -> datetime:
    try:
        if ago := AGO.fullmatch(text.lower()):
            amount, unit = ago.groups()
            return now - timedelta(**{UNITS[unit]: float(amount)})
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):  # OSError: the zone of a very distant year
        raise ValueError(
            f"{text!r} is neither a time ago such as 30m, 1h or 2d nor a date such as 2026-01-31T09:00"
        ) from None
