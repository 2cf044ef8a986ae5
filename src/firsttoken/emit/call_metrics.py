"""How calls ended and how streams went, whatever the operation. Under names of our own, which no setting changes."""

from __future__ import annotations

from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from firsttoken.call import Call, Ledger
from firsttoken.emit.instruments import MetricSet, counter, histogram
from firsttoken.emit.measured import Attributes, Measured
from firsttoken.semconv import names, own

LIMITS: Final = frozenset({"length", "max_tokens", "model_context_window_exceeded"})
"""The providers' words for an answer that ended because of a limit on its tokens."""


class CallMetrics(MetricSet):
    """A count of all calls, by how they ended and in what they were paid: each share of calls, and each mean of their
    cost, has its whole in the same metric."""

    def __init__(self, meter: Meter) -> None:
        self._calls = counter(meter, own.CALLS)

    def record(self, measured: Measured, context: Context | None) -> None:
        del context
        self._calls.add(1, {**measured.shared, **_ending(measured)})


class StreamMetrics(MetricSet):
    """The two parts of a streamed answer: until something of it is there, and from then until all of it is."""

    def __init__(self, meter: Meter) -> None:
        self._first_token = histogram(meter, own.FIRST_TOKEN_TIME)
        self._generation = histogram(meter, own.GENERATION_TIME)

    def record(self, measured: Measured, context: Context | None) -> None:
        timing = measured.call.timing
        if not measured.operation.is_inference or timing.first_token_ns is None:
            return
        self._first_token.record(timing.first_token_ns / 1e9, measured.shared, context=context)
        if timing.last_chunk_ns is not None:
            generation_ns = timing.last_chunk_ns - timing.first_token_ns
            self._generation.record(generation_ns / 1e9, measured.shared, context=context)


def _ending(measured: Measured) -> Attributes:
    """Few values each: every combination that occurs is a series."""
    call = measured.call
    ending: Attributes = {own.OUTCOME: str(call.outcome)}
    if call.request.stream:
        ending[names.GEN_AI_REQUEST_STREAM] = True
    if measured.operation.uses_tokens and not call.was_refused:
        ending[own.USAGE_KNOWN] = _known(call)
    if not LIMITS.isdisjoint(call.response.finish_reasons or ()):
        ending[own.RESPONSE_TRUNCATED] = True
    if isinstance(call.cost, Ledger):
        ending[own.COST_CURRENCY] = call.cost.currency
    return ending


def _known(call: Call) -> str:
    if call.usage is None:
        return "none"
    return "partial" if call.usage.partial else "final"
