"""The application's own providers are joined: found whenever they are set, flushed in time, never replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from observe.asking import opened, read, using, whole
from observe.program import PROGRAMS
from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from patience import PATIENCE_S

import firsttoken
from export.collector import http_collector
from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry, ProviderServer

SYNC = PROGRAMS["sync"]


def ask(server: ProviderServer) -> None:
    using(SYNC, "openai", server, lambda client: whole(SYNC, client))


def counts(telemetry: CapturedTelemetry) -> tuple[int, int, int]:
    """Spans, measured durations and log events."""
    durations = telemetry.points_of("gen_ai.client.inference.duration")
    return len(telemetry.spans), sum(int(point["count"] or 0) for point in durations), len(telemetry.logs)


def test_providers_that_the_application_has_set_are_joined(
    set_global: Callable[[CapturedTelemetry], None], server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    set_global(telemetry)
    firsttoken.instrument()
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    assert counts(telemetry) == (1, 1, 1)


def test_nobody_describes_the_program_whose_providers_are_all_there(
    set_global: Callable[[CapturedTelemetry], None],
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_global(telemetry)
    monkeypatch.setenv("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "nobody's")  # The SDK says that it does not find it.
    firsttoken.instrument()
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    assert counts(telemetry) == (1, 1, 1)
    assert "nobody's" not in caplog.text


def test_providers_that_are_set_after_the_first_call_are_joined(
    set_global: Callable[[CapturedTelemetry], None], server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    firsttoken.instrument()
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    set_global(telemetry)
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    assert counts(telemetry) == (1, 1, 1)


def test_a_call_that_runs_while_providers_are_set_ends_its_span_where_it_began(
    set_global: Callable[[CapturedTelemetry], None], server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    async def run_over(client: Any) -> None:
        stream = await opened(SYNC, client)
        set_global(telemetry)
        await read(SYNC, stream)

    firsttoken.instrument()
    using(SYNC, "openai", server, run_over)
    assert firsttoken.flush(PATIENCE_S)
    assert counts(telemetry) == (0, 1, 1)


def test_no_provider_is_made_global_or_replaced(
    set_global: Callable[[CapturedTelemetry], None], server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    def current() -> list[object]:
        return [trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider()]

    firsttoken.instrument()
    before = current()
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    assert all(now is then for now, then in zip(current(), before, strict=True))
    set_global(telemetry)
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    assert current() == [telemetry.tracer_provider, telemetry.meter_provider, telemetry.logger_provider]


@pytest.mark.parametrize("name", ["force_flush", "shutdown"])
def test_a_provider_that_flushes_gets_the_waiting_calls_first(
    name: str, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    """As a function that is frozen after each request needs it."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=60_000))
    firsttoken.instrument(
        Settings(),
        tracer_provider=provider,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    ask(server)
    getattr(provider, name)()
    assert [span.name for span in exporter.get_finished_spans()] == ["chat gpt-4o"]
    provider.shutdown()


def test_a_joined_provider_has_its_own_methods_back_after_uninstrument(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    joined = (telemetry.tracer_provider, telemetry.meter_provider, telemetry.logger_provider)
    before = [vars(provider).copy() for provider in joined]
    named = dict(zip(("tracer_provider", "meter_provider", "logger_provider"), joined, strict=True))
    firsttoken.instrument(Settings(), **named)
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    firsttoken.instrument(Settings(include_usage=True), **named)
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    assert ["force_flush" in vars(provider) for provider in joined] == [True] * 3
    firsttoken.uninstrument()
    assert [vars(provider).keys() for provider in joined] == [kept.keys() for kept in before]


def test_a_local_receiver_gets_a_copy_of_what_the_application_sends(
    set_global: Callable[[CapturedTelemetry], None], server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    set_global(telemetry)
    with http_collector() as received:
        firsttoken.instrument(Settings(local_endpoint=f"{received.endpoint}/"))
        ask(server)
        with trace.get_tracer("app").start_as_current_span("request"):
            ask(server)
        assert firsttoken.flush(PATIENCE_S)
        spans = [span["name"] for span in telemetry.spans]
        assert sorted(received.spans) == sorted(spans)
        assert received.logs == [log["event_name"] for log in telemetry.logs]
        assert received.metrics == set()


def test_a_local_receiver_gets_everything_where_the_application_sends_nothing(
    unset: pytest.MonkeyPatch, server: ProviderServer
) -> None:
    with http_collector() as received:
        firsttoken.instrument(Settings(local_endpoint=received.endpoint))
        ask(server)
        assert firsttoken.flush(PATIENCE_S)
        assert (received.spans, received.logs) == (["chat gpt-4o"], ["gen_ai.client.inference.operation.details"])


def test_a_local_receiver_that_is_gone_holds_nothing_up(
    set_global: Callable[[CapturedTelemetry], None], server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    set_global(telemetry)
    firsttoken.instrument(Settings(local_endpoint="http://127.0.0.1:1", exit_timeout_s=0.1))
    ask(server)
    firsttoken.flush(0.1)
    telemetry.logger_provider.force_flush()  # waits for what is under way, but not for the receiver
    while counts(telemetry) != (1, 1, 1):
        telemetry.logger_provider.force_flush()
