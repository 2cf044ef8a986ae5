"""Embeddings, and responses that are fetched: one record each, complete, with nothing that is not theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from installed import part_of
from points import of_calls

from firsttoken.call import Usage
from firsttoken.testing import Answer, CapturedTelemetry, ErrorAnswer, ProviderServer, cached_answer, text_answer
from observe.asking import read, using
from observe.program import Program
from observe.watching import shown

Instrumented = Callable[..., AbstractContextManager[None]]
Ask = Callable[[Program, Any], Awaitable[Any]]

EMBEDDED = Answer(usage=Usage(input_tokens=9))
FETCHED = replace(cached_answer("Hi", read=100), model="gpt-5-2025-08-07")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to ask."""

    name: str
    ask: Ask


def ways(method: str, *given: Any, **request: Any) -> list[Way]:
    """Parsed at once, parsed later, and not parsed at all."""
    *path, last = method.split(".")

    def place(client: Any) -> Any:
        for name in path:
            client = part_of(client, name)
        return client

    async def plain(program: Program, client: Any) -> Any:
        return await program.get(getattr(place(client), last)(*given, **request))

    async def raw(program: Program, client: Any) -> Any:
        response = await program.get(getattr(place(client).with_raw_response, last)(*given, **request))
        return await program.get(response.parse())

    async def raw_unparsed(program: Program, client: Any) -> Any:
        response = await program.get(getattr(place(client).with_raw_response, last)(*given, **request))
        return response.text

    async def streaming(program: Program, client: Any) -> Any:
        manager = getattr(place(client).with_streaming_response, last)(*given, **request)
        response = await program.enter(manager)
        answer = await program.get(response.parse())
        await program.leave(manager)
        return answer

    async def streaming_lines(program: Program, client: Any) -> Any:
        manager = getattr(place(client).with_streaming_response, last)(*given, **request)
        lines = await read(program, (await program.enter(manager)).iter_lines())
        await program.leave(manager)
        return "".join(lines)

    return [Way(way.__name__, way) for way in (plain, raw, raw_unparsed, streaming, streaming_lines)]


MODEL = "text-embedding-3-small"
EMBEDDINGS = ways("embeddings.create", model=MODEL, input=["One.", "Two."], dimensions=4)
FLOATS = ways("embeddings.create", model=MODEL, input="One.", encoding_format="float")
FETCHES = ways("responses.retrieve", "resp_1")


def told(attributes: dict[str, object]) -> dict[str, object]:
    """What the conventions have a name for, without the address of the server."""
    return {
        name: value
        for name, value in attributes.items()
        if not name.startswith(("firsttoken.", "server.", "http.response"))
    }


@pytest.mark.parametrize("way", EMBEDDINGS, ids=lambda way: way.name)
def test_embeddings_are_recorded_with_their_input_alone(
    way: Way, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer(lambda request: EMBEDDED) as server:
        bare = shown(using(program, "openai", server, lambda client: way.ask(program, client)))
        with instrumented():
            assert shown(using(program, "openai", server, lambda client: way.ask(program, client))) == bare
        # The SDK asks for base64 of its own accord: some versions always do, some where NumPy is installed.
        sent = server.requests[0].body.get("encoding_format")
    (span,) = telemetry.spans
    assert (f"embeddings {MODEL}", "completed") == (span["name"], span["attributes"]["firsttoken.outcome"])
    assert told(span["attributes"]) == {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": MODEL,
        **({"gen_ai.request.encoding_formats": (sent,)} if sent else {}),
        "gen_ai.embeddings.dimension.count": 4,
        "gen_ai.response.model": MODEL,
        "gen_ai.usage.input_tokens": 9,
    }
    assert isinstance(span["attributes"]["firsttoken.cost.total"], float)
    assert [point["name"] for point in of_calls(telemetry)] == [
        "firsttoken.client.calls",
        "firsttoken.client.cost",
        "gen_ai.client.operation.duration",
    ]
    assert telemetry.logs == []


@pytest.mark.parametrize("way", FLOATS[:2], ids=lambda way: way.name)
def test_the_form_that_the_caller_asks_for_is_recorded(
    way: Way, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with instrumented():
        using(program, "openai", server, lambda client: way.ask(program, client))
    (span,) = telemetry.spans
    assert span["attributes"]["gen_ai.request.encoding_formats"] == ("float",)
    assert "gen_ai.embeddings.dimension.count" not in span["attributes"]


@pytest.mark.parametrize("way", FETCHES, ids=lambda way: way.name)
def test_a_fetched_response_has_its_status_and_no_usage(
    way: Way, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer(lambda request: FETCHED) as server:
        bare = shown(using(program, "openai", server, lambda client: way.ask(program, client)))
        with instrumented():
            seen = shown(using(program, "openai", server, lambda client: way.ask(program, client)))
    assert type(seen) is type(bare)
    (span,) = telemetry.spans
    assert (span["name"], span["attributes"]["firsttoken.outcome"]) == ("fetch_response", "completed")
    assert told(span["attributes"]) == {
        "gen_ai.operation.name": "fetch_response",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.id": "resp_1",
        "gen_ai.response.model": "gpt-5-2025-08-07",
        "gen_ai.response.status": "completed",
        "openai.api.type": "responses",
        "openai.response.service_tier": "default",
    }
    assert not any(name.startswith("firsttoken.cost") for name in span["attributes"])
    assert [point["name"] for point in of_calls(telemetry)] == [
        "firsttoken.client.calls",
        "gen_ai.client.operation.duration",
    ]
    assert telemetry.logs == []


@pytest.mark.parametrize("status", ["queued", "in_progress", "failed", "cancelled"])
def test_how_a_response_fares_is_not_how_fetching_it_went(
    status: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(replace(FETCHED, status=status))
    with instrumented():
        using(program, "openai", server, lambda client: FETCHES[0].ask(program, client))
    (span,) = telemetry.spans
    ended = {"failed": ("error",), "cancelled": ("error",)}.get(status)
    assert (status, ended, "UNSET") == (
        span["attributes"]["gen_ai.response.status"],
        span["attributes"].get("gen_ai.response.finish_reasons"),
        span["status"],
    )


def test_a_response_that_is_not_there_is_named_in_the_failed_fetch(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(ErrorAnswer(status=404, code="not_found", message="Response with id 'resp_1' not found."))
    with instrumented(), pytest.raises(Exception, match="not found"):
        using(program, "openai", server, lambda client: FETCHES[0].ask(program, client))
    (span,) = telemetry.spans
    assert (
        span["attributes"]["gen_ai.response.id"],
        span["attributes"]["error.type"],
        span["status"],
    ) == ("resp_1", "not_found", "ERROR")
    assert "gen_ai.response.finish_reasons" not in span["attributes"]
    (log,) = telemetry.logs
    assert log["event_name"] == "gen_ai.client.operation.exception"


def test_a_stream_that_is_taken_up_again_says_where(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(text_answer("One", " two"))

    async def resume(client: Any) -> list[Any]:
        stream = await program.get(part_of(client, "responses").retrieve("resp_1", stream=True, starting_after=5))
        return await read(program, stream)

    with instrumented():
        events = using(program, "openai", server, resume)
    (span,) = telemetry.spans
    attributes = span["attributes"]
    assert {
        "gen_ai.request.stream": True,
        "gen_ai.request.stream_cursor": "5",
        "gen_ai.response.id": "resp_1",
        "firsttoken.chunk.count": len(events),
    }.items() <= attributes.items()
    assert not {"gen_ai.response.time_to_first_chunk", "firsttoken.time_to_first_token"} & attributes.keys()
    assert "firsttoken.time_to_first_chunk" in attributes
    assert "firsttoken.first_token" not in [event["name"] for event in span["events"]]


def test_a_background_response_is_queued_and_its_usage_unknown(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def start(client: Any) -> Any:
        return await program.get(part_of(client, "responses").create(model="gpt-5", input="Think.", background=True))

    with instrumented():
        using(program, "openai", server, start)
    (span,) = telemetry.spans
    attributes = span["attributes"]
    assert (
        attributes["firsttoken.outcome"],
        attributes["firsttoken.response.status"],
        attributes["firsttoken.cost.unpriced"],
    ) == ("completed", "queued", "unknown_usage")
    assert not {"gen_ai.response.finish_reasons", "gen_ai.usage.input_tokens"} & attributes.keys()


def test_a_response_that_failed_is_a_failed_call_though_nothing_was_raised(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(replace(text_answer("Hi"), status="failed", finish_reason="rate_limit_exceeded"))

    async def ask(client: Any) -> Any:
        return await program.get(part_of(client, "responses").create(model="gpt-5", input="Hi."))

    with instrumented():
        answer = using(program, "openai", server, ask)
    (span,) = telemetry.spans
    assert ("failed", answer.error.code, answer.error.message) == (
        span["attributes"]["firsttoken.outcome"],
        span["attributes"]["error.type"],
        span["status_description"],
    )
    assert span["attributes"]["gen_ai.usage.output_tokens"] == 1
