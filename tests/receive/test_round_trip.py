"""A call is the same when it has been written as a span, sent, received, stored and asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import grpc
import pytest
from hypothesis import HealthCheck, example, given, settings
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import LogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import Event
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from store.samples import SMALLEST_CALL, calls

from firsttoken import analyse
from firsttoken.analyse import CallDetail
from firsttoken.call import Call, Usage, operation_called
from firsttoken.serve import Server
from firsttoken.store import Store

from .sending import PROTOBUF, RESOURCE, context, post, request_of, span_of


def as_sent(call: Call) -> Call:
    """Without what a span does not carry: the traceback, which travels as a log, a usage that says nothing, and what an
    operation without tokens cannot have."""
    uses_tokens = operation_called(call.request.operation).uses_tokens
    failure = call.failure and replace(call.failure, exception_type=None, stacktrace=None)
    usage = call.usage if uses_tokens and call.usage != Usage() else None
    return replace(call, failure=failure, usage=usage, cost=call.cost if uses_tokens else None)


def found(store: Store, span_context: object) -> CallDetail:
    detail = analyse.find_call(store, f"{span_context.trace_id:032x}", f"{span_context.span_id:016x}")
    assert detail is not None
    return detail


@contextmanager
def exporters(kind: str, server: Server) -> Iterator[tuple[SpanExporter, LogRecordExporter, MetricExporter]]:
    """The OpenTelemetry SDK's own, over one transport with one compression."""
    transport, _, compression = kind.partition("+")
    if transport == "grpc":
        options = {
            "endpoint": server.ports.grpc_endpoint,
            "insecure": True,
            "compression": grpc.Compression.Gzip if compression else grpc.Compression.NoCompression,
        }
        made = GrpcSpanExporter(**options), GrpcLogExporter(**options), GrpcMetricExporter(**options)
    else:
        url, packed = server.ports.http_endpoint, Compression(compression or "none")
        made = (
            HttpSpanExporter(f"{url}/v1/traces", compression=packed),
            HttpLogExporter(f"{url}/v1/logs", compression=packed),
            HttpMetricExporter(f"{url}/v1/metrics", compression=packed),
        )
    try:
        yield made
    finally:
        for exporter in made:
            exporter.shutdown()


@given(call=calls.map(as_sent))
@example(call=SMALLEST_CALL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_call_survives_the_way(server: Server, store: Store, call: Call) -> None:
    span_context = context()
    body = request_of(span_of(call, span_context)).SerializeToString()
    assert post(server.ports.http_endpoint, "/v1/traces", body, PROTOBUF).status == 200
    assert found(store, span_context).row.call == call


@pytest.mark.parametrize("kind", ["grpc", "grpc+gzip", "http", "http+gzip", "http+deflate"])
def test_the_sdks_exporters_deliver_all_three_signals(server: Server, store: Store, kind: str) -> None:
    span_context = context()
    events = (Event("firsttoken.first_token", {"n": 1}, timestamp=5),)
    before = server.health()
    with exporters(kind, server) as (spans, logs, metrics):
        assert spans.export([span_of(SMALLEST_CALL, span_context, events)]) is SpanExportResult.SUCCESS
        logging = LoggerProvider(resource=RESOURCE)
        logging.add_log_record_processor(SimpleLogRecordProcessor(logs))
        logging.get_logger("firsttoken").emit(
            LogRecord(
                timestamp=7,
                trace_id=span_context.trace_id,
                span_id=span_context.span_id,
                severity_number=SeverityNumber.WARN,
                event_name="gen_ai.client.operation.exception",
                attributes={"exception.type": "openai.RateLimitError"},
                body={"retry": [1, 2.5, None]},
            )
        )
        reader = PeriodicExportingMetricReader(metrics, export_interval_millis=3_600_000)
        metering = MeterProvider([reader], resource=RESOURCE)
        metering.get_meter("firsttoken").create_counter("calls").add(1)
        metering.shutdown()
        logging.shutdown()
    detail = found(store, span_context)
    assert (detail.row.service, detail.row.run_id, detail.scope) == ("checkout", "run-1", "firsttoken.openai")
    assert detail.row.call == SMALLEST_CALL
    assert [(event.name, event.time_unix_ns, event.attributes) for event in detail.span_events] == [
        ("firsttoken.first_token", 5, {"n": 1})
    ]
    assert [(event.name, event.time_unix_ns, event.severity, event.attributes) for event in detail.log_events] == [
        (
            "gen_ai.client.operation.exception",
            7,
            "WARN",
            {"exception.type": "openai.RateLimitError", "body": {"retry": [1, 2.5, None]}},
        )
    ]
    after = server.health()
    assert (after.spans, after.log_records) == (before.spans + 1, before.log_records + 1)
    assert after.metric_points == before.metric_points + 1
