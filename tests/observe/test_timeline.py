"""When each chunk of a stream came and what it carried, in the provider trace of real calls."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from installed import needs
from openai.types.chat import ChatCompletionChunk

from firsttoken import ProviderTrace, Settings
from firsttoken.call.packed_timeline import MOST_CHUNKS, unpacked
from firsttoken.call.timeline import NOTHING, REASONING, TEXT, TOOL_CALL, Timeline
from firsttoken.observe.arrivals import MOST_RUNS, Arrivals
from firsttoken.observe.recording import MARKS_HELD
from firsttoken.testing import (
    Answer,
    CapturedTelemetry,
    Cut,
    Delivery,
    ProviderServer,
    ToolCall,
    text_answer,
)
from observe.asking import opened, read, streamed, using, whole
from observe.program import DONE, PROGRAMS, Program
from observe.surfaces import REQUESTS

Instrumented = Callable[..., AbstractContextManager[None]]

UNIT = 256
PARAMETERS = {"type": "object", "properties": {}}
TOOLS: dict[str, list[Any]] = {
    "openai": [{"type": "function", "function": {"name": "look", "parameters": PARAMETERS}}],
    "anthropic": [{"name": "look", "input_schema": PARAMETERS}],
}
MIXED = Answer(
    reasoning=("Let", " me", " think"),
    text=("It", " is", " so"),
    tool_calls=(ToolCall("look", ('{"a"', ": 1", "}")), ToolCall("see", ('{"b"', ": 2}"))),
)


TOLD = {
    "response.output_text.delta": TEXT,
    "response.reasoning_summary_text.delta": REASONING,
    "response.function_call_arguments.delta": TOOL_CALL,
}
"""What the events of a response carry."""


def be_busy() -> None:
    """The caller at work: nothing is waited for."""
    time.sleep(0.01)


def timeline_of(telemetry: CapturedTelemetry) -> tuple[ProviderTrace, Timeline]:
    (trace,) = telemetry.provider_traces
    assert trace.timeline is not None
    found = unpacked(trace.timeline)
    assert found is not None
    return trace, found


def agrees(trace: ProviderTrace, timeline: Timeline) -> None:
    """What the timeline says is what the timing says."""
    timing, count = trace.timing, len(timeline.arrived_ns)
    near = 2 * count * UNIT
    assert {len(timeline.waited_ns), len(timeline.contents), timing.chunk_count} == {count}
    assert timing.first_chunk_ns is not None
    assert timing.last_chunk_ns is not None
    assert timing.consumer_wait_ns is not None
    assert abs(timeline.arrived_ns[0] - timing.first_chunk_ns) <= near
    assert abs(timeline.arrived_ns[-1] - timing.last_chunk_ns) <= near
    if timing.largest_gap_ns is not None:
        assert abs(max(timeline.waited_ns[1:]) - timing.largest_gap_ns) <= UNIT
    if timing.first_token_ns is not None:
        first = next(index for index, carries in enumerate(timeline.contents) if carries)
        assert abs(timeline.arrived_ns[first] - timing.first_token_ns) <= near
    assert sum(timeline.waited_ns) <= timing.duration_ns + near


def carried_by_chat(chunk: Any) -> int:
    for choice in chunk.choices:
        delta = choice.delta
        if delta.tool_calls:
            return TOOL_CALL
        if getattr(delta, "reasoning_content", None):
            return REASONING
        if delta.content:
            return TEXT
    return NOTHING


BLOCKS = {"text": TEXT, "thinking": REASONING, "tool_use": TOOL_CALL}


def carried_by_messages(events: list[Any]) -> list[int]:
    block, carried = NOTHING, list[int]()
    for event in events:
        if event.type == "content_block_start":
            block = BLOCKS[event.content_block.type]
            carried.append(TOOL_CALL if block == TOOL_CALL else NOTHING)
        else:
            carried.append(block if event.type == "content_block_delta" else NOTHING)
    return carried


def carried_by_response(events: list[Any]) -> list[int]:
    opens = "response.output_item.added"
    return [
        TOLD.get(event.type, TOOL_CALL if event.type == opens and event.item.type == "function_call" else NOTHING)
        for event in events
    ]


def test_each_chunk_says_what_it_carried(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Instrumented
) -> None:
    server.enqueue(MIXED)
    with instrumented():
        chunks = using(program, sdk, server, lambda client: streamed(program, client, tools=TOOLS[sdk]))
    trace, timeline = timeline_of(telemetry)
    agrees(trace, timeline)
    carried = [carried_by_chat(chunk) for chunk in chunks] if sdk == "openai" else carried_by_messages(chunks)
    assert list(timeline.contents) == carried
    assert {TEXT, REASONING, TOOL_CALL} <= set(carried)
    assert timeline.lengths is None


@needs("openai.OpenAI.post", parameters=("content",))
def test_tools_are_seen_in_the_answer_to_a_request_that_cannot_be_read(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["sync"]
    server.enqueue(MIXED)
    asked = json.dumps(REQUESTS["openai"] | {"tools": TOOLS["openai"], "stream": True}).encode()

    async def ask(client: Any) -> list[Any]:
        stream = client.post(
            "/chat/completions",
            cast_to=openai.Stream[ChatCompletionChunk],
            content=asked,
            options={"headers": {"Content-Type": "application/json"}},
            stream=True,
            stream_cls=openai.Stream[ChatCompletionChunk],
        )
        return await read(program, stream)

    with instrumented():
        chunks = using(program, "openai", server, ask)
    _, timeline = timeline_of(telemetry)
    assert list(timeline.contents) == list(map(carried_by_chat, chunks))
    assert TOOL_CALL in timeline.contents


@needs("openai.resources.responses")
def test_a_response_says_so_too(
    server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Instrumented
) -> None:
    server.enqueue(MIXED)

    async def ask(client: Any) -> list[Any]:
        return await read(program, await program.get(client.responses.create(model="gpt-5", input="Hi", stream=True)))

    with instrumented():
        events = using(program, "openai", server, ask)
    trace, timeline = timeline_of(telemetry)
    agrees(trace, timeline)
    assert list(timeline.contents) == carried_by_response(events)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Settings(trace_content="full"), True),
        (Settings(trace_content="metadata"), False),
        (Settings(capture_content="SPAN_AND_EVENT"), False),
    ],
    ids=["full", "metadata", "messages"],
)
def test_lengths_go_only_where_all_that_was_said_goes(
    settings: Settings,
    told: bool,
    sdk: str,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    program = PROGRAMS["sync"]
    server.enqueue(MIXED)
    with instrumented(settings):
        using(program, sdk, server, lambda client: streamed(program, client, tools=TOOLS[sdk]))
    _, timeline = timeline_of(telemetry)
    assert (timeline.lengths is not None) == told
    if timeline.lengths is not None:
        pairs = list(zip(timeline.contents, timeline.lengths, strict=True))
        by_kind = {
            kind: [length for each, length in pairs if each == kind and length] for kind in set(timeline.contents)
        }
        expected = {TEXT: MIXED.text, REASONING: MIXED.reasoning, TOOL_CALL: ('{"a"', ": 1", "}", '{"b"', ": 2}")}
        assert by_kind == {NOTHING: []} | {kind: [len(piece) for piece in said] for kind, said in expected.items()}


@needs("openai.resources.responses")
def test_the_lengths_of_a_response_are_those_of_its_deltas(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["sync"]
    server.enqueue(MIXED)

    async def ask(client: Any) -> list[Any]:
        return await read(program, await program.get(client.responses.create(model="gpt-5", input="Hi", stream=True)))

    with instrumented(Settings(trace_content="full")):
        using(program, "openai", server, ask)
    _, timeline = timeline_of(telemetry)
    assert timeline.lengths is not None
    said = (*MIXED.reasoning, *MIXED.text, *(piece for call in MIXED.tool_calls for piece in call.arguments))
    assert [length for length in timeline.lengths if length] == [len(piece) for piece in said]


@given(lengths=st.lists(st.integers(0, 9), max_size=6))
def test_lengths_that_are_not_those_of_the_chunks_are_left_out(lengths: list[int]) -> None:
    arrivals = Arrivals()
    arrivals.take([1, 2, 3, 4])
    packed = arrivals.timeline(lengths)
    assert packed is not None
    timeline = unpacked(packed)
    assert timeline is not None
    fits = len(lengths) >= 2 and not any(lengths[2:])
    assert timeline.lengths == (tuple(lengths[:2]) if fits else None)


def test_a_stream_that_is_handed_on_in_parts_has_one_whole_timeline(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program, words = PROGRAMS["sync"], 2 * MARKS_HELD
    server.enqueue(Answer(text=("word ",) * words, tool_calls=(ToolCall("look"),)))
    with instrumented():
        chunks = using(program, sdk, server, lambda client: streamed(program, client, tools=TOOLS[sdk]))
    trace, timeline = timeline_of(telemetry)
    agrees(trace, timeline)
    carried = [carried_by_chat(chunk) for chunk in chunks] if sdk == "openai" else carried_by_messages(chunks)
    assert list(timeline.contents) == carried


def test_the_time_that_the_caller_takes_is_not_time_that_he_waited(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Instrumented
) -> None:
    async def dawdle(client: Any) -> None:
        iterator = program.iterate(await opened(program, client))
        while await program.next(iterator) is not DONE:
            be_busy()

    with instrumented():
        using(program, sdk, server, dawdle)
    trace, timeline = timeline_of(telemetry)
    agrees(trace, timeline)
    assert trace.timing.consumer_wait_ns is not None
    spent = timeline.arrived_ns[-1] - timeline.arrived_ns[0] - sum(timeline.waited_ns[1:])
    assert spent >= 0.01e9 * (len(timeline.arrived_ns) - 1)


@pytest.mark.parametrize("cut", list(Cut))
def test_a_stream_that_is_cut_has_the_timeline_of_what_came(
    cut: Cut,
    sdk: str,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    program: Program,
    instrumented: Instrumented,
) -> None:
    server.enqueue(text_answer(delivery=Delivery(stop_after=4, stop_by=cut)))
    seen: list[Any] = []

    async def ask(client: Any) -> None:
        iterator = program.iterate(await opened(program, client))
        try:
            while (chunk := await program.next(iterator)) is not DONE:
                seen.append(chunk)
        except Exception:  # noqa: BLE001, S110  each SDK has its own
            pass

    with instrumented():
        using(program, sdk, server, ask)
    trace, timeline = timeline_of(telemetry)
    agrees(trace, timeline)
    assert len(timeline.arrived_ns) == len(seen) > 0


def test_a_stream_that_its_caller_drops_has_the_timeline_of_what_he_read(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["sync"]

    async def drop(client: Any) -> None:
        iterator = program.iterate(await opened(program, client))
        for _ in range(3):
            await program.next(iterator)
        del iterator
        gc.collect()

    with instrumented():
        using(program, sdk, server, drop)
    trace, timeline = timeline_of(telemetry)
    agrees(trace, timeline)
    assert len(timeline.arrived_ns) == 3


def test_a_stream_of_which_nothing_came_has_no_timeline(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["sync"]
    server.enqueue(text_answer(delivery=Delivery(stop_after=0, stop_by=Cut.END)))
    with instrumented():
        using(program, sdk, server, lambda client: streamed(program, client))
    (trace,) = telemetry.provider_traces
    assert trace.timeline is None


def test_a_caller_who_reads_the_lines_has_a_timeline_too(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["sync"]
    server.enqueue(MIXED)

    async def ask(client: Any) -> int:
        raw = client.chat.completions.with_raw_response.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], stream=True
        )
        return sum(line.startswith("data: {") for line in raw.http_response.iter_lines())

    with instrumented():
        events = using(program, "openai", server, ask)
    trace, timeline = timeline_of(telemetry)
    agrees(trace, timeline)
    assert len(timeline.contents) == events
    assert set(timeline.contents) == {NOTHING, TEXT, REASONING, TOOL_CALL}


def test_a_whole_answer_has_no_timeline(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Instrumented
) -> None:
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client))
    (trace,) = telemetry.provider_traces
    assert trace.timeline is None


def test_a_setting_leaves_timelines_out(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program = PROGRAMS["sync"]
    with instrumented(Settings(timeline=False)):
        using(program, sdk, server, lambda client: streamed(program, client))
    (trace,) = telemetry.provider_traces
    assert trace.timeline is None
    assert trace.timing.chunk_count is not None


def test_a_stream_with_more_chunks_than_a_timeline_can_have_has_none() -> None:
    arrivals, some = Arrivals(), list(range(2 * 1_024))
    for _ in range(MOST_CHUNKS // 1_024):
        arrivals.take(some)
    assert arrivals.timeline() is not None
    arrivals.take([1, 2])
    assert arrivals.timeline() is None


def test_a_stream_that_turns_too_often_has_no_timeline() -> None:
    arrivals = Arrivals()
    arrivals.take(list(range(4 * MOST_RUNS)))
    for position in range(MOST_RUNS):
        arrivals.turn(position, position % 2)
    assert arrivals.timeline() is not None
    arrivals.turn(MOST_RUNS, 1)
    assert arrivals.timeline() is None
