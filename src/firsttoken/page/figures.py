"""Numbers as words: every figure on the page gets its unit here. A value that is unknown is an en dash, never 0."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final

from firsttoken.page.ranges import DAY_NS, HOUR_NS, SECOND_NS

UNKNOWN: Final = "\N{EN DASH}"
MINUS: Final = "\N{MINUS SIGN}"
SPACE: Final = "\N{NO-BREAK SPACE}"
MINUTE_NS: Final = 60 * SECOND_NS
LONG_UNITS: Final = (
    (DAY_NS, "d", HOUR_NS, "h"),
    (HOUR_NS, "h", MINUTE_NS, "min"),
    (MINUTE_NS, "min", SECOND_NS, "s"),
)
"""Each with the parts that it has."""
SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£"}
SMALLEST_WRITTEN_OUT: Final = Decimal("1E-12")
LARGEST_WRITTEN_OUT: Final = Decimal("1E15")
MOST_DIGITS: Final = 30
CLOCKS_DIFFER_NS: Final = 60 * 1_000_000_000
"""Without anybody minding."""
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


def lasting_ns(value_ns: int) -> str:
    """The same for what may last for hours: from two minutes on in minutes and seconds, and so on up to days."""
    for length_ns, unit, part_ns, part in LONG_UNITS:
        if value_ns >= 2 * length_ns:
            whole, rest = divmod(round(value_ns / part_ns), length_ns // part_ns)
            return f"{whole:,}{SPACE}{unit}" + (f"{SPACE}{rest}{SPACE}{part}" if rest else "")
    return duration_ns(value_ns)


def duration_s(value_s: float | None) -> str:
    """The same for seconds."""
    return duration_ns(None if value_s is None else value_s * 1e9)


def seconds(value_ns: int) -> str:
    """A moment of a stream, to the millisecond."""
    return f"{value_ns / 1e9:,.3f}{SPACE}s"


def whole_seconds(value_ns: int) -> str:
    """For what goes on: whole seconds, which the page counts on. A clock that disagrees says zero."""
    return f"{max(value_ns, 0) // 1_000_000_000:,}{SPACE}s"


def count(value: int | None) -> str:
    """Digits in groups of three."""
    return UNKNOWN if value is None else f"{value:,}"


def counted(number: int, noun: str) -> str:
    """For example `1 span` or `2,040 spans`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def calls(number: int) -> str:
    return counted(number, "call")


def size(value: int) -> str:
    """For example `12,040 bytes`."""
    return f"{count(value)}{SPACE}{'byte' if value == 1 else 'bytes'}"


def megabytes(value: int) -> str:
    """Of the size of a file: three significant figures, in MB below one GB."""
    million = value / 1e6
    if million < 999.5:
        return f"{_three_figures(million) if value else '0'}{SPACE}MB"
    return f"{_three_figures(million / 1e3)}{SPACE}GB"


def age(value_s: float) -> str:
    """In the largest unit that it has one of, such as `30 days` or `12 hours`."""
    for unit_s, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if value_s >= unit_s:
            number = value_s / unit_s
            return f"{number:.3g} {name}" + ("" if number == 1 else "s")
    return f"{value_s:.3g} seconds"


def ahead_ns(unix_ns: int, now_unix_ns: int) -> int:
    """How far a moment is in the future; 0 for one that is not, and for as much as clocks may differ."""
    ahead = unix_ns - now_unix_ns
    return ahead if ahead > CLOCKS_DIFFER_NS else 0


def rate(per_second: float | None) -> str:
    """Tokens per second."""
    return UNKNOWN if per_second is None else f"{_three_figures(per_second)}{SPACE}tok/s"


def percent(part: float | None) -> str:
    """Of a share of 1, with one decimal."""
    return UNKNOWN if part is None else f"{100 * part:.1f}{SPACE}%"


def share(part: int, whole: int) -> str:
    """A percentage with one decimal. A share of nothing is unknown."""
    return percent(part / whole if whole else None)


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


def money_more(amount: Decimal | None, currency: str) -> str:
    """A difference, with its sign."""
    if not amount:
        return money(amount, currency)
    return f"{MINUS if amount < 0 else '+'}{money(abs(amount), currency)}"


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


def minute(unix_ns: int, zone: tzinfo | None = None) -> str:
    """ISO date and time of day to the minute, likewise."""
    moment = _moment(unix_ns, zone)
    return UNKNOWN if moment is None else f"{moment:%Y-%m-%d %H:%M}"


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
    if value == 0:
        return "0"
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
