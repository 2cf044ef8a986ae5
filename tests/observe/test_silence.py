"""A stream that says nothing new for too long is seen while it does, and keep-alives are nothing new."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import PATIENCE_S, until

from firsttoken import Settings
from firsttoken.call import Outcome, Request, Stall
from firsttoken.observe.pace import Pace
from firsttoken.observe.recording import Recording
from firsttoken.observe.silence import Silence
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.openai_completions import OpenAICompletions
from firsttoken.providers.openai_responses import OpenAIResponses
from firsttoken.testing import CapturedTelemetry, Delivery, Gate, ProviderServer, RawAnswer, data_event, text_answer
from observe.asking import opened, read, streamed, using
from observe.program import DONE, PROGRAMS, Program

S = 10**9


class NoSink:
    """Where nothing goes."""

    def started(self, recording: Recording) -> None: ...
    def gaps(self, recording: Recording) -> None: ...
    def finished(self, recording: Recording) -> None: ...


def silence_of(patience: int, marks: list[int], keep_alives: set[int], waited: int = 0) -> Silence:
    """Of a stream that was handed over at 0 and had its first token with its first chunk."""
    silence, pace = Silence(patience, 0), Pace()
    silence.keep_alives |= keep_alives
    pace.take(marks)
    silence.take(marks, pace.longest, marks[1])
    silence.end(waited, marks[1])
    return silence


def test_a_long_wait_is_a_stall_and_the_callers_own_time_is_not() -> None:
    silence = silence_of(10, [0, 5, 105, 110, 110, 125], set())
    assert (silence.stalls, silence.count, silence.total) == ([Stall(110, 15)], 1, 15)


def test_keep_alives_do_not_end_a_stall() -> None:
    silence = silence_of(10, [0, 5, 5, 9, 9, 13, 14, 18], {9, 13})
    assert (silence.stalls, silence.stages) == ([Stall(5, 12)], {"mid_stream": 1})


def test_a_stream_that_ends_without_another_word_has_stalled() -> None:
    assert silence_of(10, [0, 5, 5], set(), waited=30).stalls == [Stall(5, 30)]
    assert silence_of(10, [0, 5, 5, 12], {12}, waited=4).stalls == [Stall(5, 11)]
    assert silence_of(10, [0, 5, 5, 12], {12}, waited=2).stalls == []


def test_a_chunk_that_comes_when_another_thread_has_ended_the_call_is_no_trouble() -> None:
    recording = Recording(
        Request("chat", "openai", "openai.chat_completions"), OpenAIChat(), NoSink(), time.perf_counter_ns
    )
    recording.streaming()
    recording.marks += (1, 2)
    recording.finish(Outcome.CLOSED)
    recording.call()
    recording.turn()
    assert (recording.first_token, recording.arrived) == (0, 0)


def test_what_comes_before_the_first_token_is_told_apart() -> None:
    silence = Silence(10, 0)
    silence.take([0, 20, 20, 25, 25, 60], 35, 25)
    assert silence.stages == {"before_content": 1, "mid_stream": 1}


@given(
    steps=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), st.booleans()), min_size=1, max_size=30),
    cut=st.integers(0, 30),
)
def test_marks_taken_in_two_parts_have_the_same_stalls(steps: list[tuple[int, int, bool]], cut: int) -> None:
    marks: list[int] = []
    keep_alives: set[int] = set()
    now = 0
    for idle, wait, is_keep_alive in steps:
        marks += [now + idle, now + idle + wait + 1]
        now = marks[-1]
        if is_keep_alive:
            keep_alives.add(now)
    whole, parts = silence_of(20, marks, keep_alives), Silence(20, 0)
    parts.keep_alives |= keep_alives
    for part in (marks[: 2 * cut], marks[2 * cut :]):
        if part:
            pace = Pace()
            pace.take(part)
            parts.take(part, pace.longest, marks[1])
    parts.end(0, marks[1])
    assert (whole.stalls, whole.count, whole.total) == (parts.stalls, parts.count, parts.total)


def test_a_silence_is_told_once_while_it_lasts() -> None:
    silence = Silence(10, 0)
    marks = [0, 5, 5, 9, 9]
    silence.keep_alives.add(9)
    assert [silence.lasts(marks, now) for now in (14, 15, 16)] == [False, True, False]
    assert not silence.lasts([0, 5, 5, 9, 9, 20], 99)  # it is the caller's turn
    assert silence.lasts([0, 5, 5, 9, 9, 20, 21], 31)


def chat(delta: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}], **more}


@pytest.mark.parametrize(
    ("wire", "chunk", "is_progress"),
    [
        (OpenAIChat(), chat({}), False),
        (OpenAIChat(), chat({"role": "assistant", "content": ""}), False),
        (OpenAIChat(), chat({"content": "a"}), True),
        (OpenAIChat(), chat({"tool_calls": [{"index": 0}]}), True),
        (OpenAIChat(), chat({"something_new": 1}), True),
        (OpenAIChat(), chat({}, usage={"total_tokens": 1}), True),
        (OpenAIChat(), {"choices": [{"delta": {}, "finish_reason": "stop"}]}, True),
        (OpenAIChat(), {"choices": []}, False),
        (OpenAICompletions(), {"choices": [{"text": ""}]}, False),
        (OpenAICompletions(), {"choices": [{"text": "a"}]}, True),
        (OpenAIResponses(), {"type": "keepalive"}, False),
        (OpenAIResponses(), {"type": "response.output_text.delta", "delta": ""}, False),
        (OpenAIResponses(), {"type": "response.output_text.delta", "delta": "a"}, True),
        (OpenAIResponses(), {"type": "response.something_new"}, True),
        (AnthropicMessages(), {"type": "ping"}, False),
        (AnthropicMessages(), {"type": "content_block_delta", "delta": {"type": "text_delta", "text": ""}}, False),
        (AnthropicMessages(), {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}}, True),
        (AnthropicMessages(), {"type": "content_block_stop"}, True),
    ],
)
def test_what_says_nothing_is_no_progress(wire: Any, chunk: dict[str, Any], is_progress: bool) -> None:
    assert wire.is_progress(chunk) == is_progress


def stalls_told(telemetry: CapturedTelemetry) -> dict[object, int | float]:
    points = telemetry.points_of("firsttoken.client.stalls")
    return {point["attributes"]["firsttoken.stall.stage"]: point["value"] for point in points}


def test_a_stream_that_hangs_is_counted_while_it_still_hangs_and_once(
    instrumented: Any, telemetry: CapturedTelemetry, server: ProviderServer, program: Program, sdk: str
) -> None:
    gate = Gate()
    server.enqueue(text_answer(delivery=Delivery(before={3: gate})))

    async def work(client: Any) -> None:
        stream = await opened(program, client)

        async def read_it() -> None:
            await read(program, stream)

        def look() -> None:
            until(lambda: bool(stalls_told(telemetry)))
            gate.open()

        looking = threading.Thread(target=look)
        looking.start()
        await read_it()
        looking.join()

    with instrumented(Settings(stall_s=0.05)):
        using(program, sdk, server, work)
    (span,) = telemetry.spans
    (stall, *_) = [event for event in span["events"] if event["name"] == "firsttoken.stall"]
    length = stall["attributes"]["firsttoken.stall.length"]
    assert isinstance(length, float)
    assert length >= 0.05
    assert span["start_unix_ns"] <= stall["time_unix_ns"] < span["end_unix_ns"]
    assert sum(stalls_told(telemetry).values()) == span["attributes"]["firsttoken.stall.count"]


EMPTY_DELTA = data_event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"} | chat({}))


def test_a_stream_of_keep_alives_alone_has_stalled(
    instrumented: Any, telemetry: CapturedTelemetry, server: ProviderServer, program: Program
) -> None:
    server.enqueue(RawAnswer(chunks=(EMPTY_DELTA,) * 20_000, delivery=Delivery(each_after=0.005)))

    async def work(client: Any) -> None:
        """Reads keep-alives, none of them after a long wait, until the counter has risen."""
        stream = await opened(program, client)
        chunks, deadline = program.iterate(stream), time.monotonic() + PATIENCE_S
        while not stalls_told(telemetry) and time.monotonic() < deadline:
            for _ in range(10):  # To collect metrics takes longer than a chunk.
                assert await program.next(chunks) is not DONE
        await program.close(stream)

    with instrumented(Settings(stall_s=0.5)):
        using(program, "openai", server, work)
    (span,) = telemetry.spans
    assert stalls_told(telemetry) == {"before_content": span["attributes"]["firsttoken.stall.count"]}
    assert span["attributes"]["firsttoken.stall.time"] >= 0.5  # type: ignore[operator]


@pytest.mark.parametrize(("stall_s", "count"), [(10.0, 0), (0.0, None)])
def test_a_stream_that_goes_on_has_no_stall(
    instrumented: Any, telemetry: CapturedTelemetry, server: ProviderServer, sdk: str, stall_s: float, count: int | None
) -> None:
    sync = PROGRAMS["sync"]
    with instrumented(Settings(stall_s=stall_s)):
        using(sync, sdk, server, lambda client: streamed(sync, client))
    (span,) = telemetry.spans
    assert span["attributes"].get("firsttoken.stall.count") == count
    assert (stalls_told(telemetry), "firsttoken.stall.time" in span["attributes"]) == ({}, False)
