"""The bar splits at the first token, stays inside the call's duration, and shares one scale with its neighbours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firsttoken.analyse.answers import CallRow
from firsttoken.call import Call
from firsttoken.page.bar import Bar, bar, scale_ms

from .samples import CUT, MS, RATE_LIMITED, STREAMED, WHOLE


def lasting(duration_ms: int) -> CallRow:
    timing = replace(STREAMED.timing, duration_ns=duration_ms * MS)
    return CallRow("0" * 32, "0" * 16, None, "shop", None, replace(STREAMED, timing=timing))


def with_timing(call: Call, **marks: int | None) -> Call:
    return replace(call, timing=replace(call.timing, **marks))


def parts(call: Call) -> tuple[float, float, float]:
    drawn = bar(call)
    return (drawn.waiting_ms, drawn.generating_ms, drawn.whole_ms)


def test_a_streamed_call_waits_until_its_first_token_and_then_generates() -> None:
    assert bar(STREAMED) == Bar(
        412.0, 2000.0, 0.0, "412\N{NO-BREAK SPACE}ms waiting, 2.00\N{NO-BREAK SPACE}s generating"
    )


def test_a_whole_answer_is_not_split() -> None:
    assert parts(WHOLE) == (0.0, 0.0, 1840.0)


def test_a_stream_without_any_chunk_only_waited() -> None:
    assert parts(RATE_LIMITED) == (640.0, 0.0, 0.0)


def test_a_stream_without_content_is_split_at_its_first_chunk() -> None:
    assert parts(with_timing(CUT, first_token_ns=None)) == (241.0, 963.0, 0.0)


@pytest.mark.parametrize(
    ("expected", "first_token_ns", "duration_ns"),
    [((100.0, 0.0, 0.0), 900 * MS, 100 * MS), ((0.0, 100.0, 0.0), -5 * MS, 100 * MS), ((0.0, 0.0, 0.0), 7, -100 * MS)],
)
def test_marks_that_contradict_each_other_are_drawn_inside_the_duration(
    expected: tuple[float, float, float], first_token_ns: int, duration_ns: int
) -> None:
    assert parts(with_timing(STREAMED, first_token_ns=first_token_ns, duration_ns=duration_ns)) == expected


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
