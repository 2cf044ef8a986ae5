"""Whose child is whose: the call's span is current while its request is sent, and never in the caller's hands."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import anthropic
import openai
import pytest
from opentelemetry import context, trace
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry, Delivery, ErrorAnswer, Gate, ProviderServer, text_answer
from observe.asking import opened, read, streamed, using, whole
from observe.program import DONE, PROGRAMS, Program
from observe.surfaces import REQUESTS, STREAMS, Surface, resource

MODULES: dict[str, Any] = {"openai": openai, "anthropic": anthropic}
LOGGERS = ("firsttoken", "opentelemetry.context", "asyncio")

Instrumented = Callable[..., AbstractContextManager[None]]


class FailsOnceThenWaits:
    """The way out of an HTTP client, from which nothing comes back."""

    failed = False

    async def handle_async_request(self, request: object) -> object:
        if not self.failed:
            self.failed = True
            raise OSError
        return await asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> FailsOnceThenWaits:
        return self

    async def __aexit__(self, *args: object) -> None:
        pass

    async def aclose(self) -> None:
        pass


def ours(telemetry: CapturedTelemetry) -> Any:
    (span,) = [span for span in telemetry.spans if span["scope"] == "firsttoken"]
    return span


@pytest.mark.parametrize("surface", STREAMS, ids=lambda surface: surface.name)
def test_the_consumers_spans_are_not_children_of_the_call(
    surface: Surface, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    tracer = telemetry.tracer_provider.get_tracer("app")

    async def consume(client: Any) -> None:
        with tracer.start_as_current_span("request") as request:
            answer = await surface.ask(program, client)
            iterator = program.iterate(answer.stream)
            while await program.next(iterator) is not DONE:
                assert trace.get_current_span() is request
                tracer.start_span("work").end()
            assert trace.get_current_span() is request
            await program.leave(answer.manager)
        assert trace.get_current_span() is trace.INVALID_SPAN

    with ProviderServer() as server, instrumented():
        using(program, surface.sdk, server, consume)
    (root,) = [span for span in telemetry.spans if span["name"] == "request"]
    parents = {span["name"]: span["parent_span_id"] for span in telemetry.spans}
    assert {"request": None, "work": root["span_id"], ours(telemetry)["name"]: root["span_id"]} == parents


@pytest.mark.parametrize("ask", [streamed, whole])
def test_the_callers_context_is_the_same_object_after_a_call(
    ask: Any, sdk: str, program: Program, server: ProviderServer, instrumented: Instrumented
) -> None:
    server.enqueue(text_answer(), ErrorAnswer(status=400))

    async def look(client: Any) -> None:
        before = context.get_current()
        await ask(program, client)
        assert context.get_current() is before
        with pytest.raises(Exception, match="400"):
            await ask(program, client)
        assert context.get_current() is before

    with instrumented():
        using(program, sdk, server, look)


def test_two_tasks_on_one_client_keep_their_parents_apart(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    program, tracer, gate = PROGRAMS["async"], telemetry.tracer_provider.get_tracer("app"), Gate()
    server.enqueue(*[text_answer(delivery=Delivery(before={2: gate}))] * 2)

    async def task(client: Any, name: str) -> None:
        with tracer.start_as_current_span(name):
            stream = await opened(program, client)
            if len(server.requests) == 2:
                gate.open()
            await read(program, stream)

    async def both(client: Any) -> None:
        await asyncio.gather(task(client, "one"), task(client, "other"))

    with instrumented():
        using(program, sdk, server, both)
    spans = {span["span_id"]: span for span in telemetry.spans}
    parents = [spans[str(span["parent_span_id"])]["name"] for span in spans.values() if span["scope"] == "firsttoken"]
    assert sorted(parents) == ["one", "other"]


def test_a_stream_read_in_another_task_or_thread_says_nothing_in_the_log(
    sdk: str, server: ProviderServer, instrumented: Instrumented, caplog: pytest.LogCaptureFixture
) -> None:
    async def elsewhere(client: Any) -> None:
        stream = await asyncio.create_task(opened(PROGRAMS["async"], client))
        await asyncio.create_task(_next(stream))
        await stream.close()

    with instrumented():
        using(PROGRAMS["async"], sdk, server, elsewhere)
    assert [record for record in caplog.records if record.levelno > logging.INFO and record.name in LOGGERS] == []


@pytest.mark.parametrize("provider", ["the application's own", "none but ours"])
def test_a_request_whose_coroutine_is_closed_in_another_context_says_nothing_in_the_log(
    provider: str,
    sdk: str,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if provider == "the application's own":  # Then Anthropic's SDK makes spans of its own, and makes them current.
        monkeypatch.setattr(trace, "_TRACER_PROVIDER", telemetry.tracer_provider)

    async def drop(client: Any) -> None:
        with contextlib.suppress(Exception):  # The first request of all waits for other things before it is sent.
            await whole(PROGRAMS["async"], client)
        request = resource(client).create(**REQUESTS[sdk])
        contextvars.copy_context().run(request.send, None)
        request.close()

    waiting = MODULES[sdk].DefaultAsyncHttpxClient(transport=FailsOnceThenWaits())
    troubles.clear()
    with instrumented():
        using(PROGRAMS["async"], sdk, server, drop, http_client=waiting)
    outcomes = [span["attributes"]["firsttoken.outcome"] for span in telemetry.spans if span["scope"] == "firsttoken"]
    assert outcomes == ["failed", "abandoned"]
    assert [record for record in caplog.records if "detach" in record.message] == []
    assert not troubles


def test_suppressed_instrumentation_is_suppressed_here_too(
    sdk: str,
    program: Program,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", telemetry.tracer_provider)

    async def suppressed(client: Any) -> None:
        with suppress_instrumentation():
            await whole(program, client)
            await streamed(program, client)

    with ProviderServer() as server, instrumented():
        using(program, sdk, server, suppressed)
    assert (telemetry.spans, telemetry.logs) == ([], [])


def test_a_parent_that_was_not_sampled_leaves_no_span_and_still_counts(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(ParentBased(ALWAYS_OFF), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    firsttoken.instrument(
        Settings(),
        tracer_provider=provider,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )

    async def unsampled(client: Any) -> None:
        with provider.get_tracer("app").start_as_current_span("request"):
            await streamed(program, client)

    try:
        using(program, sdk, server, unsampled)
        assert firsttoken.flush(PATIENCE_S)
    finally:
        firsttoken.uninstrument()
    assert exporter.get_finished_spans() == ()
    (duration,) = telemetry.points_of("gen_ai.client.inference.duration")
    assert duration["count"] == 1


@pytest.mark.parametrize("ask", [streamed, whole])
def test_a_requests_own_span_is_the_calls_child(
    ask: Any, sdk: str, program: Program, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with ProviderServer() as server, instrumented(Settings(httpx=True)):
        server.enqueue(ErrorAnswer(status=429, headers={"retry-after-ms": "1"}))
        using(program, sdk, server, lambda client: ask(program, client), max_retries=1)
        sent = [request.headers.get("traceparent", "").split("-")[1:3] for request in server.requests]
    call = ours(telemetry)
    attempts = [span for span in telemetry.spans if span is not call and span["span_id"] != call["span_id"]]
    assert [call["span_id"]] * 2 == [span["parent_span_id"] for span in attempts]
    assert [[span["trace_id"], span["span_id"]] for span in attempts] == sent


@pytest.mark.parametrize("ask", [streamed, whole])
def test_no_request_gets_a_header_of_ours(
    ask: Any, program: Program, server: ProviderServer, instrumented: Instrumented
) -> None:
    def names() -> set[str]:
        return {name.lower() for name in server.requests[-1].headers}

    using(program, "openai", server, lambda client: ask(program, client))
    bare = names()
    with instrumented():
        using(program, "openai", server, lambda client: ask(program, client))
    assert names() == bare
    assert "traceparent" not in bare


async def _next(stream: Any) -> Any:
    return await anext(stream)
