"""Phases are neighbours that cover the whole call, whatever was observed of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.call import Call, Outcome, Timing
from firsttoken.page.phases import phases

from .samples import MS, NO_USAGE, RATE_LIMITED, STREAMED, TIMED_OUT, WHOLE

MARKS = st.none() | st.integers(-(10**19), 10**19)


def told(call: Call) -> list[tuple[str, int, int]]:
    return [(phase.name, phase.started_ns // MS, phase.ended_ns // MS) for phase in phases(call)]


def test_a_stream_passes_through_every_phase() -> None:
    assert told(STREAMED) == [
        ("Waiting for headers", 0, 188),
        ("Waiting for the first chunk", 188, 241),
        ("Waiting for the first token", 241, 412),
        ("Generating", 412, 2405),
        ("Ending", 2405, 2412),
    ]


def test_a_whole_answer_has_headers_and_a_body() -> None:
    assert told(WHOLE) == [("Waiting for headers", 0, 1790), ("Receiving the whole answer", 1790, 1840)]


def test_a_stream_without_content_generated_nothing() -> None:
    silent = replace(NO_USAGE, timing=replace(NO_USAGE.timing, first_token_ns=None))
    assert [name for name, _, _ in told(silent)] == [
        "Waiting for headers",
        "Waiting for the first chunk",
        "Chunks without content",
        "Ending",
    ]


@pytest.mark.parametrize(
    ("expected", "call"),
    [
        ("Until it failed", RATE_LIMITED),
        ("Until the time limit", TIMED_OUT),
        ("Until the caller closed the stream", replace(STREAMED, outcome=Outcome.CLOSED)),
        ("Until the stream was given up", replace(STREAMED, outcome=Outcome.ABANDONED)),
        ("Until it was cancelled", replace(STREAMED, outcome=Outcome.CANCELLED)),
        ("Whole call", replace(STREAMED, timing=Timing(0, 5))),
    ],
)
def test_the_last_phase_says_how_the_call_ended(expected: str, call: Call) -> None:
    assert phases(call)[-1].name == expected


@given(st.integers(-(10**19), 10**19), MARKS, MARKS, MARKS, MARKS)
def test_phases_cover_the_duration_without_gap_or_overlap(
    duration_ns: int, headers: int | None, chunk: int | None, token: int | None, last: int | None
) -> None:
    timing = Timing(0, duration_ns, headers_ns=headers, first_chunk_ns=chunk, first_token_ns=token, last_chunk_ns=last)
    found = phases(replace(STREAMED, timing=timing))
    assert [0, *(phase.ended_ns for phase in found)] == [*(phase.started_ns for phase in found), max(duration_ns, 0)]
    assert all(phase.duration_ns >= 0 for phase in found)
