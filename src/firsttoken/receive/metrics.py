"""OTLP metrics -> a count. They are accepted so that exporters are content, and not kept."""

from __future__ import annotations

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from firsttoken.receive.decoded import Decoded, Delivery
from firsttoken.store import Batch


def count_points(request: ExportMetricsServiceRequest, _: Delivery) -> Decoded:
    """No rows, and the number of data points."""
    points = sum(
        _points(metric)
        for resource_metrics in request.resource_metrics
        for scope_metrics in resource_metrics.scope_metrics
        for metric in scope_metrics.metrics
    )
    return Decoded(Batch(), points)


def _points(metric: Metric) -> int:
    kind = metric.WhichOneof("data")
    return 0 if kind is None else len(getattr(metric, kind).data_points)
