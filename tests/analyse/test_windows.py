"""Windows begin and end where the calendar says, in UTC; rolling ones end now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from firsttoken.analyse.windows import longest, window_at


def ns(text: str) -> int:
    return (
        (datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC))
        // timedelta(microseconds=1)
        * 1_000
    )


@pytest.mark.parametrize(
    ("window", "now", "since", "until"),
    [
        ("hour", "2026-11-22T12:34:56.789", "2026-11-22T12:00", "2026-11-22T13:00"),
        ("day", "2026-11-22T00:00", "2026-11-22", "2026-11-23"),
        ("day", "2026-11-22T23:59:59.999999", "2026-11-22", "2026-11-23"),
        ("week", "2026-11-22T12:00", "2026-11-16", "2026-11-23"),
        ("week", "2026-11-23T00:00", "2026-11-23", "2026-11-30"),
        ("month", "2026-02-28T23:00", "2026-02-01", "2026-03-01"),
        ("month", "2026-12-31T23:00", "2026-12-01", "2027-01-01"),
        ("month", "2026-03-29T01:30", "2026-03-01", "2026-04-01"),
    ],
)
def test_a_window_of_the_calendar_holds_from_its_first_moment_to_the_first_after_it(
    window: str, now: str, since: str, until: str
) -> None:
    assert window_at(window, ns(now)) == (ns(since), ns(until))


@pytest.mark.parametrize(
    ("window", "length"),
    [
        ("rolling 90m", timedelta(minutes=90)),
        ("rolling 24h", timedelta(hours=24)),
        ("rolling 7d", timedelta(days=7)),
        ("rolling 2w", timedelta(weeks=2)),
    ],
)
def test_a_rolling_window_ends_with_now_and_is_as_long_as_it_says(window: str, length: timedelta) -> None:
    now = ns("2026-11-22T12:00") + 7
    since, until = window_at(window, now)
    assert (until, until - since) == (now + 1, length // timedelta(microseconds=1) * 1_000)
    assert longest(window) == length


@pytest.mark.parametrize("window", ["", "year", "rolling", "rolling 0h", "rolling 24", "rolling ٣h", "24h"])
def test_anything_else_is_no_window(window: str) -> None:
    with pytest.raises(ValueError, match=f"^{window}$"):
        longest(window)
