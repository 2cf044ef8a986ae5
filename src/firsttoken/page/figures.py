"""Numbers as words: every figure on the page gets its unit here. A value that is unknown is an en dash, never 0."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final

UNKNOWN: Final = "\N{EN DASH}"
SPACE: Final = "\N{NO-BREAK SPACE}"
SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£"}
SMALLEST_WRITTEN_OUT: Final = Decimal("1E-12")
LARGEST_WRITTEN_OUT: Final = Decimal("1E15")
MOST_DIGITS: Final = 30
LAST_UNIX_NS: Final = 253_402_214_400 * 1_000_000_000
"""9999-12-31: the last day that a date can be written for."""


def duration_ns(value_ns: float | None) -> str:
    """Three significant figures: milliseconds below one second, seconds above."""
    if value_ns is None:
        return UNKNOWN
    if value_ns < 0:
        return f"-{duration_ns(-value_ns)}"
    ms = value_ns / 1e6
    if ms == 0:
        return f"0{SPACE}ms"
    if ms < 999.5:
        return f"{_three_figures(ms)}{SPACE}ms"
    return f"{_three_figures(ms / 1e3)}{SPACE}s"


def duration_s(value_s: float | None) -> str:
    """The same for seconds."""
    return duration_ns(None if value_s is None else value_s * 1e9)


def count(value: int | None) -> str:
    """Digits in groups of three."""
    return UNKNOWN if value is None else f"{value:,}"


def size(value: int) -> str:
    """For example `12,040 bytes`."""
    return f"{count(value)}{SPACE}{'byte' if value == 1 else 'bytes'}"


def rate(per_second: float | None) -> str:
    """Tokens per second."""
    return UNKNOWN if per_second is None else f"{_three_figures(per_second)}{SPACE}tok/s"


def share(part: int, whole: int) -> str:
    """A percentage with one decimal. A share of nothing is unknown."""
    return UNKNOWN if whole == 0 else f"{100 * part / whole:.1f}{SPACE}%"


def money(amount: Decimal | None, currency: str) -> str:
    """Cents from one unit up, three significant figures below. An amount above zero never reads as zero."""
    if amount is None or not amount.is_finite():
        return UNKNOWN
    if amount == 0:
        return _with_currency("0", currency)
    if not SMALLEST_WRITTEN_OUT <= abs(amount) < LARGEST_WRITTEN_OUT:
        return _with_currency(f"{amount:.2e}", currency)
    places = 2 - min(amount.adjusted(), 0)
    digits = f"{amount:,.{places}f}"
    return _with_currency(f"{amount:,.2f}" if abs(Decimal(digits.replace(",", ""))) >= 1 else digits, currency)


def exact_money(amount: Decimal, currency: str) -> str:
    """Every digit that says something: zeros at the end of a fraction do not."""
    if not amount.is_finite():
        return UNKNOWN
    if abs(amount.adjusted()) >= MOST_DIGITS:
        return _with_currency(f"{amount:,}", currency)
    whole, point, fraction = f"{amount:,f}".partition(".")
    return _with_currency(f"{whole}{point}{fraction}".rstrip("0").rstrip(".") if point else whole, currency)


def clock(unix_ns: int, zone: tzinfo | None = None) -> str:
    """Time of day to the millisecond, in the zone of this machine unless another is given."""
    moment = _moment(unix_ns, zone)
    return UNKNOWN if moment is None else f"{moment:%H:%M:%S}.{unix_ns // 1_000_000 % 1000:03d}"


def day(unix_ns: int, zone: tzinfo | None = None) -> str:
    """ISO date, likewise."""
    moment = _moment(unix_ns, zone)
    return UNKNOWN if moment is None else f"{moment:%Y-%m-%d}"


def iso(unix_ns: int) -> str:
    """ISO 8601 in UTC, for machines."""
    moment = _moment(unix_ns, UTC)
    return "" if moment is None else moment.isoformat(timespec="milliseconds")


def _moment(unix_ns: int, zone: tzinfo | None) -> datetime | None:
    if not 0 < unix_ns < LAST_UNIX_NS:
        return None
    return datetime.fromtimestamp(unix_ns // 1_000_000_000, UTC).astimezone(zone)


def _three_figures(value: float) -> str:
    """Two below one, so that nothing above zero reads as zero."""
    if value >= 99.95:
        return f"{value:,.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.{1 - math.floor(math.log10(value))}f}"


def _with_currency(digits: str, currency: str) -> str:
    symbol = SYMBOLS.get(currency)
    if symbol is None:
        return f"{digits}{SPACE}{currency}"
    return f"-{symbol}{digits[1:]}" if digits.startswith("-") else f"{symbol}{digits}"
