"""The metrics that the GenAI conventions define today: of inferences, and of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from firsttoken.call import Usage
from firsttoken.emit.instruments import MetricSet, counter, histogram
from firsttoken.emit.many import record_many
from firsttoken.emit.measured import Attributes, Measured
from firsttoken.semconv import names

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


class InferenceMetrics(MetricSet):
    """Those of an inference, and the tokens of what was asked for earlier."""

    def __init__(self, meter: Meter) -> None:
        self._duration = histogram(meter, names.GEN_AI_CLIENT_INFERENCE_DURATION)
        self._first_chunk = histogram(meter, names.GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK)
        self._per_chunk = histogram(meter, names.GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK)
        self._counters = [(counter(meter, metric), field, audio) for metric, field, audio in TOKEN_COUNTERS]
        self._histograms = [(histogram(meter, metric), field) for metric, field in TOKEN_HISTOGRAMS]

    def record(self, measured: Measured, context: Context | None) -> None:
        operation, timing, usage = measured.operation, measured.call.timing, measured.call.usage
        if operation.is_inference:
            self._duration.record(timing.duration_ns / 1e9, measured.ended, context=context)
            if timing.first_chunk_ns is not None:
                self._first_chunk.record(timing.first_chunk_ns / 1e9, measured.shared, context=context)
        if usage is not None and (operation.is_inference or operation.is_about_earlier):
            self._count_usage(usage, measured.tiered)
        if usage is not None and operation.is_inference and not usage.partial:
            self._record_sizes(usage, measured.tiered)

    def record_gaps(self, gaps_s: Sequence[float], attributes: Attributes) -> None:
        record_many(self._per_chunk, gaps_s, attributes)

    def _count_usage(self, usage: Usage, attributes: Attributes) -> None:
        for tokens, field, audio_field in self._counters:
            total: int | None = getattr(usage, field)
            if total is None:
                continue
            audio: int = min((getattr(usage, audio_field) if audio_field else None) or 0, total)
            tokens.add(total - audio, {**attributes, names.GEN_AI_TOKEN_MODALITY: MODALITY_UNKNOWN})
            if audio:
                tokens.add(audio, {**attributes, names.GEN_AI_TOKEN_MODALITY: MODALITY_AUDIO})

    def _record_sizes(self, usage: Usage, attributes: Attributes) -> None:
        for sizes, field in self._histograms:
            total: int | None = getattr(usage, field)
            if total is not None:
                sizes.record(total, attributes)


class OtherOperationMetrics(MetricSet):
    """How long everything took that is no inference."""

    def __init__(self, meter: Meter) -> None:
        self._duration = histogram(meter, names.GEN_AI_CLIENT_OPERATION_DURATION)

    def record(self, measured: Measured, context: Context | None) -> None:
        if not measured.operation.is_inference:
            self._duration.record(measured.call.timing.duration_ns / 1e9, measured.ended, context=context)
