"""A web application that streams: what is said where a request comes in holds for calls that are read later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Any

import openai
import pytest
from installed import OPENAI_HTTP
from observe.asking import opened, read, using
from observe.program import PROGRAMS
from opentelemetry import context as otel
from opentelemetry import trace
from patience import PATIENCE_S
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

import firsttoken
from firsttoken.contexts import captured
from firsttoken.testing import CapturedTelemetry, ProviderServer

Instrumented = Callable[..., AbstractContextManager[None]]

ASKED: dict[str, Any] = {"model": "gpt-5.1", "messages": [{"role": "user", "content": "Hi"}]}


class Says:
    """Pure ASGI middleware, in whose task the answer is streamed too."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async with firsttoken.context(user_id=scope["query_string"].decode() or None):
            await self.app(scope, receive, send)


def application(client: openai.AsyncOpenAI) -> Starlette:
    async def asks_first(request: Request) -> StreamingResponse:
        with firsttoken.context(call_type="first"):
            stream = await client.chat.completions.create(stream=True, **ASKED)
        return StreamingResponse(chunk.id async for chunk in stream)

    async def asks_while_streaming(request: Request) -> StreamingResponse:
        async def answer() -> AsyncIterator[str]:
            with firsttoken.context(call_type="later"):
                stream = await client.chat.completions.create(stream=True, **ASKED)
            async for chunk in stream:
                yield chunk.id

        return StreamingResponse(answer())

    routes = [Route("/first", asks_first), Route("/later", asks_while_streaming)]
    return Starlette(routes=routes, middleware=[Middleware(Says)])


def test_streaming_responses_to_two_users_at_once_keep_them_apart(
    server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def visit(client: Any) -> None:
        transport = OPENAI_HTTP.ASGITransport(application(client))
        async with OPENAI_HTTP.AsyncClient(transport=transport, base_url="http://app") as visitor:
            paths = [f"/{when}?{user}" for when in ("first", "later") for user in ("a", "b")]
            answers = await asyncio.gather(*map(visitor.get, paths))
        assert all(answer.status_code == 200 and answer.text for answer in answers)
        assert captured().user_id is None

    with instrumented():
        using(PROGRAMS["async"], "openai", server, visit)
    names = ("user.id", "firsttoken.call_type")
    said = sorted(tuple(str(span["attributes"].get(name)) for name in names) for span in telemetry.spans)
    assert said == [("a", "first"), ("a", "later"), ("b", "first"), ("b", "later")]


def test_a_stream_that_is_read_after_its_parents_span_has_ended_keeps_both(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program, tracer = PROGRAMS["async"], telemetry.tracer_provider.get_tracer("app")

    async def work(client: Any) -> None:
        with tracer.start_as_current_span("request"), firsttoken.context(user_id="u"):
            stream = await opened(program, client)
        await read(program, stream)

    with instrumented():
        using(program, sdk, server, work)
    request, call = telemetry.spans
    assert (request["span_id"], "u") == (call["parent_span_id"], call["attributes"]["user.id"])
    assert call["end_unix_ns"] > request["end_unix_ns"]


def test_it_holds_with_providers_that_are_set_after_the_program_was_instrumented(
    server: ProviderServer, telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    firsttoken.instrument(meter_provider=telemetry.meter_provider, logger_provider=telemetry.logger_provider)

    async def work(client: Any) -> None:
        with firsttoken.context(user_id="u"):
            monkeypatch.setattr(trace, "_TRACER_PROVIDER", telemetry.tracer_provider)
            await read(PROGRAMS["async"], await opened(PROGRAMS["async"], client))

    try:
        using(PROGRAMS["async"], "openai", server, work)
        assert firsttoken.flush(PATIENCE_S)
    finally:
        firsttoken.uninstrument()
    assert [span["attributes"].get("user.id") for span in telemetry.spans] == ["u"]


def test_a_program_without_any_provider_says_it_in_vain_and_runs(server: ProviderServer) -> None:
    async def work(client: Any) -> int:
        with firsttoken.context(user_id="u", tags=["a"]):
            return len(await read(PROGRAMS["async"], await opened(PROGRAMS["async"], client)))

    assert using(PROGRAMS["async"], "openai", server, work) > 1
    assert otel.get_current() == {}
