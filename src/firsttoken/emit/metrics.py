"""The metrics of a call, as the GenAI conventions that are wanted define them, plus cost and errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from firsttoken.call import Call, Request, operation_called
from firsttoken.emit.call_metrics import CallMetrics, StreamMetrics
from firsttoken.emit.chosen import ChosenAttributes
from firsttoken.emit.cost_metrics import CostMetrics
from firsttoken.emit.current_metrics import InferenceMetrics, OtherOperationMetrics
from firsttoken.emit.error_metrics import ErrorMetrics
from firsttoken.emit.instruments import MetricSet, counter
from firsttoken.emit.measured import measured, metric_attributes
from firsttoken.emit.older_metrics import OlderMetrics
from firsttoken.pricing.beside_cost import NOTHING, BesideCost
from firsttoken.semconv import own
from firsttoken.settings import Conventions

OURS: Final[tuple[type[MetricSet], ...]] = (CallMetrics, StreamMetrics, CostMetrics, ErrorMetrics)
SETS: Final[Mapping[Conventions, tuple[type[MetricSet], ...]]] = {
    "current": (InferenceMetrics, OtherOperationMetrics, *OURS),
    "older": (OlderMetrics, *OURS),
    "both": (InferenceMetrics, OlderMetrics, *OURS),
}
"""No two sets that are wanted together have a metric in common: the older duration counts everything already."""


class MetricEmitter:
    """Records calls on instruments of one meter, with what is `chosen` of what the application says of them."""

    def __init__(self, meter: Meter, conventions: Conventions = "current", chosen: Iterable[str] = ()) -> None:
        self._chosen = ChosenAttributes(chosen)
        self._sets = [metrics(meter) for metrics in SETS[conventions]]
        self._stalls = counter(meter, own.STALLS)

    def record(self, call: Call, context: Context | None, beside: BesideCost = NOTHING) -> None:
        """Everything but the inter-chunk times. `context` links exemplars to the call's span."""
        what = measured(call, self._chosen, beside)
        for metrics in self._sets:
            metrics.record(what, context)

    def record_gaps(self, request: Request, response_model: str | None, gaps_ns: Iterable[int]) -> None:
        """One point per chunk of an inference after the first: from the chunk before it."""
        if not operation_called(request.operation).is_inference:
            return
        attributes = metric_attributes(request, response_model, self._chosen)
        gaps_s = [gap / 1e9 for gap in gaps_ns]
        for metrics in self._sets:
            metrics.record_gaps(gaps_s, attributes)

    def record_stalls(self, request: Request, response_model: str | None, stages: Mapping[str, int]) -> None:
        """How many stalls there were, by where in the stream."""
        for stage, number in stages.items():
            attributes = {**metric_attributes(request, response_model, self._chosen), own.STALL_STAGE: stage}
            self._stalls.add(number, attributes)
