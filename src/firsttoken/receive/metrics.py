"""OTLP metrics -> a count. They are accepted so that exporters are content, and not kept."""

from __future__ import annotations

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from firsttoken.receive.decoded import Decoded, Delivery
from firsttoken.receive.told_losses import told_losses
from firsttoken.store import Batch


def count_points(request: ExportMetricsServiceRequest, _: Delivery) -> Decoded:
    """No rows, the number of data points, and what their senders say they lost."""
    metrics = [
        (resource_metrics.resource, metric)
        for resource_metrics in request.resource_metrics
        for scope_metrics in resource_metrics.scope_metrics
        for metric in scope_metrics.metrics
    ]
    losses = tuple(loss for resource, metric in metrics for loss in told_losses(resource, metric))
    return Decoded(Batch(), sum(_points(metric) for _, metric in metrics), losses=losses)


def _points(metric: Metric) -> int:
    kind = metric.WhichOneof("data")
    return 0 if kind is None else len(getattr(metric, kind).data_points)
