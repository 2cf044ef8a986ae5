"""An application that was observed: our own emitters, and the SDK's OTLP exporters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import set_span_in_context

from firsttoken.call import (
    Attempt,
    Call,
    Category,
    Failure,
    Ledger,
    Outcome,
    Request,
    Response,
    Stall,
    Timing,
    Unpriced,
    Usage,
)
from firsttoken.emit import LogEmitter, MetricEmitter, SpanEmitter, scope
from firsttoken.emit.active_metrics import watch_active_calls
from firsttoken.emit.loss_metrics import watch_losses
from firsttoken.losses import open_way
from firsttoken.pricing.beside_cost import NOTHING, BesideCost
from firsttoken.spans.metrics import StreamMetrics

STARTED_UNIX_NS = 1_795_000_000_000_000_000
SECOND = 1_000_000_000
CENT = Decimal("0.01")

COMPLETED = Call(
    request=Request("chat", "openai", "openai.chat_completions", "gpt-4.1", True, "api.openai.com", 443),
    timing=Timing(
        STARTED_UNIX_NS,
        2 * SECOND,
        first_chunk_ns=SECOND // 2,
        first_token_ns=SECOND // 2,
        last_chunk_ns=2 * SECOND,
    ),
    outcome=Outcome.COMPLETED,
    response=Response(model="gpt-4.1-2025-04-14", service_tier="default"),
    usage=Usage(1000, 100, cache_read_tokens=400, cache_write_tokens=100, reasoning_tokens=50),
    cost=Ledger(CENT, CENT, CENT, CENT, "USD", "list"),
)
FAILED = replace(
    COMPLETED,
    request=replace(COMPLETED.request, provider="anthropic", api="anthropic.messages", model="claude-sonnet-5"),
    outcome=Outcome.FAILED,
    response=Response(),
    usage=None,
    failure=Failure("overloaded_error", "Overloaded", "anthropic.APIStatusError", "Traceback"),
    cost=Unpriced("unknown_usage"),
    attempts=(Attempt(SECOND // 10, SECOND // 2, Category.RATE_LIMIT, 429),),
    resend_count=1,
)
CUT = replace(
    COMPLETED,
    outcome=Outcome.CANCELLED,
    response=replace(COMPLETED.response, finish_reasons=("error",)),
    usage=Usage(500, 10, cache_read_tokens=200, partial=True),
    cost=Unpriced("partial_usage"),
    timing=replace(COMPLETED.timing, stall_count=2, stalled_ns=SECOND // 2, first_stall_ns=SECOND // 10),
    stalls=(Stall(SECOND // 10, SECOND // 4), Stall(SECOND, SECOND // 4)),
)
TRUNCATED = replace(COMPLETED, response=replace(COMPLETED.response, finish_reasons=("length",), empty="only_reasoning"))
EMBEDDED = Call(
    request=Request("embeddings", "openai", "openai.embeddings", "text-embedding-3-small"),
    timing=Timing(STARTED_UNIX_NS, SECOND // 10),
    outcome=Outcome.COMPLETED,
    usage=Usage(1000),
    cost=Ledger(CENT, CENT * 0, CENT * 0, CENT * 0, "USD", "list"),
)
BESIDE = {COMPLETED.outcome: BesideCost(saved_by_cache=CENT), CUT.outcome: BesideCost(so_far=COMPLETED.cost)}


@dataclass(frozen=True, slots=True)
class Application:
    """Sends calls as one service."""

    tracers: TracerProvider
    meters: MeterProvider
    loggers: LoggerProvider
    spans: SpanEmitter
    metrics: MetricEmitter
    logs: LogEmitter
    streams: StreamMetrics

    def call(self, call: Call) -> None:
        span = self.spans.start(call.request, call.timing.started_unix_ns)
        context = set_span_in_context(span)
        self.spans.end(span, call)
        self.metrics.record(call, context, BESIDE.get(call.outcome, NOTHING))
        self.metrics.record_gaps(call.request, call.response.model, [SECOND // 10] * 5)
        self.logs.emit(call, context)

    def stall_and_serve(self) -> None:
        """A stream that stood still, and one that was sent on."""
        self.metrics.record_stalls(COMPLETED.request, COMPLETED.response.model, {"mid_stream": 1})
        self.streams.began({})
        self.streams.ended(1.5, {}, "client_disconnect")

    def send(self) -> None:
        assert self.tracers.force_flush()
        assert self.meters.force_flush()
        assert self.loggers.force_flush()


@contextmanager
def application(
    endpoint: str, service: str, *, metrics: bool = True, metrics_url: str | None = None
) -> Iterator[Application]:
    """One that sends no `metrics` says so, for `span-metrics.yaml`. They may go elsewhere than the rest, over HTTP."""
    said = {} if metrics else {"firsttoken.metrics.from": "spans"}
    resource = Resource.create({"service.name": service, "deployment.environment.name": "prod", **said})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, insecure=True)))
    exporter = HttpMetrics(metrics_url) if metrics_url else OTLPMetricExporter(endpoint, insecure=True)
    reader = PeriodicExportingMetricReader(exporter, 3_600_000)
    meters = MeterProvider([reader] if metrics else [], resource)
    loggers = LoggerProvider(resource)
    loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint, insecure=True)))
    emitters = (
        SpanEmitter(tracers.get_tracer(scope.NAME)),
        MetricEmitter(meters.get_meter(scope.NAME)),
        LogEmitter(loggers.get_logger(scope.NAME)),
        StreamMetrics(meters.get_meter(scope.NAME)),
    )
    open_way("outbox")
    open_way("spans")
    watch_losses(meters)
    watch_active_calls(meters, lambda: [COMPLETED.request])
    try:
        yield Application(tracers, meters, loggers, *emitters)
    finally:
        tracers.shutdown()
        meters.shutdown()
        loggers.shutdown()
