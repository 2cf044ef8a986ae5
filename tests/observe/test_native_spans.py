"""The Anthropic SDK makes spans of its own: exactly one span per call comes out, and the trace context goes out."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import anthropic
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from firsttoken.testing import CapturedSpan, CapturedTelemetry, ErrorAnswer, ProviderServer
from firsttoken.trace.record import SpanIds
from observe.asking import opened, read, streamed, using, whole
from observe.program import Program

Instrumented = Callable[..., AbstractContextManager[None]]

NATIVE = "com.anthropic.sdk.python"
OURS = "firsttoken"

pytestmark = pytest.mark.skipif(
    not hasattr(anthropic.Anthropic, "open_telemetry"), reason="this version makes no spans of its own"
)


@pytest.fixture(autouse=True)
def global_provider(telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch) -> TracerProvider:
    """The application's own, which the SDK finds by itself."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", telemetry.tracer_provider)
    return telemetry.tracer_provider


def scopes(telemetry: CapturedTelemetry) -> list[str]:
    return [span["scope"] for span in telemetry.spans]


def traceparent(span: CapturedSpan) -> str:
    return f"00-{span['trace_id']}-{span['span_id']}-"


@pytest.mark.parametrize("ask", [streamed, whole])
def test_the_bare_sdk_makes_one_span(
    ask: Any, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    using(program, "anthropic", server, lambda client: ask(program, client))
    assert scopes(telemetry) == [NATIVE]


@pytest.mark.parametrize("ask", [streamed, whole])
def test_our_span_stands_in_its_place_and_its_context_is_sent(
    ask: Any, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with instrumented():
        using(program, "anthropic", server, lambda client: ask(program, client))
    assert scopes(telemetry) == [OURS]
    (request,) = server.requests
    assert request.headers["traceparent"].startswith(traceparent(telemetry.spans[0]))


def test_a_client_made_before_and_its_copies_are_observed_alike(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def ask_all(client: Any) -> None:
        await whole(program, client)  # its tracer is made now
        with instrumented():
            for each in (client, client.with_options(timeout=9), client.copy()):
                await streamed(program, each)
                await whole(program, each)

    using(program, "anthropic", server, ask_all)
    assert [NATIVE, *[OURS] * 6] == scopes(telemetry)


def test_the_native_span_is_back_after_uninstrument(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def ask_twice(client: Any) -> None:
        with instrumented():
            await whole(program, client)
        await whole(program, client)

    using(program, "anthropic", server, ask_twice)
    assert scopes(telemetry) == [OURS, NATIVE]
    assert anthropic._base_client.trace is trace


CHOICES: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "content mode": ({"open_telemetry": {"traces": {"content_mode": "content"}}}, {}),
    "conversation id": ({"open_telemetry": {"conversation_id": "c-1"}}, {}),
    "content mode in the environment": ({}, {"ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE": "content"}),
    "switched on in the environment": ({}, {"ANTHROPIC_OPEN_TELEMETRY": "true"}),
}


@pytest.fixture(params=CHOICES)
def configured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Options of a client whose user wants the SDK's spans."""
    options, variables = CHOICES[request.param]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return options


@pytest.mark.parametrize("ask", [streamed, whole])
def test_a_span_that_the_user_has_configured_stays_and_ours_gives_way(
    ask: Any,
    configured: dict[str, Any],
    program: Program,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    with ProviderServer() as server, instrumented():
        using(program, "anthropic", server, lambda client: ask(program, client), **configured)
        (request,) = server.requests
    (native,) = telemetry.spans
    assert native["scope"] == NATIVE
    assert request.headers["traceparent"].startswith(traceparent(native))
    (log,) = telemetry.logs
    assert (native["trace_id"], native["span_id"]) == (log["trace_id"], log["span_id"])
    (provider_trace,) = telemetry.provider_traces
    assert provider_trace.span == SpanIds(trace_id=native["trace_id"], span_id=native["span_id"])
    assert telemetry.points_of("gen_ai.client.inference.duration")


def test_a_tracer_provider_of_the_clients_own_keeps_its_span(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with CapturedTelemetry() as elsewhere, instrumented():
        options = {"open_telemetry": {"tracer_provider": elsewhere.tracer_provider}}
        using(program, "anthropic", server, lambda client: whole(program, client), **options)
        assert scopes(elsewhere) == [NATIVE]
    assert telemetry.spans == []


def test_a_failed_call_of_a_configured_client_has_its_events_on_the_native_span(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(ErrorAnswer(status=400))
    options = {"open_telemetry": {"traces": {"content_mode": "content"}}}
    with instrumented(), pytest.raises(anthropic.BadRequestError):
        using(program, "anthropic", server, lambda client: whole(program, client), **options)
    (native,) = telemetry.spans
    assert {native["span_id"]} == {log["span_id"] for log in (*telemetry.logs, *telemetry.provider_trace_logs)}


def test_a_raw_response_of_a_configured_client_has_its_events_on_the_native_span(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def parse_later(client: Any) -> None:
        stream = await opened(program, client)
        with trace.get_tracer("app").start_as_current_span("elsewhere"):
            await read(program, stream)

    options = {"open_telemetry": {"traces": {"content_mode": "content"}}}
    with instrumented():
        using(program, "anthropic", server, parse_later, **options)
    (native,) = [span for span in telemetry.spans if span["scope"] == NATIVE]
    assert [native["span_id"]] == [log["span_id"] for log in telemetry.logs]


def test_spans_chosen_where_opentelemetry_has_no_provider_leave_the_call_to_ours(
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setenv("ANTHROPIC_OPEN_TELEMETRY", "true")
    with instrumented():
        using(program, "anthropic", server, lambda client: whole(program, client))
    assert scopes(telemetry) == [OURS]
    assert server.requests[0].headers["traceparent"].startswith(traceparent(telemetry.spans[0]))


@pytest.mark.parametrize("variable", ["ANTHROPIC_OPEN_TELEMETRY", "ANTHROPIC_OPEN_TELEMETRY_PROPAGATION"])
def test_what_is_switched_off_stays_off(
    variable: str,
    program: Program,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variable, "false")
    with ProviderServer() as server, instrumented():
        using(program, "anthropic", server, lambda client: whole(program, client))
        assert "traceparent" not in server.requests[0].headers
    assert scopes(telemetry) == [OURS]


def test_other_calls_of_the_sdk_keep_their_own_spans(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def look(client: Any) -> None:
        with contextlib.suppress(anthropic.NotFoundError):
            await program.get(client.models.retrieve("claude-sonnet-4-6"))

    with instrumented():
        using(program, "anthropic", server, look)
    assert scopes(telemetry) == [NATIVE]


def test_every_attempt_carries_the_trace_context(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(ErrorAnswer(status=529, headers={"retry-after-ms": "1"}))
    with instrumented():
        using(program, "anthropic", server, lambda client: whole(program, client), max_retries=1)
    (span,) = telemetry.spans
    assert [request.headers["traceparent"].startswith(traceparent(span)) for request in server.requests] == [True, True]


def test_a_trace_context_that_the_caller_sets_is_treated_as_the_bare_sdk_does(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    given = {"extra_headers": {"TraceParent": f"00-{'1' * 32}-{'2' * 16}-01"}}
    using(program, "anthropic", server, lambda client: whole(program, client, **given))
    (native,) = telemetry.spans
    with instrumented():
        using(program, "anthropic", server, lambda client: whole(program, client, **given))
    sent = [request.headers["traceparent"] for request in server.requests]
    assert [
        header.startswith(traceparent(span)) for header, span in zip(sent, (native, telemetry.spans[1]), strict=True)
    ] == [True, True]
