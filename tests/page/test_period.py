"""The time of a view: the last day of the data where none is asked for, and as much time before to hold it against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from firsttoken.page.period import Period, period_of
from firsttoken.page.question import Subject
from firsttoken.page.ranges import DAY_NS, HOUR_NS
from firsttoken.store import Batch, Selection, Store

from .samples import NOON_NS
from .site import record
from .spenders import a_call

LAST_NS = NOON_NS + HOUR_NS
CALLS = (a_call(0, hours=-50), a_call(0), a_call(0, hours=1))


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        opened.write(Batch(calls=tuple(map(record, CALLS)))).result(30)
        yield opened


def test_without_a_time_it_is_the_last_day_up_to_the_newest_call(store: Store) -> None:
    period = period_of(store, Subject(Selection(models=("x",))), LAST_NS + 10)
    assert period.selection == Selection(models=("x",), since_unix_ns=LAST_NS + 1 - DAY_NS)
    assert period.end_unix_ns == LAST_NS + 1


def test_a_call_of_tomorrow_moves_no_period(store: Store) -> None:
    assert period_of(store, Subject(), NOON_NS + 1).end_unix_ns == NOON_NS + 1


@pytest.mark.parametrize(
    ("expected", "asked"),
    [
        (True, Selection()),
        (True, Selection(models=("gpt-5.1",), since_unix_ns=NOON_NS)),
        (False, Selection(models=("claude-*",))),
        (True, Selection(since_unix_ns=LAST_NS)),
        (False, Selection(since_unix_ns=LAST_NS + 1)),
        (False, Selection(until_unix_ns=NOON_NS)),
    ],
)
def test_calls_of_the_future_are_left_out_where_some_were_asked_for(
    store: Store, expected: bool, asked: Selection
) -> None:
    assert period_of(store, Subject(asked), NOON_NS + 1).is_outrun == expected
    assert not period_of(store, Subject(asked), LAST_NS + 1).is_outrun


def test_all_is_asked_for_where_there_is_less_than_a_day() -> None:
    with Store.open(None) as store:
        store.write(Batch(calls=(record(CALLS[1]),))).result(30)
        period = period_of(store, Subject(), LAST_NS)
    assert (period.selection, period.before, period.since_unix_ns) == (Selection(), None, NOON_NS)


def test_an_empty_store_has_no_period() -> None:
    with Store.open(None) as store:
        period = period_of(store, Subject(), LAST_NS)
    assert (period.is_empty, period.before, period.selection) == (True, None, Selection())


@pytest.mark.parametrize(
    ("before", "is_recorded", "hours"),
    [((-1, 0), True, (0, 1)), ((-40, -20), True, (-20, 0)), ((-70, -35), False, (-35, 0)), (None, False, (-50, 0))],
)
def test_the_time_before_is_as_long(before: tuple[int, int] | None, is_recorded: bool, hours: tuple[int, int]) -> None:
    since, until = (NOON_NS + each * HOUR_NS for each in hours)
    asked = Selection(since_unix_ns=since, until_unix_ns=until, search="x")
    period = Period(asked, NOON_NS - 50 * HOUR_NS, until, False, Subject(asked), until)
    expected = None if before is None else tuple(NOON_NS + each * HOUR_NS for each in before)
    found = period.before
    assert (None if found is None else (found.since_unix_ns, found.until_unix_ns)) == expected
    assert (found is None or found.search == "x", period.is_recorded_before) == (True, is_recorded)


def test_one_range_is_the_one_shown(store: Store) -> None:
    asked = period_of(store, Subject(), LAST_NS + 10)
    assert [each.name for each in asked.choices() if each.is_shown] == ["Day"]
    everything = period_of(store, Subject(Selection(since_unix_ns=0)), LAST_NS + 10)
    assert [each.name for each in everything.choices() if each.is_shown] == ["All"]
    hour = period_of(store, Subject(Selection(since_unix_ns=LAST_NS + 7 - HOUR_NS), "1h"), LAST_NS + 10)
    assert [each.name for each in hour.choices() if each.is_shown] == ["Hour"]


def test_a_range_that_has_calls_goes_on_with_the_clock_and_another_ends_with_the_newest_call(store: Store) -> None:
    now_ns = LAST_NS + 2 * HOUR_NS
    choices = period_of(store, Subject(Selection(models=("x",))), now_ns).choices()
    hour = LAST_NS + 1 - HOUR_NS
    assert [each.asked.address("/overview").partition("&model=x")[0] for each in choices] == [
        f"/overview?since={LAST_NS + 1 - HOUR_NS // 4}",
        f"/overview?since={hour}",
        "/overview?since=24h",
        "/overview?since=7d",
        "/overview?since=30d",
        "/overview?since=0",
    ]
    past = period_of(store, Subject(Selection(until_unix_ns=LAST_NS + 1)), LAST_NS + 2).choices()
    assert [each.asked.ago for each in past] == [None] * 6


def test_a_time_in_which_no_call_has_started_yet_lasts_until_now(store: Store) -> None:
    now_ns = LAST_NS + 2 * HOUR_NS
    period = period_of(store, Subject(Selection(since_unix_ns=now_ns - HOUR_NS // 2), "30m"), now_ns)
    assert (period.since_unix_ns, period.told_until_unix_ns) == (now_ns - HOUR_NS // 2, now_ns)
    assert period_of(store, Subject(), now_ns).told_until_unix_ns == LAST_NS + 1
