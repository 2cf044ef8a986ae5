"""What was sent over OTLP as plain values: spans, log records, and metrics with their points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1 import trace_pb2

Attributes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    attributes: Attributes
    time_unix_ns: int


@dataclass(frozen=True, slots=True)
class Span:
    """Ids are hexadecimal; that of no parent is empty. Kind and status are words: CLIENT, ERROR."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: str
    status: str
    status_message: str
    started_unix_ns: int
    ended_unix_ns: int
    attributes: Attributes
    events: tuple[Event, ...]
    resource: Attributes
    scope: str


@dataclass(frozen=True, slots=True)
class LogRecord:
    name: str
    """That of the event; empty where it is none."""
    body: Any
    severity: str
    trace_id: str
    span_id: str
    time_unix_ns: int
    attributes: Attributes
    resource: Attributes
    scope: str


@dataclass(frozen=True, slots=True)
class Point:
    """A sum or gauge has a value; a histogram count, sum and buckets."""

    attributes: Attributes
    started_unix_ns: int
    time_unix_ns: int
    value: float | None = None
    count: int | None = None
    sum: float | None = None
    bounds: tuple[float, ...] = ()
    buckets: tuple[int, ...] = ()
    exemplar_trace_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """Kind is as OTLP calls it: sum, gauge, histogram. Temporality is CUMULATIVE, DELTA or, of a gauge, empty."""

    name: str
    unit: str
    kind: str
    temporality: str
    points: tuple[Point, ...]
    resource: Attributes
    scope: str


def spans(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for per_resource in request.resource_spans:
        resource = _attributes(per_resource.resource.attributes)
        for per_scope in per_resource.scope_spans:
            for span in per_scope.spans:
                yield Span(
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                    status=trace_pb2.Status.StatusCode.Name(span.status.code).removeprefix("STATUS_CODE_"),
                    status_message=span.status.message,
                    started_unix_ns=span.start_time_unix_nano,
                    ended_unix_ns=span.end_time_unix_nano,
                    attributes=_attributes(span.attributes),
                    events=tuple(Event(e.name, _attributes(e.attributes), e.time_unix_nano) for e in span.events),
                    resource=resource,
                    scope=per_scope.scope.name,
                )


def log_records(request: ExportLogsServiceRequest) -> Iterator[LogRecord]:
    for per_resource in request.resource_logs:
        resource = _attributes(per_resource.resource.attributes)
        for per_scope in per_resource.scope_logs:
            for record in per_scope.log_records:
                yield LogRecord(
                    name=record.event_name,
                    body=_value(record.body),
                    severity=SeverityNumber.Name(record.severity_number).removeprefix("SEVERITY_NUMBER_"),
                    trace_id=record.trace_id.hex(),
                    span_id=record.span_id.hex(),
                    time_unix_ns=record.time_unix_nano,
                    attributes=_attributes(record.attributes),
                    resource=resource,
                    scope=per_scope.scope.name,
                )


def metrics(request: ExportMetricsServiceRequest) -> Iterator[Metric]:
    for per_resource in request.resource_metrics:
        resource = _attributes(per_resource.resource.attributes)
        for per_scope in per_resource.scope_metrics:
            for metric in per_scope.metrics:
                kind = metric.WhichOneof("data") or ""
                data = getattr(metric, kind)
                yield Metric(
                    name=metric.name,
                    unit=metric.unit,
                    kind=kind,
                    temporality=_temporality(data),
                    points=tuple(map(_point, data.data_points)),
                    resource=resource,
                    scope=per_scope.scope.name,
                )


def _temporality(data: Any) -> str:
    chosen = getattr(data, "aggregation_temporality", None)
    return "" if chosen is None else AggregationTemporality.Name(chosen).removeprefix("AGGREGATION_TEMPORALITY_")


def _point(point: Any) -> Point:
    """Of a number or of a histogram: protobuf has a type for each."""
    value = getattr(point, point.WhichOneof("value") or "", None) if hasattr(point, "as_double") else None
    return Point(
        attributes=_attributes(point.attributes),
        started_unix_ns=point.start_time_unix_nano,
        time_unix_ns=point.time_unix_nano,
        value=value,
        count=getattr(point, "count", None),
        sum=getattr(point, "sum", None),
        bounds=tuple(getattr(point, "explicit_bounds", ())),
        buckets=tuple(getattr(point, "bucket_counts", ())),
        exemplar_trace_ids=tuple(each.trace_id.hex() for each in getattr(point, "exemplars", ())),
    )


def _attributes(pairs: Any) -> Attributes:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case None:
            return None
        case "array_value":
            return [_value(each) for each in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case kind:
            return getattr(value, kind)
