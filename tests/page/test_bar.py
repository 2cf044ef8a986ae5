"""The bar splits at the first event and the first token, stays inside the call, and shares one scale with its rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firsttoken.analyse.answers import CallRow
from firsttoken.call import Call
from firsttoken.page.bar import bar, scale_ms

from .samples import CUT, MS, RATE_LIMITED, STREAMED, WHOLE


def lasting(duration_ms: int) -> CallRow:
    timing = replace(STREAMED.timing, duration_ns=duration_ms * MS)
    return CallRow("0" * 32, "0" * 16, None, "shop", None, replace(STREAMED, timing=timing))


def with_timing(call: Call, **marks: int | None) -> Call:
    return replace(call, timing=replace(call.timing, **marks))


def parts(call: Call) -> tuple[float, float, float, float]:
    drawn = bar(call)
    return (drawn.waiting_ms, drawn.first_ms, drawn.generating_ms, drawn.whole_ms)


def test_a_streamed_call_waits_for_its_first_event_and_its_first_token_and_then_generates() -> None:
    words = "241 ms waiting, 171 ms to the first token, 2.00 s generating"
    drawn = bar(STREAMED)
    assert parts(STREAMED) == (241.0, 171.0, 2000.0, 0.0)
    assert drawn.words.replace("\N{NO-BREAK SPACE}", " ") == words
    assert drawn.total_ms == 2412.0


def test_a_whole_answer_is_not_split() -> None:
    assert parts(WHOLE) == (0.0, 0.0, 0.0, 1840.0)


def test_a_stream_without_any_chunk_only_waited() -> None:
    assert parts(RATE_LIMITED) == (640.0, 0.0, 0.0, 0.0)


def test_a_stream_without_content_is_split_at_its_first_chunk() -> None:
    assert parts(with_timing(CUT, first_token_ns=None)) == (241.0, 0.0, 963.0, 0.0)


def test_what_a_stream_stood_still_in_all_is_drawn_where_that_began() -> None:
    stalled = with_timing(STREAMED, stall_count=2, stalled_ns=700 * MS, first_stall_ns=900 * MS)
    assert (bar(stalled).stalled_from_ms, bar(stalled).stalled_ms) == (900.0, 700.0)
    assert bar(stalled).words.endswith(", 700\N{NO-BREAK SPACE}ms of it stalled")
    assert bar(stalled).total_ms == bar(STREAMED).total_ms


@pytest.mark.parametrize("marks", [{"stall_count": 0}, {"stall_count": None}, {"stalled_ns": None}])
def test_a_stream_of_which_no_stall_is_known_shows_none(marks: dict[str, int | None]) -> None:
    marks = {"stall_count": 1, "stalled_ns": 5 * MS, "first_stall_ns": MS} | marks
    assert bar(with_timing(STREAMED, **marks)).stalled_ms == 0.0


@pytest.mark.parametrize(
    ("expected", "first_token_ns", "duration_ns"),
    [
        ((100.0, 0.0, 0.0, 0.0), 900 * MS, 100 * MS),
        ((0.0, 0.0, 100.0, 0.0), -5 * MS, 100 * MS),
        ((0.0, 0.0, 0.0, 0.0), 7, -100 * MS),
    ],
)
def test_marks_that_contradict_each_other_are_drawn_inside_the_duration(
    expected: tuple[float, float, float, float], first_token_ns: int, duration_ns: int
) -> None:
    stall = {"stall_count": 1, "stalled_ns": 10**12, "first_stall_ns": 50 * MS}
    drawn = with_timing(STREAMED, first_token_ns=first_token_ns, duration_ns=duration_ns, **stall)
    assert parts(drawn) == expected
    assert bar(drawn).stalled_from_ms + bar(drawn).stalled_ms <= bar(drawn).total_ms


@pytest.mark.parametrize(
    ("expected_ms", "durations_ms"),
    [
        (1.0, []),
        (1.0, [0]),
        (1.0, [1]),
        (500.0, [412]),
        (1000.0, [1000]),
        (2500.0, [900, 2412]),
        (10_000.0, [3000, 4000, 8100]),
        (100_000.0, [99_000]),
    ],
)
def test_the_scale_is_a_round_figure_above_the_longest_call(expected_ms: float, durations_ms: list[int]) -> None:
    assert scale_ms(lasting(duration) for duration in durations_ms) == expected_ms


def test_one_call_far_longer_than_the_others_reaches_past_the_scale() -> None:
    assert scale_ms([lasting(1_000)] * 19 + [lasting(60_000)]) == 2_000.0
