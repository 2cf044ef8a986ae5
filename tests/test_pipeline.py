"""From a recording to its signals: what is emitted, what is kept open, and what is let go."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from export.collector import dead_collector, http_collector
from export.threads import all_ended
from observe.asking import opened, read, using, whole
from observe.fixtures import server, telemetry
from observe.program import PROGRAMS
from observing import observe
from opentelemetry import trace
from opentelemetry._logs import _internal as logs_internal
from opentelemetry.metrics import _internal as metrics_internal
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from patience import PATIENCE_S, is_done_within, until

import firsttoken
from firsttoken import Settings, instrumentation
from firsttoken.observe.recording import Recording
from firsttoken.semconv.older import SCHEMA_URLS
from firsttoken.settings import Conventions
from firsttoken.testing import CapturedTelemetry, Delivery, ErrorAnswer, Gate, ProviderServer, text_answer

__all__ = ["server", "telemetry"]

SYNC = PROGRAMS["sync"]
SPAN, EVENT = "chat gpt-4o", "gen_ai.client.inference.operation.details"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    with all_ended():
        yield
        firsttoken.uninstrument()


@pytest.fixture
def own_providers(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process where nobody has set a provider."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(metrics_internal, "_METER_PROVIDER", None)
    monkeypatch.setattr(logs_internal, "_LOGGER_PROVIDER", None)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    return monkeypatch


def ask(server: ProviderServer) -> None:
    using(SYNC, "openai", server, lambda client: whole(SYNC, client))


def test_a_call_is_a_span_its_metrics_and_an_event_that_belong_together(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    observe(telemetry)
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    (span,), (log,) = telemetry.spans, telemetry.logs
    assert (log["trace_id"], log["span_id"]) == (span["trace_id"], span["span_id"])
    assert (span["name"], log["event_name"], span["end_unix_ns"]) == (SPAN, EVENT, log["time_unix_ns"])
    (duration,) = telemetry.points_of("gen_ai.client.inference.duration")
    assert duration["value"] == pytest.approx((span["end_unix_ns"] - span["start_unix_ns"]) / 1e9)


def test_a_failed_call_has_an_event_for_its_exception_too(server: ProviderServer, telemetry: CapturedTelemetry) -> None:
    server.enqueue(ErrorAnswer(status=400))
    observe(telemetry)
    with pytest.raises(Exception, match="400"):
        ask(server)
    assert firsttoken.flush(PATIENCE_S)
    assert [log["event_name"] for log in telemetry.logs] == [EVENT, "gen_ai.client.operation.exception"]
    trace_text = str(telemetry.logs[1]["attributes"]["exception.stacktrace"])
    assert trace_text.splitlines()[-1].startswith("openai.BadRequestError: Error code: 400")
    assert "_base_client.py" in trace_text


def test_a_price_file_that_is_missing_is_said_once_and_calls_go_on(
    server: ProviderServer, telemetry: CapturedTelemetry, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "firsttoken"):
        observe(telemetry, Settings(prices=Path("/nowhere/prices.toml")))
        ask(server)
        ask(server)
        assert firsttoken.flush(PATIENCE_S)
    assert len(telemetry.spans) == 2
    (record,) = [record for record in caplog.records if record.name == "firsttoken"]
    assert record.message.startswith("firsttoken ignores FIRSTTOKEN_PRICES: ")
    assert "/nowhere/prices.toml" in record.message


@pytest.mark.parametrize("conventions", get_args(Conventions))
def test_the_scope_has_the_schema_of_the_names_that_go_out(
    server: ProviderServer, telemetry: CapturedTelemetry, conventions: Conventions
) -> None:
    exporter, tracers = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    firsttoken.instrument(
        Settings(conventions=conventions),
        tracer_provider=tracers,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    (span,) = exporter.get_finished_spans()
    assert span.instrumentation_scope is not None
    assert (span.instrumentation_scope.name, span.instrumentation_scope.schema_url) == (
        "firsttoken",
        SCHEMA_URLS[conventions],
    )


def test_our_own_providers_stay_until_the_last_stream_has_ended(
    own_providers: pytest.MonkeyPatch, server: ProviderServer
) -> None:
    gate = Gate()
    server.enqueue(text_answer(delivery=Delivery(before={2: gate})))

    async def run_over(client: Any) -> None:
        stream = await opened(SYNC, client)
        firsttoken.uninstrument()
        gate.open()
        await read(SYNC, stream)

    with http_collector() as received:
        own_providers.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        firsttoken.instrument(Settings())
        using(SYNC, "openai", server, run_over)
        until(lambda: bool(received.spans and received.provider_traces and received.metrics))
        assert (received.spans, received.logs) == ([SPAN], [EVENT])
        assert "gen_ai.client.inference.duration" in received.metrics


def test_being_instrumented_many_times_leaves_one_thread(
    own_providers: pytest.MonkeyPatch, server: ProviderServer
) -> None:
    ask(server)
    with http_collector() as received:
        own_providers.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        with all_ended():
            for _ in range(5):
                firsttoken.instrument(Settings())
                ask(server)
                firsttoken.uninstrument()
    assert len(received.spans) == 5


def test_flush_says_when_it_took_too_long(own_providers: pytest.MonkeyPatch, server: ProviderServer) -> None:
    own_providers.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with dead_collector() as dead:
        own_providers.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", dead.endpoint)
        firsttoken.instrument(Settings(exit_timeout_s=0.1))
        ask(server)
        assert not firsttoken.flush(0.1)
        firsttoken.uninstrument()


def test_a_collector_that_is_dead_holds_up_nothing_else(
    own_providers: pytest.MonkeyPatch, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    own_providers.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")
    with dead_collector() as dead:
        own_providers.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", dead.endpoint)

        def took_s() -> float:
            already = len(telemetry.spans)
            firsttoken.uninstrument()
            firsttoken.instrument(Settings(exit_timeout_s=0.2))
            ask(server)
            assert not firsttoken.flush(0.2)
            started = time.monotonic()
            firsttoken.uninstrument()
            observe(telemetry)
            ask(server)
            assert firsttoken.flush(PATIENCE_S)
            assert len(telemetry.spans) == already + 1
            return time.monotonic() - started

        assert is_done_within(5, took_s)  # the exporters themselves wait for six seconds, one after the other


def test_a_call_that_we_cannot_read_is_let_go_all_the_same(
    server: ProviderServer, telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    observe(telemetry)
    monkeypatch.setattr(Recording, "call", lambda recording: 1 / 0)
    ask(server)
    assert firsttoken.flush(PATIENCE_S)
    pipeline = instrumentation._pipeline
    assert pipeline is not None
    assert len(pipeline._open) == 0


def test_flush_without_a_call_is_done_at_once(telemetry: CapturedTelemetry) -> None:
    assert firsttoken.flush(PATIENCE_S)
    observe(telemetry)
    assert firsttoken.flush(PATIENCE_S)
    assert instrumentation._pipeline is not None
