from datetime import UTC, datetime, timedelta

import pytest

from firsttoken.analyse.moment import since_unix_ns

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def unix_ns(moment: datetime) -> int:
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000_000 + moment.microsecond * 1_000


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("1h", timedelta(hours=1)),
        ("1.5h", timedelta(minutes=90)),
        (" 2D ", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("0s", timedelta()),
    ],
)
def test_an_amount_and_a_unit_count_back_from_now(text: str, ago: timedelta) -> None:
    assert unix_ns(NOW - ago) == since_unix_ns(text, NOW)


@pytest.mark.parametrize("text", ["2026-02-28T10:30:00Z", "2026-02-28 11:30:00+01:00", "20260228T103000Z"])
def test_an_iso_time_with_a_zone_means_that_moment(text: str) -> None:
    assert unix_ns(datetime(2026, 2, 28, 10, 30, tzinfo=UTC)) == since_unix_ns(text, NOW)


def test_a_date_without_a_zone_means_midnight_here() -> None:
    assert unix_ns(datetime(2026, 2, 28).astimezone()) == since_unix_ns("2026-02-28", NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "h",
        "1y",
        "-1h",
        "1h30m",
        "yesterday",
        "2026-13-01",
        "0001-01-01",
        "9" * 400 + "d",
        "٣h\x1b[31m",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is neither a time ago|lies before 1970"):
        since_unix_ns(text, NOW)


@pytest.mark.parametrize("text", ["2026-03-02T00:00:00Z", "2999-01-01"])
def test_a_moment_that_is_still_to_come_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="lies in the future"):
        since_unix_ns(text, NOW)


@pytest.mark.parametrize("text", ["1969-12-31T00:00:00Z", "99999d"])
def test_a_moment_before_the_clock_began_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="lies before 1970"):
        since_unix_ns(text, NOW)
