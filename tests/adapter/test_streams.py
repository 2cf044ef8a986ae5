"""What a reader gets of a stream: the SDK's own chunks, each when it has come, and all else that the stream knows."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from observe.program import DONE, Program

from adapter.adapting import (
    EVERY_WIRE,
    WORDS,
    asked,
    drained,
    first_word,
    held,
    streaming,
    with_client,
)
from adapter.over_loopback import WIRES
from firsttoken import StreamAdapter
from firsttoken.adapter import Ask, AskMessage, AskTool, AsyncStream, Event, Stream, StreamResult, TextDelta
from firsttoken.adapter.run import CALLBACK
from firsttoken.call import Outcome
from firsttoken.guard import troubles
from firsttoken.testing import Answer, Gate, ProviderServer, ToolCall

pytestmark = [
    pytest.mark.usefixtures("adapters"),
    pytest.mark.filterwarnings("ignore:Async generator .* was garbage collected:ResourceWarning"),
]


@EVERY_WIRE
def test_the_chunks_are_those_that_the_sdks_own_stream_gives(
    wire: str, colour: Program, provider: ProviderServer
) -> None:
    """In its order, none missing and none twice; what one chunk says carries the very same object."""
    answer = Answer(text=WORDS, tool_calls=(ToolCall("f", ('{"a": 1}',), id="c1"),), id="answer-1", model="m")
    provider.enqueue(answer, answer)

    async def work(client: Any) -> tuple[list[Any], list[Any]]:
        stream = streaming(client, wire)
        events = await drained(colour, stream)
        chunks = list({id(event.chunk): event.chunk for event in events}.values())
        again = await colour.get(WIRES[wire].send(client, stream.arguments))
        return chunks, [chunk async for chunk in _each(colour, again)]

    chunks, bare = with_client(wire, colour, provider, work)
    assert [type(chunk) for chunk in chunks] == [type(chunk) for chunk in bare]
    assert [_dumped(chunk) for chunk in chunks] == [_dumped(chunk) for chunk in bare]


async def _each(program: Program, stream: Any) -> Any:
    iterator = program.iterate(stream)
    while (chunk := await program.next(iterator)) is not DONE:
        yield chunk


def _dumped(chunk: Any) -> str:
    """Without the ids that the server makes anew for each request."""
    dumped = chunk.model_dump(mode="json", exclude={"id", "item_id", "created"})
    return str({name: value for name, value in dumped.items() if name not in ("response", "item", "message")})


@EVERY_WIRE
def test_an_event_is_given_out_before_the_next_chunk_is_there(
    wire: str, colour: Program, provider: ProviderServer
) -> None:
    gate = Gate()
    provider.enqueue(held(wire, gate))

    async def work(client: Any) -> None:
        stream = await colour.enter(streaming(client, wire))
        assert (await first_word(colour, stream)).text == WORDS[0]
        assert stream.result.text == WORDS[0]
        assert stream.result.outcome is None
        assert stream.result.timing.duration_s is None
        await colour.in_thread(gate.wait_until_reached)
        gate.open()
        rest = await drained(colour, stream)
        assert [event.text for event in rest if isinstance(event, TextDelta)] == [*WORDS[1:]]
        await colour.leave(stream)

    with_client(wire, colour, provider, work)


@EVERY_WIRE
def test_a_stream_has_its_request_and_the_sdks_own_stream_at_hand(
    wire: str, colour: Program, provider: ProviderServer
) -> None:
    async def work(client: Any) -> None:
        stream = streaming(client, wire)
        assert type(stream) is (Stream if colour.name == "sync" else AsyncStream)
        assert (stream.provider_stream, dict(stream.arguments)) == (None, asked(wire))
        await colour.enter(stream)
        assert await colour.enter(stream) is stream
        assert stream.provider_stream.response.status_code == 200
        await drained(colour, stream)
        await colour.leave(stream)
        assert stream.provider_stream.response.is_closed

    with_client(wire, colour, provider, work)
    assert len(provider.requests) == 1


@EVERY_WIRE
def test_the_result_has_its_times_in_order(wire: str, colour: Program, provider: ProviderServer) -> None:
    async def work(client: Any) -> StreamResult:
        return await colour.get(streaming(client, wire).read())

    timing = with_client(wire, colour, provider, work).timing
    marks = [0.0, timing.headers_s, timing.first_event_s, timing.first_token_s, timing.duration_s]
    assert marks == sorted(mark for mark in marks if mark is not None)


@EVERY_WIRE
def test_an_ask_is_translated_and_a_tool_that_needs_approval_is_flagged(
    wire: str, colour: Program, provider: ProviderServer
) -> None:
    provider.enqueue(Answer(tool_calls=(ToolCall("delete", id="c1"), ToolCall("look", id="c2"))))
    tools = [AskTool("delete"), AskTool("look")]
    ask = Ask("m", [AskMessage("user", "Clean up")], tools, max_tokens=64)
    api = {"chat": "openai.chat_completions", "responses": "openai.responses", "messages": "anthropic.messages"}[wire]

    async def work(client: Any) -> list[Event]:
        stream = StreamAdapter(client, api=api).stream(ask, needs_approval={"delete"})
        return await drained(colour, stream)

    events = with_client(wire, colour, provider, work)
    flags = {event.name: event.needs_approval for event in events if hasattr(event, "needs_approval")}
    assert flags == {"delete": True, "look": False}
    assert provider.requests[0].stream


@EVERY_WIRE
def test_on_event_is_told_of_each_event_before_the_reader_gets_it(
    wire: str, colour: Program, provider: ProviderServer
) -> None:
    told: list[Event] = []

    async def work(client: Any) -> None:
        stream, given = streaming(client, wire, on_event=told.append), list[Event]()
        while (event := await colour.next(stream)) is not DONE:
            given.append(event)
            assert told[: len(given)] == given
        assert all(one is other for one, other in zip(told, given, strict=True))

    with_client(wire, colour, provider, work)
    assert len(told) > 1


def test_an_on_event_that_fails_is_logged_once_and_counted_and_breaks_nothing(
    colour: Program, provider: ProviderServer, caplog: pytest.LogCaptureFixture
) -> None:
    provider.enqueue(Answer(text=WORDS))

    def fail(event: Event) -> None:
        raise LookupError

    async def work(client: Any) -> StreamResult:
        return await colour.get(streaming(client, "chat", on_event=fail).read())

    with caplog.at_level(logging.WARNING, "firsttoken"):
        result = with_client("chat", colour, provider, work)
    assert (result.text, result.outcome) == ("".join(WORDS), Outcome.COMPLETED)
    assert [record.message for record in caplog.records if record.name == "firsttoken"] == [
        "on_event of a firsttoken stream fails; the stream goes on"
    ]
    assert troubles.pop(CALLBACK) > len(WORDS)


def test_an_on_event_that_stops_the_program_does(colour: Program, provider: ProviderServer) -> None:
    def stop(event: Event) -> None:
        raise SystemExit(3)

    async def work(client: Any) -> StreamResult:
        stream = streaming(client, "chat", on_event=stop)
        with pytest.raises(SystemExit):
            await colour.next(stream)
        return stream.result

    assert with_client("chat", colour, provider, work).outcome is Outcome.CANCELLED
