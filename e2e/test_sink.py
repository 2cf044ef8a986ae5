"""The back end of the tests tells what a real exporter sent it, and refuses as real ones do."""

from __future__ import annotations

import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from e2e.application import COMPLETED, FAILED, application
from e2e.programs import free_ports
from e2e.sink import AWAY, MALFORMED, TOO_MANY, TOO_MANY_FOR_GOOD, grpc_sink, http_sink


def test_everything_is_kept_with_its_values():
    [port] = free_ports(1)
    with grpc_sink(port) as received:
        with application(f"127.0.0.1:{port}", "shop") as app:
            app.call(COMPLETED)
            app.call(FAILED)
        [completed, failed] = received.spans
        first_token = next(m for m in received.metrics if m.name == "gen_ai.client.inference.time_to_first_chunk")

    assert (completed.status, failed.status, failed.kind) == ("UNSET", "ERROR", "CLIENT")
    assert completed.attributes["gen_ai.usage.input_tokens"] == 1000
    assert completed.ended_unix_ns - completed.started_unix_ns == COMPLETED.timing.duration_ns
    assert completed.resource["service.name"] == "shop"
    assert {log.trace_id for log in received.logs} == {completed.trace_id, failed.trace_id}
    assert (first_token.unit, first_token.kind, first_token.temporality) == ("s", "histogram", "CUMULATIVE")
    point = next(p for p in first_token.points if p.attributes["gen_ai.provider.name"] == "openai")
    assert (point.count, point.sum, sum(point.buckets)) == (1, 0.5, 1)
    assert point.exemplar_trace_ids == (completed.trace_id,)


@pytest.mark.parametrize("refusal", [AWAY, TOO_MANY, TOO_MANY_FOR_GOOD, MALFORMED], ids=lambda r: f"{r.code.name}")
def test_what_is_refused_is_not_kept_and_what_comes_later_is(refusal):
    [port] = free_ports(1)
    with grpc_sink(port) as by_grpc, http_sink() as (url, by_http):
        senders = [
            (by_grpc, GrpcExporter(f"127.0.0.1:{port}", insecure=True, timeout=1)),
            (by_http, HttpExporter(f"{url}/v1/traces", timeout=1)),
        ]
        for received, exporter in senders:
            tracers = TracerProvider()
            tracers.add_span_processor(SimpleSpanProcessor(exporter))
            with received.refusing(refusal):
                tracers.get_tracer("test").start_span("refused").end()
            assert received.refused >= 1
            tracers.get_tracer("test").start_span("taken").end()
            assert received.wait_for("spans") == ["taken"]
            tracers.shutdown()


def test_one_that_was_stopped_goes_on_with_what_it_had():
    [port] = free_ports(1)
    exporter = GrpcExporter(f"127.0.0.1:{port}", insecure=True)
    tracer = TracerProvider().get_tracer("test")
    spans = [tracer.start_span(name) for name in ("before", "after")]
    for span in spans:
        span.end()
    with grpc_sink(port) as received:
        assert exporter.export(spans[:1]) is SpanExportResult.SUCCESS
    with grpc_sink(port, received):
        assert exporter.export(spans[1:]) is SpanExportResult.SUCCESS
    exporter.shutdown()

    assert [span.name for span in received.spans] == ["before", "after"]
