"""`shutdown()` ends everything of ours, leaves what is the application's alone, and `instrument()` begins anew."""

from __future__ import annotations

from typing import Any

import openai
import pytest
import wrapt
from observe.asking import opened, read, using, whole
from observe.program import PROGRAMS
from observing import observe
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import firsttoken
from export.collector import dead_collector, http_collector
from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry, ProviderServer

SYNC = PROGRAMS["sync"]


def ask(server: ProviderServer) -> None:
    using(SYNC, "openai", server, lambda client: whole(SYNC, client))


def is_wrapped() -> bool:
    return isinstance(vars(openai._base_client.SyncAPIClient)["request"], wrapt.FunctionWrapper)


def test_without_a_call_or_an_instrument_there_is_nothing_to_do() -> None:
    firsttoken.shutdown()  # What other tests have left open.
    assert firsttoken.shutdown(0)
    firsttoken.instrument(Settings())
    assert firsttoken.shutdown()
    assert firsttoken.shutdown()
    assert not is_wrapped()


def test_our_own_providers_have_sent_everything_and_are_made_anew(
    unset: pytest.MonkeyPatch, server: ProviderServer
) -> None:
    with http_collector() as received:
        for signal in ("TRACES", "LOGS", "METRICS"):
            unset.setenv(f"OTEL_{signal}_EXPORTER", "otlp")
        unset.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        unset.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        for number in (1, 2):
            firsttoken.instrument(Settings())
            ask(server)
            assert firsttoken.shutdown(30)
            assert (len(received.spans), is_wrapped()) == (number, False)
        ask(server)
        assert firsttoken.shutdown()
    assert len(received.spans) == 2
    assert "gen_ai.client.inference.duration" in received.metrics


def test_providers_of_the_application_get_what_waits_and_go_on(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    exporter, tracers = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=600_000))
    firsttoken.instrument(
        Settings(),
        tracer_provider=tracers,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    ask(server)
    assert firsttoken.shutdown(30)
    assert exporter.get_finished_spans() == ()
    tracers.get_tracer("app").start_span("later").end()
    tracers.force_flush()
    assert [span.name for span in exporter.get_finished_spans()] == ["chat gpt-4o", "later"]
    assert "force_flush" not in vars(tracers)
    tracers.shutdown()


def test_a_call_that_runs_is_recorded_as_abandoned_and_goes_on(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    async def work(client: Any) -> list[Any]:
        stream = await opened(SYNC, client)
        assert firsttoken.shutdown(30)
        return await read(SYNC, stream)

    observe(telemetry)
    assert len(using(SYNC, "openai", server, work)) > 1
    (span,) = telemetry.spans
    assert span["attributes"]["firsttoken.outcome"] == "abandoned"


def test_a_collector_that_never_answers_makes_it_give_up_in_time(
    unset: pytest.MonkeyPatch, server: ProviderServer
) -> None:
    unset.setenv("OTEL_TRACES_EXPORTER", "otlp")
    unset.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    unset.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with dead_collector() as dead:
        unset.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", dead.endpoint)
        firsttoken.instrument(Settings())
        ask(server)
        assert not firsttoken.shutdown(0.1)
    assert not is_wrapped()
