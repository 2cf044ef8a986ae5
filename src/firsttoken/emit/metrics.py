"""The metrics of a call, as the GenAI conventions define them, plus cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Counter, Histogram, Meter
from opentelemetry.util.types import AttributeValue

from firsttoken.call import Call, Ledger, Request, Unpriced, Usage, operation_called
from firsttoken.emit.many import record_many
from firsttoken.semconv import names, own
from firsttoken.semconv.metric import Metric
from firsttoken.semconv.write import OPENAI_APIS

MODALITY_UNKNOWN: Final = "unknown"
MODALITY_AUDIO: Final = "audio"

TOKEN_COUNTERS: Final = (
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS, "input_tokens", "input_audio_tokens"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS, "output_tokens", "output_audio_tokens"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS, "cache_read_tokens", None),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS, "cache_write_tokens", None),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS, "reasoning_tokens", None),
)
"""Each counter with the field of Usage that it counts, and the field that says how much of it was audio."""

TOKEN_HISTOGRAMS: Final = (
    (names.GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS, "input_tokens"),
    (names.GEN_AI_CLIENT_INFERENCE_OPERATION_OUTPUT_TOKENS, "output_tokens"),
)

Attributes = dict[str, AttributeValue]


class MetricEmitter:
    """Records calls on instruments of one meter."""

    def __init__(self, meter: Meter) -> None:
        self._inference = _histogram(meter, names.GEN_AI_CLIENT_INFERENCE_DURATION)
        self._operation = _histogram(meter, names.GEN_AI_CLIENT_OPERATION_DURATION)
        self._first_chunk = _histogram(meter, names.GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK)
        self._per_chunk = _histogram(meter, names.GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK)
        self._counters = [(_counter(meter, metric), field, audio) for metric, field, audio in TOKEN_COUNTERS]
        self._histograms = [(_histogram(meter, metric), field) for metric, field in TOKEN_HISTOGRAMS]
        self._cost = _counter(meter, own.COST)
        self._unpriced = _counter(meter, own.UNPRICED_CALLS)

    def record(self, call: Call, context: Context | None) -> None:
        """Everything but the inter-chunk times. `context` links exemplars to the call's span."""
        attributes = metric_attributes(call.request, call.response.model)
        tiered = attributes | _tier(call)
        ended = tiered if call.failure is None else {**tiered, names.ERROR_TYPE: call.failure.type}
        operation = operation_called(call.request.operation)
        is_inference = operation.is_inference
        duration = self._inference if is_inference else self._operation
        duration.record(call.timing.duration_ns / 1e9, ended, context=context)
        if is_inference and call.timing.first_chunk_ns is not None:
            self._first_chunk.record(call.timing.first_chunk_ns / 1e9, attributes, context=context)
        if call.usage is not None and (is_inference or operation.is_about_earlier):
            self._count_usage(call.usage, tiered)
        if call.usage is not None and is_inference and not call.usage.partial:
            self._record_sizes(call.usage, tiered)
        self._record_cost(call, attributes)

    def record_gaps(self, request: Request, response_model: str | None, gaps_ns: Iterable[int]) -> None:
        """One point per chunk of an inference after the first: from the chunk before it."""
        if not operation_called(request.operation).is_inference:
            return
        attributes = metric_attributes(request, response_model)
        record_many(self._per_chunk, [gap / 1e9 for gap in gaps_ns], attributes)

    def _count_usage(self, usage: Usage, attributes: Attributes) -> None:
        for counter, field, audio_field in self._counters:
            total: int | None = getattr(usage, field)
            if total is None:
                continue
            audio: int = min((getattr(usage, audio_field) if audio_field else None) or 0, total)
            counter.add(total - audio, {**attributes, names.GEN_AI_TOKEN_MODALITY: MODALITY_UNKNOWN})
            if audio:
                counter.add(audio, {**attributes, names.GEN_AI_TOKEN_MODALITY: MODALITY_AUDIO})

    def _record_sizes(self, usage: Usage, attributes: Attributes) -> None:
        for histogram, field in self._histograms:
            total: int | None = getattr(usage, field)
            if total is not None:
                histogram.record(total, attributes)

    def _record_cost(self, call: Call, attributes: Attributes) -> None:
        match call.cost:
            case Ledger() as ledger:
                self._cost.add(float(ledger.total), {**attributes, own.COST_CURRENCY: ledger.currency})
            case Unpriced(reason):
                self._unpriced.add(1, {**attributes, own.COST_UNPRICED: reason})
            case None:
                pass


def metric_attributes(request: Request, response_model: str | None) -> Attributes:
    """The attributes that all metrics of a call share."""
    attributes: dict[str, AttributeValue | None] = {
        names.GEN_AI_OPERATION_NAME: request.operation,
        names.GEN_AI_PROVIDER_NAME: request.provider,
        names.GEN_AI_REQUEST_MODEL: request.model,
        names.GEN_AI_RESPONSE_MODEL: response_model,
        names.SERVER_ADDRESS: request.server_address,
        names.SERVER_PORT: request.server_port,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _tier(call: Call) -> Attributes:
    """Of the OpenAI wires alone: the conventions have no name for the tier of another."""
    tier = call.response.service_tier
    if tier is None or not call.request.api.startswith(OPENAI_APIS):
        return {}
    return {names.OPENAI_RESPONSE_SERVICE_TIER: tier}


def _histogram(meter: Meter, metric: Metric) -> Histogram:
    return meter.create_histogram(metric.name, metric.unit, explicit_bucket_boundaries_advisory=metric.buckets)


def _counter(meter: Meter, metric: Metric) -> Counter:
    return meter.create_counter(metric.name, metric.unit)
