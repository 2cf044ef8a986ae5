"""Latency agrees with what one would work out by hand from the same calls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL, calls

from firsttoken.analyse.asking import answered
from firsttoken.analyse.latency import LATENCY, UPPER_NS, Bar, LatencyAnswer, LatencyOptions, Mark, Quantiles, Speeds
from firsttoken.call import Call, Timing, Usage, operation_called
from firsttoken.errors import NoCallsError
from firsttoken.store import Selection

from .conftest import Runs

MS: Final = 1_000_000
NOTHING: Final = Quantiles(0, None, None, None, None)
SHARES: Final = (0.5, 0.9, 0.95, 0.99)
WHOLE: Final = replace(SMALLEST_CALL, timing=Timing(1, 5 * MS))
STREAM: Final = replace(WHOLE, request=replace(WHOLE.request, stream=True))


def asked(runs: Runs, made: Sequence[Call], **options: object) -> LatencyAnswer:
    selection = Selection(run_id=runs.add(*made))
    return answered(LATENCY, runs.store, LatencyOptions(selection=selection, **options))  # type: ignore[arg-type]


def timed(call: Call, **marks: int) -> Call:
    return replace(call, timing=replace(call.timing, **marks))


def quantiles(values: Sequence[float]) -> Quantiles:
    """By hand: interpolated between the two nearest values."""
    if not values:
        return NOTHING
    ordered = sorted(values)
    places = [(len(values) - 1) * share for share in SHARES]
    found = [
        ordered[math.floor(place)]
        + (ordered[math.ceil(place)] - ordered[math.floor(place)]) * (place - math.floor(place))
        for place in places
    ]
    return Quantiles(len(values), *(pytest.approx(value / 1e9, rel=1e-9) for value in found))


def is_answer(call: Call) -> bool:
    kind = operation_called(call.request.operation)
    return kind.uses_tokens and not kind.is_about_earlier


def known(made: Sequence[Call], mark: str) -> list[int]:
    return [value for call in made if (value := getattr(call.timing, mark)) is not None]


@given(made=st.lists(calls, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_percentiles_are_those_one_would_work_out(runs: Runs, made: list[Call]) -> None:
    total = asked(runs, made).total
    answers = [call for call in made if is_answer(call)]
    streams = [call for call in answers if call.request.stream]
    assert (total.calls, total.streams) == (len(made), len(streams))
    assert total.headers == quantiles(known(answers, "headers_ns"))
    assert total.total == quantiles(known(answers, "duration_ns"))
    assert total.first_event == quantiles(known(streams, "first_chunk_ns"))
    assert total.first_token == quantiles(known(streams, "first_token_ns"))
    assert total.largest_gap == quantiles(known(streams, "largest_gap_ns"))
    assert total.provider_wait == quantiles(known(streams, "provider_wait_ns"))
    assert total.consumer_wait == quantiles(known(streams, "consumer_wait_ns"))


@given(made=st.lists(calls, min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_the_speed_of_a_call_is_the_one_that_the_call_says(runs: Runs, made: list[Call]) -> None:
    run_id = runs.add()
    records = runs.add_to(run_id, *made)
    options = LatencyOptions(selection=Selection(run_id=run_id), group_by=("span",))
    speeds = {row.group: row.output_tokens for row in answered(LATENCY, runs.store, options).rows}
    for record in records:
        speed = record.call.output_tokens_per_second
        expected = Speeds(0, None, None, None, None) if speed is None else Speeds(1, speed, speed, speed, speed)
        assert speeds[record.span_id,] == expected


@pytest.mark.parametrize(
    ("expected", "usage", "hidden"),
    [
        (100.0, Usage(output_tokens=101), False),
        (60.0, Usage(output_tokens=101, reasoning_tokens=40), True),
        (100.0, Usage(output_tokens=101, reasoning_tokens=40), False),
        (50.0, Usage(output_tokens=101, side_output_tokens=50), False),
        (None, Usage(output_tokens=101, partial=True), False),
        (None, Usage(output_tokens=1), False),
        (None, Usage(output_tokens=5, side_output_tokens=2**63 - 1), True),
        (None, Usage(), False),
        (None, None, False),
    ],
)
def test_speed_counts_what_came_after_the_first_token(
    runs: Runs, expected: float | None, usage: Usage | None, hidden: bool
) -> None:
    call = timed(STREAM, first_token_ns=MS, last_chunk_ns=1_001 * MS)
    call = replace(call, usage=usage, response=replace(call.response, hidden_reasoning=hidden))
    assert call.output_tokens_per_second == expected
    assert asked(runs, [call]).total.output_tokens.p50_per_s == expected


def test_the_slow_tail_of_the_speed_is_its_low_end(runs: Runs) -> None:
    timing = Timing(1, MS, first_token_ns=0, last_chunk_ns=1_000 * MS)
    made = [replace(STREAM, timing=timing, usage=Usage(output_tokens=number + 2)) for number in range(101)]
    assert asked(runs, made).total.output_tokens == Speeds(101, 51.0, 11.0, 6.0, 2.0)


def test_a_hundred_and_one_calls_have_the_percentiles_of_their_numbers(runs: Runs) -> None:
    made = [timed(WHOLE, duration_ns=number * MS) for number in range(101)]
    assert asked(runs, made).total.total == Quantiles(101, 0.05, 0.09, 0.095, 0.099)


def test_identical_values_are_every_percentile_of_theirs(runs: Runs) -> None:
    assert asked(runs, [WHOLE] * 7).total.total == Quantiles(7, 0.005, 0.005, 0.005, 0.005)


def test_one_call_is_every_percentile_by_itself(runs: Runs) -> None:
    total = asked(runs, [timed(STREAM, first_token_ns=2 * MS)]).total
    assert (total.first_token, total.headers) == (Quantiles(1, 0.002, 0.002, 0.002, 0.002), NOTHING)


def test_the_longest_times_there_can_be_are_no_overflow(runs: Runs) -> None:
    longest = 2**63 - 1
    marks = ("duration_ns", "first_chunk_ns", "first_token_ns", "largest_gap_ns", "provider_wait_ns")
    call = timed(STREAM, **dict.fromkeys((*marks, "consumer_wait_ns", "stalled_ns", "last_chunk_ns"), longest))
    total = asked(runs, [timed(call, stall_count=longest, chunk_count=2)] * 3).total
    assert total.first_token.p99_s == total.total.p50_s == pytest.approx(longest / 1e9)
    assert total.consumer_wait_sum_s == total.stalled_sum_s == pytest.approx(3 * longest / 1e9)
    assert total.stalls == 3 * longest


def test_without_a_stream_nothing_of_streams_is_known(runs: Runs) -> None:
    marks = ("first_chunk_ns", "first_token_ns", "largest_gap_ns", "provider_wait_ns", "consumer_wait_ns")
    total = asked(runs, [timed(WHOLE, stall_count=1, stalled_ns=9, **dict.fromkeys(marks, MS))]).total
    assert (total.calls, total.streams, total.total.count) == (1, 0, 1)
    assert {total.first_event, total.first_token, total.largest_gap, total.consumer_wait} == {NOTHING}
    assert (total.watched_streams, total.stalls, total.stalled_sum_s) == (0, 0, None)
    assert (total.provider_wait_sum_s, total.consumer_wait_sum_s) == (None, None)


def test_fetching_an_answer_is_a_call_and_no_latency(runs: Runs) -> None:
    call = timed(STREAM, headers_ns=1, first_chunk_ns=1, first_token_ns=1)
    fetch = replace(call, request=replace(call.request, operation="fetch_response"))
    answer = asked(runs, [fetch])
    assert (answer.total.calls, answer.total.streams) == (1, 0)
    assert {answer.total.headers, answer.total.first_token, answer.total.total} == {NOTHING}
    assert (answer.histograms, answer.slowest) == ((), ())


@pytest.mark.parametrize(
    ("expected_s", "first", "last", "count"),
    [
        (0.01, 0, 100 * MS, 11),
        (0.0, 5, 5, 2),
        (None, 5, 5, 1),
        (None, 5, 5, 0),
        (None, None, 5, 3),
        (None, 5, None, 3),
        (None, 5, 6, None),
        (None, 9, 5, 3),
    ],
)
def test_the_mean_gap_of_a_stream_is_between_its_first_and_last_event(
    runs: Runs, expected_s: float | None, first: int | None, last: int | None, count: int | None
) -> None:
    timing = replace(STREAM.timing, first_chunk_ns=first, last_chunk_ns=last, chunk_count=count)
    assert asked(runs, [replace(STREAM, timing=timing)]).total.mean_gap.p50_s == expected_s


def test_only_streams_that_were_watched_tell_of_stalls(runs: Runs) -> None:
    made = [STREAM, *(timed(STREAM, stall_count=count, stalled_ns=count * 1_000 * MS) for count in (0, 1, 3))]
    total = asked(runs, made).total
    assert (total.streams, total.watched_streams, total.stalled_streams) == (4, 3, 2)
    assert (total.stalls, total.stalled_sum_s) == (4, 4.0)


def test_the_time_of_provider_and_caller_is_added_where_both_are_known(runs: Runs) -> None:
    made = [
        timed(STREAM, provider_wait_ns=3_000 * MS, consumer_wait_ns=1_000 * MS),
        timed(STREAM, provider_wait_ns=50_000 * MS),
        timed(STREAM, consumer_wait_ns=70_000 * MS),
    ]
    total = asked(runs, made).total
    assert (total.provider_wait_sum_s, total.consumer_wait_sum_s) == (3.0, 1.0)


@pytest.mark.parametrize("mark", get_args(Mark))
def test_a_bar_ends_with_its_bound(runs: Runs, mark: str) -> None:
    column = {"headers": "headers_ns", "first_event": "first_chunk_ns", "total": "duration_ns"}.get(
        mark, "first_token_ns"
    )
    made = [timed(STREAM, **{column: value}) for bound in UPPER_NS for value in (bound, bound + 1)]
    histograms = {found.mark: found.bars for found in asked(runs, made).histograms}
    expected = [1, *[2] * (len(UPPER_NS) - 1), 1]
    uppers = [*(bound / 1e9 for bound in UPPER_NS), None]
    assert histograms[mark] == tuple(map(Bar, uppers, expected))  # type: ignore[index]


def test_bars_without_calls_stand_between_others_alone(runs: Runs) -> None:
    made = [timed(WHOLE, duration_ns=value * MS) for value in (12, 12, 28)]
    (histogram,) = asked(runs, made).histograms
    assert histogram.bars == (Bar(0.015, 2), Bar(0.02, 0), Bar(0.03, 1))


def test_every_group_has_its_row_and_histograms_and_all_have_the_total(runs: Runs) -> None:
    models = ("a", "a", None)
    made = [
        replace(timed(WHOLE, duration_ns=number * MS), request=replace(WHOLE.request, model=model))
        for number, model in enumerate(models, 1)
    ]
    answer = asked(runs, made, group_by=("model", "provider"))
    assert [(row.group, row.calls, row.total.p50_s) for row in answer.rows] == [
        (("a", "openai"), 2, 0.0015),
        ((None, "openai"), 1, 0.003),
    ]
    assert (answer.total.group, answer.total.calls) == ((), 3)
    assert {found.group: sum(bar.calls for bar in found.bars) for found in answer.histograms} == {
        (): 3,
        ("a", "openai"): 2,
        (None, "openai"): 1,
    }


def test_without_groups_the_total_is_the_one_row(runs: Runs) -> None:
    answer = asked(runs, [WHOLE])
    assert answer.rows == (answer.total,)


def test_the_slowest_calls_are_named_slowest_first(runs: Runs) -> None:
    made = [timed(STREAM, duration_ns=duration, first_token_ns=10 - duration) for duration in (3, 9, 5)]
    by_total = asked(runs, made, slowest=2).slowest
    by_first = asked(runs, made, slowest=1, slowest_by="first_token").slowest
    assert [call.total_s for call in by_total] == [9e-9, 5e-9]
    assert [call.first_token_s for call in by_first] == [7e-9]
    assert asked(runs, made, slowest=0).slowest == ()


def test_a_whole_answer_is_not_slow_to_its_first_token(runs: Runs) -> None:
    made = [timed(WHOLE, first_token_ns=99), STREAM]
    assert asked(runs, made, slowest_by="first_token").slowest == ()


def test_no_calls_are_no_answer(runs: Runs) -> None:
    with pytest.raises(NoCallsError):
        answered(LATENCY, runs.store, LatencyOptions(selection=Selection(run_id="nobody's run")))
