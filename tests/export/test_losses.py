"""An exporter that is stuck holds no call up, fills no memory, and what gives way to that is counted."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from observe.asking import streamed, using
from observe.program import PROGRAMS
from observing import observe
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from patience import PATIENCE_S, until

import firsttoken
from export.collector import dead_collector, http_collector
from firsttoken import Settings
from firsttoken.export import outbox
from firsttoken.instrumentation import standing_pipeline
from firsttoken.losses import Loss, losses, note_loss
from firsttoken.testing import CapturedTelemetry, ProviderServer

CALLS = 12


class Stuck(SpanExporter):
    """Never comes back before it is told to."""

    def __init__(self) -> None:
        self.reached, self.go = threading.Event(), threading.Event()

    def export(self, spans: Any) -> Any:
        self.reached.set()
        self.go.wait(60)


def stream_calls(server: ProviderServer, number: int) -> list[int]:
    """How many chunks each of them had."""

    async def work(client: Any) -> list[int]:
        return [len(await streamed(PROGRAMS["sync"], client)) for _ in range(number)]

    return using(PROGRAMS["sync"], "openai", server, work)


def told(telemetry: CapturedTelemetry) -> dict[tuple[object, object], int | float]:
    """What the metric says was lost, by what and why."""
    return {
        (point["attributes"]["firsttoken.lost"], point["attributes"]["firsttoken.lost.reason"]): point["value"]
        for point in telemetry.points_of("firsttoken.client.losses")
    }


def test_what_a_full_queue_before_a_stuck_exporter_drops_is_a_metric(
    unset: pytest.MonkeyPatch, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    unset.setenv("OTEL_TRACES_EXPORTER", "otlp")
    unset.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    unset.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    unset.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "3")
    unset.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2")
    with dead_collector() as dead:
        unset.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", dead.endpoint)
        firsttoken.instrument(
            Settings(exit_timeout_s=0.1),
            meter_provider=telemetry.meter_provider,
            logger_provider=telemetry.logger_provider,
        )
        chunks = stream_calls(server, CALLS)
        pipeline = standing_pipeline()
        assert pipeline is not None
        deadline = time.monotonic() + 30
        while pipeline.emitted < CALLS and time.monotonic() < deadline:
            telemetry.logger_provider.force_flush()
        lost = told(telemetry)
        firsttoken.uninstrument()
    assert len(set(chunks)) == 1
    assert CALLS - 3 - 2 <= sum(number for (what, _), number in lost.items() if what == "spans") <= CALLS
    assert lost["spans", "queue_full"] > 0


def test_where_a_span_processor_is_stuck_calls_are_dropped_and_the_metric_says_so_meanwhile(
    monkeypatch: pytest.MonkeyPatch, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    monkeypatch.setattr(outbox, "CAPACITY", 5)
    stuck, tracers = Stuck(), TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(stuck))
    firsttoken.instrument(
        Settings(exit_timeout_s=0.1),
        tracer_provider=tracers,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    try:
        stream_calls(server, 1)
        assert stuck.reached.wait(30)
        chunks = stream_calls(server, CALLS)
        lost = told(telemetry)
    finally:
        stuck.go.set()
    assert len(set(chunks)) == 1
    assert lost == {("calls", "queue_full"): CALLS - 5}


def test_what_a_process_can_lose_is_told_as_zero_before_the_first_loss(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    observe(telemetry)
    stream_calls(server, 1)
    assert firsttoken.flush(PATIENCE_S)
    assert (told(telemetry), len(telemetry.spans)) == ({("calls", "queue_full"): 0}, 1)
    note_loss("calls", "queue_full", 2)
    assert told(telemetry) == {("calls", "queue_full"): 2}


SPANS, LOGS = (
    {(what, reason) for reason in ("queue_full", "too_large", "export_failed")} for what in ("spans", "logs")
)


@pytest.mark.parametrize(
    ("said", "settings", "expected"),
    [
        ({}, {}, set()),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, {}, SPANS),
        ({"OTEL_LOGS_EXPORTER": "otlp"}, {}, LOGS),
        ({}, {"local_endpoint": "http://127.0.0.1:9"}, SPANS | LOGS),
        ({}, {"content_store": "texts"}, {("contents", "queue_full"), ("contents", "export_failed")}),
    ],
    ids=["nothing", "spans", "logs", "a local copy", "a content store"],
)
def test_of_what_goes_out_through_us_alone_it_is_said_that_none_was_lost(
    unset: pytest.MonkeyPatch,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    tmp_path: Path,
    said: dict[str, str],
    settings: dict[str, Any],
    expected: set[tuple[str, str]],
) -> None:
    unset.chdir(tmp_path)
    for name, value in said.items():
        unset.setenv(name, value)
    with http_collector() as collector:
        unset.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        unset.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        firsttoken.instrument(Settings(exit_timeout_s=0.1, **settings), meter_provider=telemetry.meter_provider)
        stream_calls(server, 1)
        pipeline = standing_pipeline()
        assert pipeline is not None
        until(lambda: pipeline.emitted == 1)
        found = told(telemetry)
        firsttoken.uninstrument()
    assert set(found) == {("calls", "queue_full"), *expected}


def test_work_of_the_application_that_is_traced_can_be_lost_before_it_is_a_span(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    observe(telemetry)
    with firsttoken.workflow("plan"):
        stream_calls(server, 1)
    assert firsttoken.flush(PATIENCE_S)
    assert told(telemetry) == {("calls", "queue_full"): 0, ("spans", "queue_full"): 0}


def test_a_meter_provider_of_ours_says_that_none_of_its_exports_failed(
    unset: pytest.MonkeyPatch, server: ProviderServer
) -> None:
    with http_collector() as collector:
        unset.setenv("OTEL_METRICS_EXPORTER", "otlp")
        unset.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        unset.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
        firsttoken.instrument(Settings())
        stream_calls(server, 1)
        assert firsttoken.flush(PATIENCE_S)
        sent = ExportMetricsServiceRequest.FromString(bytes(collector.sent))
        firsttoken.uninstrument()
    said = {
        (*(attribute.value.string_value for attribute in point.attributes), point.as_int)
        for resource in sent.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == "firsttoken.client.losses"
        for point in metric.sum.data_points
    }
    assert said == {("calls", "queue_full", 0), ("metrics", "export_failed", 0)}


def test_a_provider_that_is_joined_again_counts_a_loss_once(
    server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    for include_usage in (False, True, False):
        observe(telemetry, Settings(include_usage=include_usage, conventions="older" if include_usage else "current"))
        stream_calls(server, 1)
        assert firsttoken.flush(PATIENCE_S)
    losses[Loss("spans", "too_large")] = 4
    assert told(telemetry) == {("calls", "queue_full"): 0, ("spans", "too_large"): 4}
