"""A caller who reads the bytes of a stream himself has the record of one who lets the SDK read them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from installed import part_of

from firsttoken.testing import CapturedTelemetry, ErrorAnswer, ProviderServer, comment, reasoning_answer, text_answer
from firsttoken.testing.delivery import Delivery
from observe.asking import read, using
from observe.program import PROGRAMS, Program

Instrumented = Callable[..., AbstractContextManager[None]]
Read = Callable[[Program, Any], Awaitable[Any]]

ANSWER = replace(reasoning_answer("One", " two", " three"), id="answer-1")
MESSAGES = [{"role": "user", "content": "Hello?"}]
CHAT = {"model": "gpt-4o", "messages": MESSAGES, "stream_options": {"include_usage": True}}


@dataclass(frozen=True, slots=True)
class Api:
    """A streamed answer of one API."""

    name: str
    sdk: str
    resource: Callable[[Any], Any]
    request: dict[str, Any]


APIS = (
    Api("chat", "openai", lambda client: client.chat.completions, CHAT),
    Api("responses", "openai", lambda client: part_of(client, "responses"), {"model": "gpt-4o", "input": "Hello?"}),
    Api(
        "completions",
        "openai",
        lambda client: client.completions,
        {"model": "gpt-4o", "prompt": "Hello?", "stream_options": {"include_usage": True}},
    ),
    Api(
        "messages",
        "anthropic",
        lambda client: client.messages,
        {"model": "claude-haiku-4-5", "messages": MESSAGES, "max_tokens": 64},
    ),
)
EVERY_API = pytest.mark.parametrize("api", APIS, ids=lambda api: api.name)


async def by_lines(program: Program, response: Any) -> None:
    await read(program, response.iter_lines())


async def by_bytes(program: Program, response: Any) -> None:
    await read(program, response.iter_bytes(7))


async def by_text(program: Program, response: Any) -> None:
    await read(program, response.iter_text())


async def at_once(program: Program, response: Any) -> None:
    await program.get(response.read())


async def as_text(program: Program, response: Any) -> None:
    await program.get(response.text())


async def parsed(program: Program, response: Any) -> None:
    await read(program, await program.get(response.parse()))


WAYS = (by_lines, by_bytes, by_text, at_once, as_text, parsed)


def recorded(attributes: dict[str, object]) -> dict[str, object]:
    """Without what differs from call to call: times, and the ids and the port of one server."""
    varying = ("time", "wait", "gap", "per_second", "request_id", "server.port")
    return {name: value for name, value in attributes.items() if not any(word in name for word in varying)}


def streamed_by_the_sdk(program: Program, api: Api, server: ProviderServer) -> None:
    async def work(client: Any) -> None:
        await read(program, await program.get(api.resource(client).create(stream=True, **api.request)))

    using(program, api.sdk, server, work)


def streamed_as_bytes(program: Program, api: Api, server: ProviderServer, way: Read) -> None:
    async def work(client: Any) -> None:
        manager = api.resource(client).with_streaming_response.create(stream=True, **api.request)
        await way(program, await program.enter(manager))
        await program.leave(manager)

    using(program, api.sdk, server, work)


@EVERY_API
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sizes", [(), (1,), (33,)], ids=["events", "bytes", "pieces"])
def test_the_record_is_that_of_a_stream(
    *,
    api: Api,
    way: Read,
    sizes: tuple[int, ...],
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    answer = replace(ANSWER, delivery=Delivery(insert={2: comment("quiet")}, piece_bytes=sizes))
    server.enqueue(answer, answer)
    with instrumented():
        streamed_by_the_sdk(program, api, server)
        streamed_as_bytes(program, api, server, way)
    by_sdk, by_hand = (span["attributes"] for span in telemetry.spans)
    assert recorded(by_sdk) == recorded(by_hand)
    assert (by_sdk["firsttoken.outcome"], by_hand["gen_ai.usage.output_tokens"]) == ("completed", 8)
    for mark in ("gen_ai.response.time_to_first_chunk", "firsttoken.time_to_first_token"):
        assert isinstance(by_hand[mark], float)
    counted = {point["attributes"]["gen_ai.operation.name"]: point["count"] for point in _gaps(telemetry)}
    assert list(counted.values()) == [2 * (by_sdk["firsttoken.chunk.count"] - 1)]  # type: ignore[operator]


@EVERY_API
@pytest.mark.parametrize("position", [0, 3])
def test_an_error_event_is_a_failure_whoever_reads_it(
    *,
    api: Api,
    position: int,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    error = ErrorAnswer(status=529, type="overloaded_error", message="Try later. key-abcdef123456")
    server.enqueue(replace(ANSWER, error=error, error_after=position))
    with instrumented():
        streamed_as_bytes(program, api, server, by_lines)
    (span,) = telemetry.spans
    attributes = span["attributes"]
    kind = attributes["error.type"]
    assert (attributes["firsttoken.outcome"], span["status"]) == ("failed", "ERROR")
    assert (kind, span["status_description"]) == ("overloaded_error", "Try later. [credential removed]")
    (event,) = (log for log in telemetry.logs if log["severity"] == "WARN")
    assert event["attributes"]["exception.message"] == span["status_description"]


@pytest.mark.parametrize("way", [by_lines, parsed])
def test_reading_on_after_the_first_line_goes_on_being_recorded(
    way: Read, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    """The SDK refuses to read a body twice, and the record is that of what was read."""
    server.enqueue(ANSWER)

    async def work(client: Any) -> None:
        manager = APIS[0].resource(client).with_streaming_response.create(stream=True, **APIS[0].request)
        response = await program.enter(manager)
        lines = response.iter_lines()
        await program.next(lines)
        if way is by_lines:
            await read(program, lines)
        else:
            with pytest.raises(Exception, match="stream"):
                await way(program, response)
        await program.leave(manager)

    with instrumented():
        using(program, "openai", server, work)
    (span,) = telemetry.spans
    whole = way is by_lines
    assert span["attributes"]["firsttoken.outcome"] == ("completed" if whole else "closed")
    assert ("gen_ai.usage.output_tokens" in span["attributes"]) is whole


def test_a_json_body_in_place_of_a_stream_is_left_to_its_reader(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    reply = ErrorAnswer(status=200, content=b'{"choices": []}', headers={"content-type": "application/json"})
    server.enqueue(reply)
    with instrumented():
        streamed_as_bytes(program, APIS[0], server, at_once)
    (span,) = telemetry.spans
    assert span["attributes"]["firsttoken.outcome"] == "completed"
    assert "firsttoken.chunk.count" not in span["attributes"]


@pytest.mark.parametrize("api", APIS[:3], ids=lambda api: api.name)
def test_a_raw_response_that_is_read_by_its_http_response_is_read_along_too(
    api: Api, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(text_answer("Hi"))

    async def work(client: Any) -> None:
        response = api.resource(client).with_raw_response.create(stream=True, **api.request)
        list(response.http_response.iter_lines())

    with instrumented():
        using(PROGRAMS["sync"], api.sdk, server, work)
    (span,) = telemetry.spans
    assert (
        span["attributes"]["firsttoken.outcome"],
        span["attributes"]["gen_ai.usage.output_tokens"],
    ) == ("completed", 1)


def _gaps(telemetry: CapturedTelemetry) -> list[Any]:
    return telemetry.points_of("gen_ai.client.inference.time_per_output_chunk")
