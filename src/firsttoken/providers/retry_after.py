"""How long a provider asks to be left alone, from the headers of its answer.

Source: RFC 9110, section 10.2.3; `retry-after-ms` is OpenAI's and Azure's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

LONGEST_S: Final = 10.0 * 365 * 24 * 3600
"""Whoever asks for more does not mean it."""


def retry_after_ns(headers: Mapping[str, str], now: datetime) -> int | None:
    """Nanoseconds; None where nothing is asked for, or nothing that can be understood."""
    seconds = _seconds(headers.get("retry-after-ms"), 1000.0)
    asked = headers.get("retry-after")
    if seconds is None:
        seconds = _seconds(asked, 1.0)
    if seconds is None and (moment := moment_in(asked)) is not None:
        # By the provider's own clock, where it tells: ours may be wrong.
        seconds = max((moment - (moment_in(headers.get("date")) or now)).total_seconds(), 0.0)
    return None if seconds is None or seconds > LONGEST_S else round(seconds * 1e9)


def _seconds(value: str | None, in_a_second: float) -> float | None:
    try:
        number = float(value or "") / in_a_second
    except ValueError:
        return None
    return number if number >= 0 else None


def moment_in(value: str | None) -> datetime | None:
    """What an HTTP date says."""
    from email.utils import parsedate_to_datetime  # costly to import, and few providers send a date

    try:
        moment = parsedate_to_datetime(value or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
