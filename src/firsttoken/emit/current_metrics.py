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

MODALITIES: Final = ("audio", "image", "text")
MODALITY_UNKNOWN: Final = "unknown"

TOKEN_COUNTERS: Final = (
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS, "input_tokens", "input_{}_tokens"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS, "output_tokens", "output_{}_tokens"),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS, "cache_read_tokens", None),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS, "cache_write_tokens", None),
    (names.GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS, "reasoning_tokens", None),
)
"""Each counter with the field of Usage that it counts, and the fields that say how much of it was of each modality."""

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
        self._counters = [(counter(meter, metric), field, parts) for metric, field, parts in TOKEN_COUNTERS]
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
        for tokens, field, part_field in self._counters:
            total: int | None = getattr(usage, field)
            if total is not None:
                parts = {} if part_field is None else _parts(usage, part_field)
                for modality, amount in _shares(total, parts).items():
                    tokens.add(amount, {**attributes, names.GEN_AI_TOKEN_MODALITY: modality})

    def _record_sizes(self, usage: Usage, attributes: Attributes) -> None:
        for sizes, field in self._histograms:
            total: int | None = getattr(usage, field)
            if total is not None:
                sizes.record(total, attributes)


def _parts(usage: Usage, field: str) -> dict[str, int]:
    return {modality: getattr(usage, field.format(modality)) or 0 for modality in MODALITIES}


def _shares(total: int, parts: dict[str, int]) -> dict[str, int]:
    """The total by modality: its parts as far as they fit into it, and what is left as unknown."""
    shares: dict[str, int] = {}
    left = total
    for modality, told in parts.items():
        if amount := min(told, left):
            shares[modality] = amount
            left -= amount
    return {**shares, MODALITY_UNKNOWN: left} if left or not shares else shares


class OtherOperationMetrics(MetricSet):
    """How long everything took that is no inference."""

    def __init__(self, meter: Meter) -> None:
        self._duration = histogram(meter, names.GEN_AI_CLIENT_OPERATION_DURATION)

    def record(self, measured: Measured, context: Context | None) -> None:
        if not measured.operation.is_inference:
            self._duration.record(measured.call.timing.duration_ns / 1e9, measured.ended, context=context)
