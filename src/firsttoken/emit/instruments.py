"""Metric definitions -> instruments, and what every set of metrics can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.metrics import Counter, Histogram, Meter

from firsttoken.emit.measured import Attributes, Measured
from firsttoken.semconv.metric import Metric


class MetricSet(ABC):
    """Metrics that are wanted together, on one meter."""

    @abstractmethod
    def __init__(self, meter: Meter) -> None: ...

    @abstractmethod
    def record(self, measured: Measured, context: Context | None) -> None:
        """Everything but the inter-chunk times. `context` links exemplars to the call's span."""

    def record_gaps(self, gaps_s: Sequence[float], attributes: Attributes) -> None:
        """The inter-chunk times of an inference, of which most sets say nothing."""
        del gaps_s, attributes


def histogram(meter: Meter, metric: Metric) -> Histogram:
    return meter.create_histogram(metric.name, metric.unit, explicit_bucket_boundaries_advisory=metric.buckets)


def counter(meter: Meter, metric: Metric) -> Counter:
    return meter.create_counter(metric.name, metric.unit)
