"""What happened over time agrees with what one would work out by hand from the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL, calls

from firsttoken.analyse.asking import answered
from firsttoken.analyse.latency import LATENCY, LatencyOptions
from firsttoken.analyse.steps import AROUND, MOST, ROUND_S, Steps
from firsttoken.analyse.trend import TREND, TrendAnswer, TrendOptions
from firsttoken.call import Call, CallContext, Ledger
from firsttoken.errors import NoCallsError, SelectionError
from firsttoken.store import Selection, Store

from .conftest import Runs

SECOND_NS: Final = 10**9
MINUTE_NS: Final = 60 * SECOND_NS
NINE: Final = 1_795_251_600 * SECOND_NS
"""Of some morning, in UTC."""


def asked(runs: Runs, made: Sequence[Call], **options: object) -> TrendAnswer:
    selection = Selection(run_id=runs.add(*made))
    return answered(TREND, runs.store, TrendOptions(selection=selection, **options))  # type: ignore[arg-type]


def at(seconds: float, call: Call = SMALLEST_CALL, user: str | None = None) -> Call:
    request = replace(call.request, context=CallContext(user_id=user))
    return replace(
        call, request=request, timing=replace(call.timing, started_unix_ns=NINE + round(seconds * SECOND_NS))
    )


@given(made=st.lists(st.tuples(st.integers(0, 500), calls), min_size=1, max_size=8), step_s=st.sampled_from([7, 60]))
@settings(max_examples=25, deadline=None)
def test_each_step_says_what_latency_and_a_sum_say_of_its_calls(
    runs: Runs, made: list[tuple[int, Call]], step_s: int
) -> None:
    every = [at(second, call) for second, call in made]
    found = asked(runs, every, step_s=step_s)
    assert sum(row.calls for row in found.rows) == len(every)
    for row in found.rows:
        inside = [call for call in every if 0 <= call.timing.started_unix_ns - row.start_unix_ns < step_s * SECOND_NS]
        alone = answered(LATENCY, runs.store, LatencyOptions(selection=Selection(run_id=runs.add(*inside)))).total
        assert (row.calls, row.first_token, row.total) == (len(inside), alone.first_token, alone.total)
        stalls = (alone.stalls, alone.stalled_streams) if alone.watched_streams else (None, None)
        assert (row.stalls, row.stalled_streams) == stalls
        assert row.output_tokens_per_second == alone.output_tokens.p50_per_s
        assert row.errors == sum(call.outcome.is_error for call in inside)
        assert row.input_tokens == total([call.usage and call.usage.input_tokens for call in inside])
        assert row.cache_read_tokens == total([call.usage and call.usage.cache_read_tokens for call in inside])
        assert row.cost == costs(inside)


def total(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def costs(made: Sequence[Call]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for call in made:
        if isinstance(call.cost, Ledger):
            found[call.cost.currency] = found.get(call.cost.currency, Decimal(0)) + call.cost.total
    return found


def test_steps_are_round_and_begin_where_a_clock_is_round(runs: Runs) -> None:
    found = asked(runs, [at(3), at(3.5), at(3600)])
    assert (found.step_s, found.since_unix_ns, found.until_unix_ns) == (60, NINE, NINE + 61 * MINUTE_NS)
    assert [(row.start_unix_ns, row.calls) for row in found.rows] == [(NINE, 2), (NINE + 60 * MINUTE_NS, 1)]


def test_groups_that_are_too_many_are_counted_and_left_out(runs: Runs) -> None:
    made = [
        at(0, user="a"),
        at(70, user="a"),
        at(80, user="a"),
        at(0, user="b"),
        at(1, user="b"),
        at(0),
        at(5, user="c"),
    ]
    found = asked(runs, made, group_by=("user",), groups=2, step_s=60)
    assert [(row.group, row.start_unix_ns - NINE, row.calls) for row in found.rows] == [
        (("a",), 0, 1),
        (("a",), MINUTE_NS, 2),
        (("b",), 0, 2),
    ]
    assert (found.left_out_calls, found.left_out_groups) == (2, 2)


def test_no_calls_are_an_answer_and_a_filter_that_none_passes_is_a_slip(runs: Runs) -> None:
    with Store.open(None) as empty:
        assert answered(TREND, empty, TrendOptions()).rows == ()
    with pytest.raises(NoCallsError):
        answered(TREND, runs.store, TrendOptions(selection=Selection(run_id="nobody's")))


def test_a_step_too_short_for_the_time_is_refused(runs: Runs) -> None:
    with pytest.raises(SelectionError, match=r"10,001 steps of 1 s are too many: use a longer step"):
        asked(runs, [at(0), at(MOST)], step_s=1)


@given(first=st.integers(0, 2**62), length=st.integers(0, 2**62), step_s=st.none() | st.integers(1, 10**6))
def test_steps_hold_all_of_the_time_and_nothing_beside_it(first: int, length: int, step_s: int | None) -> None:
    try:
        steps = Steps.over(first, first + length, step_s)
    except SelectionError:
        assert step_s is not None
        return
    assert 0 <= first - steps.origin_unix_ns < steps.step_ns
    assert 0 < steps.until_unix_ns - (first + length) <= steps.step_ns
    if step_s is None:
        assert steps.count <= AROUND or steps.step_ns == ROUND_S[-1] * SECOND_NS


def test_a_week_begins_on_monday() -> None:
    monday = 1_795_392_000
    steps = Steps.over((monday + 5 * 86_400) * SECOND_NS, (monday + 100 * 7 * 86_400) * SECOND_NS, None)
    assert (steps.step_ns, steps.origin_unix_ns) == (7 * 86_400 * SECOND_NS, monday * SECOND_NS)
