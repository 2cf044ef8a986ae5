"""What a call's record says of its size, and of the events that its stream was made of."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from installed import needs

from firsttoken import ProviderTrace, Settings
from firsttoken.call import EventCounts
from firsttoken.guard import troubles
from firsttoken.providers.openai_chat import ChatTally
from firsttoken.testing import (
    CapturedTelemetry,
    ErrorAnswer,
    ProviderServer,
    RawAnswer,
    data_event,
    named_event,
    reasoning_answer,
    text_answer,
)
from firsttoken.testing.script import Reply
from observe.asking import opened, streamed, using, whole
from observe.program import DONE, PROGRAMS, Program
from observe.surfaces import REQUESTS

NOBODY_THERE: dict[str, Any] = {"max_retries": 0, "base_url": "http://127.0.0.1:1"}
SYNC = PROGRAMS["sync"]
ASKED = {"model": "m", "input": "Hi", "stream": True}


def final(telemetry: CapturedTelemetry) -> ProviderTrace:
    (trace,) = telemetry.provider_traces
    return trace


def kinds(chunks: list[Any]) -> dict[str, int]:
    """By the type that each chunk says it is of."""
    return Counter(getattr(chunk, "type", None) or chunk.object for chunk in chunks)


ANSWERS: dict[str, Reply] = {
    "text": text_answer("a", "b", "c"),
    "reasoning": reasoning_answer("a", reasoning=("b",) * 9),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_the_events_of_a_stream_are_counted_by_type(
    program: Program, sdk: str, answer: Reply, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    server.enqueue(answer)
    with instrumented():
        chunks = using(program, sdk, server, lambda client: streamed(program, client))
    counted = kinds(chunks)
    last = getattr(chunks[-1], "type", None) or chunks[-1].object
    assert EventCounts(len(chunks), counted, last, 0) == final(telemetry).events


@needs("openai.resources.responses")
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_so_are_those_of_responses(
    program: Program, answer: Reply, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    server.enqueue(answer)

    async def read(client: Any) -> list[Any]:
        stream = await program.get(client.responses.create(**ASKED))
        chunks, iterator = list[Any](), program.iterate(stream)
        async for chunk in _each(program, iterator):
            chunks.append(chunk)
        return chunks

    with instrumented():
        chunks = using(program, "openai", server, read)
    assert EventCounts(len(chunks), kinds(chunks), "response.completed", 0) == final(telemetry).events


async def _each(program: Program, iterator: Any) -> Any:
    while (chunk := await program.next(iterator)) is not DONE:
        yield chunk


def test_a_chunk_that_only_we_have_asked_for_is_counted_with_the_others(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    with instrumented(Settings(include_usage=True)):
        chunks = using(SYNC, "openai", server, lambda client: streamed(SYNC, client))
    assert final(telemetry).events == EventCounts(
        len(chunks) + 1, {"chat.completion.chunk": len(chunks) + 1}, "chat.completion.chunk"
    )


def test_what_came_last_is_told_of_a_stream_that_was_closed(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    async def look_at_first(client: Any) -> Any:
        stream = await opened(SYNC, client)
        first = next(iter(stream))
        stream.close()
        return first

    with instrumented():
        first = using(SYNC, sdk, server, look_at_first)
    assert final(telemetry).events == EventCounts(1, kinds([first]), next(iter(kinds([first]))))


@needs("openai.resources.responses")
def test_an_event_that_nobody_knows_is_counted_and_named(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    dreamt = '{"type": "response.dreamt", "sequence_number": 0}'
    server.enqueue(RawAnswer(chunks=(named_event("response.dreamt", dreamt) * 2,)))

    async def read(client: Any) -> list[Any]:
        return list(client.responses.create(**ASKED))

    with instrumented():
        assert len(using(SYNC, "openai", server, read)) == 2
    trace = final(telemetry)
    assert (trace.events, trace.novelties) == (
        EventCounts(2, {"response.dreamt": 2}, "response.dreamt"),
        ("event response.dreamt",),
    )


def test_an_event_that_we_fail_to_read_is_counted_as_such_and_passed_on(
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ChatTally, "note", lambda self, chunk: 1 / 0)
    troubles.clear()
    with instrumented():
        chunks = using(program, "openai", server, lambda client: streamed(program, client))
    expected = EventCounts(len(chunks), kinds(chunks), "chat.completion.chunk", unread=len(chunks))
    assert expected == final(telemetry).events
    assert troubles.pop("take in a chunk") == len(chunks)


def test_a_stream_is_as_large_as_its_bytes(
    program: Program, sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    body = data_event('{"object": "chat.completion.chunk", "model": "m", "choices": []}') + data_event("[DONE]")
    if sdk == "anthropic":
        body = named_event("message_stop", '{"type": "message_stop"}')
    server.enqueue(RawAnswer(chunks=(body,)))
    with instrumented():
        using(program, sdk, server, lambda client: streamed(program, client))
    sizes = final(telemetry).sizes
    assert (sizes.request_bytes, sizes.response_bytes) == (len(server.requests[0].content), len(body))


def test_so_is_a_whole_answer(
    program: Program, sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client))
    sizes, trace = final(telemetry).sizes, final(telemetry)
    assert sizes.request_bytes == len(server.requests[0].content)
    assert sizes.response_bytes is not None
    assert sizes.response_bytes > 100
    assert trace.events is None


def test_a_refusal_is_told_with_what_was_sent_and_what_came_and_no_content(
    program: Program, sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    server.enqueue(ErrorAnswer(status=400, content=b"0123456789"))
    with instrumented(), pytest.raises(Exception, match=r"400|0123456789"):
        using(program, sdk, server, lambda client: streamed(program, client), max_retries=0)
    trace = final(telemetry)
    assert (trace.sizes.request_bytes, trace.sizes.response_bytes) == (len(server.requests[0].content), 10)
    assert (trace.request_body, trace.response_body, trace.usage) == (None, None, None)


def test_what_never_arrived_has_a_size_all_the_same(
    program: Program, sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    with instrumented(), pytest.raises(Exception, match=r"[Cc]onnection"):
        using(program, sdk, server, lambda client: whole(program, client), **NOBODY_THERE)
    sizes = final(telemetry).sizes
    assert sizes.request_bytes is not None
    assert (sizes.request_bytes > 10, sizes.response_bytes) == (True, None)


@pytest.mark.parametrize("ask", [streamed, whole])
def test_how_much_of_it_is_text_is_known_where_messages_are_captured(
    ask: Any, program: Program, sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    server.enqueue(reasoning_answer("naïve", reasoning=("Hm",)))
    with instrumented(Settings(capture_content="EVENT_ONLY")):
        using(program, sdk, server, lambda client: ask(program, client))
    sizes = final(telemetry).sizes
    said = sum(len(message["content"].encode()) for message in REQUESTS[sdk]["messages"])
    assert (sizes.request_text_bytes, sizes.response_text_bytes) == (said, len("naïveHm".encode()))


def test_without_content_nobody_counts_the_text(
    program: Program, sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client))
    sizes = final(telemetry).sizes
    assert (sizes.request_text_bytes, sizes.response_text_bytes) == (None, None)
