"""Chat Completions streams report usage only when they are asked to, and we can ask on the caller's behalf."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest

from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry, Delivery, Gate, ProviderServer, text_answer
from observe.asking import opened, read, streamed, using, whole
from observe.program import Program
from observe.surfaces import REQUESTS, STREAMS, Surface
from observe.watching import shown

Instrumented = Callable[..., AbstractContextManager[None]]

ASKING = Settings(include_usage=True)
ANSWER = replace(text_answer("One", " two"), id="answer-1")
USAGE = {"gen_ai.usage.input_tokens": 12, "gen_ai.usage.output_tokens": 2}

SURFACES = [surface for surface in STREAMS if surface.name in ("chat.create", "chat.stream")]

ASKED = {"include_usage": True}


def asked_for(server: ProviderServer) -> object:
    """What the provider was told about usage."""
    return server.requests[-1].body.get("stream_options")


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_usage_is_asked_for_and_hidden(
    surface: Surface, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def chunks(client: Any) -> list[object]:
        answer = await surface.ask(program, client)
        return [shown(chunk) for chunk in await read(program, answer.stream)]

    with ProviderServer(lambda request: ANSWER) as server:
        bare = using(program, "openai", server, chunks)
        with instrumented(ASKING):
            assert using(program, "openai", server, chunks) == bare
        assert asked_for(server) == ASKED
    (span,) = telemetry.spans
    assert USAGE.items() <= span["attributes"].items()
    assert span["attributes"]["firsttoken.chunk.count"] == 4


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"stream_options": {"include_usage": True}}, ASKED),
        ({"stream_options": {"include_usage": False}}, {"include_usage": False}),
        ({"extra_body": {"stream_options": {"include_usage": True}}}, ASKED),
        ({"extra_body": {"stream_options": None}}, None),
    ],
    ids=str,
)
def test_a_caller_who_decides_gets_what_the_bare_sdk_gives(
    request_: dict[str, Any], expected: object, program: Program, instrumented: Instrumented
) -> None:
    async def chunks(client: Any) -> list[object]:
        return [shown(chunk) for chunk in await streamed(program, client, **request_)]

    with ProviderServer(lambda request: ANSWER) as server:
        bare = using(program, "openai", server, chunks)
        with instrumented(ASKING):
            assert using(program, "openai", server, chunks) == bare
        assert expected == asked_for(server)


def test_other_stream_options_are_kept_beside_the_question(
    program: Program, server: ProviderServer, instrumented: Instrumented
) -> None:
    with instrumented(ASKING):
        using(
            program,
            "openai",
            server,
            lambda client: streamed(program, client, stream_options={"include_obfuscation": False}),
        )
    assert asked_for(server) == {"include_obfuscation": False, "include_usage": True}


@pytest.mark.parametrize("way", ["with_raw_response", "with_streaming_response"])
def test_a_caller_who_may_read_raw_lines_is_not_asked_for(
    way: str, program: Program, server: ProviderServer, instrumented: Instrumented
) -> None:
    async def leave(client: Any) -> None:
        answer = getattr(client.chat.completions, way).create(stream=True, **REQUESTS["openai"])
        if way == "with_raw_response":
            await program.close((await program.get(answer)).parse())
        else:
            await program.enter(answer)
            await program.leave(answer)

    with instrumented(ASKING):
        using(program, "openai", server, leave)
    assert asked_for(server) is None


@pytest.mark.parametrize("ask", [streamed, whole])
@pytest.mark.parametrize("sdk", ["anthropic"])
def test_only_streams_of_chat_completions_need_the_question(
    ask: Any, sdk: str, program: Program, server: ProviderServer, instrumented: Instrumented
) -> None:
    with instrumented(ASKING):
        using(program, sdk, server, lambda client: ask(program, client))
        using(program, "openai", server, lambda client: whole(program, client))
    assert [request.body.get("stream_options") for request in server.requests] == [None, None]


def test_usage_that_nobody_asked_for_is_unknown(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with instrumented():
        using(program, "openai", server, lambda client: streamed(program, client))
    (span,) = telemetry.spans
    assert not [name for name in span["attributes"] if name.startswith("gen_ai.usage.")]
    assert span["attributes"]["firsttoken.cost.unpriced"] == "unknown_usage"


def test_a_stream_that_is_closed_before_its_usage_has_none(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(replace(ANSWER, delivery=Delivery(before={3: Gate()})))

    async def leave_early(client: Any) -> None:
        stream = await opened(program, client)
        await program.next(program.iterate(stream))
        await program.close(stream)

    with instrumented(ASKING):
        using(program, "openai", server, leave_early)
    (span,) = telemetry.spans
    assert "gen_ai.usage.output_tokens" not in span["attributes"]
    assert span["attributes"]["firsttoken.outcome"] == "closed"
