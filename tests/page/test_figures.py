"""Figures on the page carry units, keep three significant figures and never turn "unknown" or "tiny" into zero."""

from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from firsttoken.page import figures

UNKNOWN = "\N{EN DASH}"
MIDNIGHT_EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("expected", "value_ns"),
    [
        (UNKNOWN, None),
        ("0 ms", 0),
        ("-5.00 ms", -5_000_000),
        ("0.040 ms", 40_000),
        ("0.0000010 ms", 1),
        ("0.15 ms", 150_000),
        ("4.20 ms", 4_200_000),
        ("42.0 ms", 42_000_000),
        ("412 ms", 412_300_000),
        ("999 ms", 999_499_999),
        ("1.00 s", 999_500_000),
        ("2.41 s", 2_412_000_000),
        ("72.4 s", 72_400_000_000),
        ("132 s", 132_000_000_000),
        ("5,000 s", 5_000_000_000_000),
    ],
)
def test_a_duration_is_in_milliseconds_below_one_second_and_in_seconds_above(
    expected: str, value_ns: int | None
) -> None:
    assert figures.duration_ns(value_ns).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [
        ("0 ms", 0),
        ("119 s", 119),
        ("2 min", 120),
        ("20 min 34 s", 1_234.4),
        ("120 min", 7_199.9),
        ("2 h 1 min", 7_260),
        ("47 h 59 min", 172_740),
        ("2 d", 172_800),
        ("1,000 d 5 h", 86_418_000),
    ],
)
def test_what_lasts_for_long_is_in_minutes_hours_or_days(expected: str, seconds: float) -> None:
    assert figures.lasting_ns(round(seconds * 10**9)).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("expected", "amount", "currency"),
    [
        (UNKNOWN, None, "USD"),
        ("$0", Decimal(0), "USD"),
        ("$0.000425", Decimal("0.000425"), "USD"),
        ("$0.00000000120", Decimal("1.2E-9"), "USD"),
        ("$0.0123", Decimal("0.01234"), "USD"),
        ("$1.00", Decimal("0.9999"), "USD"),
        ("$1,234.57", Decimal("1234.5678"), "USD"),
        ("€0.500", Decimal("0.5"), "EUR"),
        ("0.500 CHF", Decimal("0.5"), "CHF"),
        ("-$0.500", Decimal("-0.5"), "USD"),
        ("$1.00e+300", Decimal("1E+300"), "USD"),
        ("$1.00e-300", Decimal("1E-300"), "USD"),
        (UNKNOWN, Decimal("NaN"), "USD"),
    ],
)
def test_money_keeps_three_significant_figures_below_one_unit(
    expected: str, amount: Decimal | None, currency: str
) -> None:
    assert figures.money(amount, currency).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("expected", "amount"),
    [
        ("$0.00042512345", "0.00042512345000"),
        ("$100", "100.00"),
        ("$100", "100"),
        ("$0", "0.0000"),
        ("$1,234.5", "1234.5"),
        ("$1E+300", "1E+300"),
        (UNKNOWN, "Infinity"),
    ],
)
def test_exact_money_keeps_every_digit(expected: str, amount: str) -> None:
    assert figures.exact_money(Decimal(amount), "USD") == expected


@pytest.mark.parametrize(("expected", "value"), [(UNKNOWN, None), ("0", 0), ("1,234,567", 1_234_567)])
def test_a_count_is_grouped_by_thousands_and_unknown_is_not_zero(expected: str, value: int | None) -> None:
    assert figures.count(value) == expected


@pytest.mark.parametrize(("expected", "part", "whole"), [(UNKNOWN, 0, 0), ("0.0 %", 0, 3), ("33.3 %", 1, 3)])
def test_a_share_of_nothing_is_unknown(expected: str, part: int, whole: int) -> None:
    assert figures.share(part, whole).replace("\N{NO-BREAK SPACE}", " ") == expected


@pytest.mark.parametrize(
    ("expected", "per_second"), [(UNKNOWN, None), ("84.2 tok/s", 84.21), ("1,204 tok/s", 1203.7), ("0.50 tok/s", 0.5)]
)
def test_a_rate_names_its_unit(expected: str, per_second: float | None) -> None:
    assert figures.rate(per_second).replace("\N{NO-BREAK SPACE}", " ") == expected


def test_a_moment_is_shown_in_the_given_zone_and_kept_in_utc_for_machines() -> None:
    moment_ns = 1_795_391_999_123_456_789
    assert (figures.day(moment_ns, MIDNIGHT_EAST), figures.clock(moment_ns, MIDNIGHT_EAST), figures.iso(moment_ns)) == (
        "2026-11-23",
        "01:59:59.123",
        "2026-11-22T23:59:59.000+00:00",
    )


@pytest.mark.parametrize("unix_ns", [0, -1, 10**30])
def test_a_moment_that_no_clock_shows_is_unknown(unix_ns: int) -> None:
    assert (figures.clock(unix_ns), figures.day(unix_ns)) == (UNKNOWN, UNKNOWN)
