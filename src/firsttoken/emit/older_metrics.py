"""The metrics that the GenAI conventions defined before October 2026."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from firsttoken.call import Usage
from firsttoken.emit.instruments import MetricSet, histogram
from firsttoken.emit.many import record_many
from firsttoken.emit.measured import Attributes, Measured
from firsttoken.semconv import older
from firsttoken.semconv.renaming import named

TOKEN_TYPES: Final = ((older.INPUT, "input_tokens"), (older.OUTPUT, "output_tokens"))
"""Each type of token with the field of Usage that counts it."""


class OlderMetrics(MetricSet):
    """One duration for whatever was asked, and one histogram of tokens, whose sums are totals.

    That is why counts of a cut stream, of embeddings and of batches are in it as well.
    """

    def __init__(self, meter: Meter) -> None:
        self._duration = histogram(meter, older.OPERATION_DURATION)
        self._first_chunk = histogram(meter, older.OPERATION_TIME_TO_FIRST_CHUNK)
        self._per_chunk = histogram(meter, older.OPERATION_TIME_PER_OUTPUT_CHUNK)
        self._tokens = histogram(meter, older.TOKEN_USAGE)

    def record(self, measured: Measured, context: Context | None) -> None:
        timing, usage = measured.call.timing, measured.call.usage
        self._duration.record(timing.duration_ns / 1e9, named(measured.ended, "older"), context=context)
        if measured.operation.is_inference and timing.first_chunk_ns is not None:
            self._first_chunk.record(timing.first_chunk_ns / 1e9, named(measured.shared, "older"), context=context)
        if usage is not None:
            self._record_tokens(usage, named(measured.tiered, "older"))

    def record_gaps(self, gaps_s: Sequence[float], attributes: Attributes) -> None:
        record_many(self._per_chunk, gaps_s, named(attributes, "older"))

    def _record_tokens(self, usage: Usage, attributes: Attributes) -> None:
        for token_type, field in TOKEN_TYPES:
            total: int | None = getattr(usage, field)
            if total is not None:
                self._tokens.record(total, {**attributes, older.TOKEN_TYPE: token_type})
