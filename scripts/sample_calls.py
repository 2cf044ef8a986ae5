"""Calls that between them use everything we emit, sent through the real emitters into memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric

from firsttoken.call import Attempt, Call, Failure, Ledger, Outcome, Request, Response, Timing, Unpriced, Usage
from firsttoken.emit import LogEmitter, MetricEmitter, ProviderTraceEmitter
from firsttoken.emit.active_metrics import watch_active_calls
from firsttoken.emit.loss_metrics import watch_losses
from firsttoken.losses import note_loss
from firsttoken.pricing.beside_cost import BesideCost

TIMING: Final = Timing(started_unix_ns=0, duration_ns=2, first_chunk_ns=1, first_token_ns=1, last_chunk_ns=2)
USAGE: Final = Usage(
    input_tokens=5,
    output_tokens=5,
    cache_read_tokens=1,
    cache_write_tokens=1,
    reasoning_tokens=1,
    input_audio_tokens=1,
    output_audio_tokens=1,
)
ONE: Final = Decimal(1)
BESIDE: Final = BesideCost(saved_by_cache=ONE, so_far=Ledger(ONE, ONE, ONE, ONE, "USD", "list"))

PRICED: Final = Call(
    request=Request("chat", "openai", "openai.chat_completions", "model", True, "host", 443),
    timing=TIMING,
    outcome=Outcome.COMPLETED,
    response=Response(model="model", finish_reasons=("length",), service_tier="default", empty="no_content"),
    usage=USAGE,
    cost=Ledger(ONE, ONE, ONE, ONE, "USD", "list"),
)
FAILED: Final = Call(
    request=Request("chat", "anthropic", "anthropic.messages", "model", True, "host", 443),
    timing=TIMING,
    outcome=Outcome.FAILED,
    response=Response(model="model"),
    failure=Failure("overloaded_error", "message", "exception", "traceback"),
    cost=Unpriced("unknown_usage"),
    attempts=(Attempt(failed_ns=1, wait_ns=1),),
)

EMBEDDED: Final = Call(
    request=Request("embeddings", "openai", "openai.embeddings", "model", False, "host", 443),
    timing=Timing(started_unix_ns=0, duration_ns=1),
    outcome=Outcome.COMPLETED,
    response=Response(model="model"),
    usage=Usage(input_tokens=5),
    cost=Ledger(ONE, ONE, ONE, ONE, "USD", "list"),
)


@dataclass(frozen=True, slots=True)
class Emitted:
    """What the sample calls gave, apart from spans."""

    metrics: Sequence[Metric]
    log_events: Sequence[ReadableLogRecord]


def emitted() -> Emitted:
    reader, exporter = InMemoryMetricReader(), InMemoryLogRecordExporter()
    meters, loggers = MeterProvider([reader]), LoggerProvider()
    loggers.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    metric_emitter, log_emitter = MetricEmitter(meters.get_meter("sample")), LogEmitter(loggers.get_logger("sample"))
    watch_losses(meters)
    watch_active_calls(meters, lambda: [PRICED.request])
    note_loss("spans", "queue_full")
    trace_emitter = ProviderTraceEmitter(loggers.get_logger("sample"))
    for call in (PRICED, FAILED, EMBEDDED):
        metric_emitter.record(call, None, BESIDE)
        metric_emitter.record_stalls(call.request, call.response.model, {"mid_stream": 1})
        metric_emitter.record_gaps(call.request, call.response.model, [1])
        log_emitter.emit(call, None)
        trace_emitter.emit(call, None)
    data = reader.get_metrics_data()
    meters.shutdown()
    loggers.shutdown()
    return Emitted(
        metrics=[m for resource in data.resource_metrics for scope in resource.scope_metrics for m in scope.metrics]
        if data is not None
        else [],
        log_events=exporter.get_finished_logs(),
    )
