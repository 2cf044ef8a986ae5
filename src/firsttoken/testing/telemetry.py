"""Everything that was emitted, in memory and as plain values. Touches no global provider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypedDict, cast

from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    NumberDataPoint,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import format_span_id, format_trace_id

from firsttoken.trace.version import EVENT_NAME

if TYPE_CHECKING:
    from firsttoken.trace.record import ProviderTrace

Attributes = dict[str, object]
"""Sequences are tuples, as the SDK keeps them."""


class CapturedSpanEvent(TypedDict):
    name: str
    time_unix_ns: int
    attributes: Attributes


class CapturedSpan(TypedDict):
    """A finished span. Ids are lower-case hexadecimal."""

    name: str
    kind: str
    """For example `CLIENT`."""
    scope: str
    trace_id: str
    span_id: str
    parent_span_id: str | None
    start_unix_ns: int
    end_unix_ns: int
    status: str
    """`UNSET`, `OK` or `ERROR`."""
    status_description: str | None
    attributes: Attributes
    events: list[CapturedSpanEvent]


class CapturedPoint(TypedDict):
    """One series of one metric."""

    name: str
    unit: str
    attributes: Attributes
    value: int | float
    """The sum, for a histogram too."""
    count: int | None
    """How many measurements; None where the metric is no histogram, as are the next two."""
    bounds: tuple[float, ...] | None
    bucket_counts: tuple[int, ...] | None


class CapturedLog(TypedDict):
    event_name: str | None
    severity: str | None
    """For example `WARN`."""
    time_unix_ns: int | None
    body: object
    attributes: Attributes
    trace_id: str | None
    span_id: str | None


class CapturedTelemetry:
    """Providers to hand to `firsttoken.instrument`. Flush before reading: spans may end in another thread."""

    def __init__(self, resource: Mapping[str, str] | None = None) -> None:
        described = Resource(dict(resource or {"service.name": "test"}))
        self._spans = InMemorySpanExporter()
        self._metrics = InMemoryMetricReader()
        self._logs = InMemoryLogRecordExporter()
        self.tracer_provider = TracerProvider(ALWAYS_ON, described, shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meter_provider = MeterProvider([self._metrics], resource=described, shutdown_on_exit=False)
        self.logger_provider = LoggerProvider(resource=described, shutdown_on_exit=False)
        self.logger_provider.add_log_record_processor(SimpleLogRecordProcessor(self._logs))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown()

    def shutdown(self) -> None:
        """What was captured can still be read, except the metrics."""
        self.tracer_provider.shutdown()
        self.meter_provider.shutdown()
        self.logger_provider.shutdown()

    @property
    def spans(self) -> list[CapturedSpan]:
        """Finished spans, in the order in which they ended."""
        return [_span(span) for span in self._spans.get_finished_spans()]

    @property
    def points(self) -> list[CapturedPoint]:
        """Every series of every metric, cumulative, ordered by metric name."""
        return sorted(self._points(), key=lambda point: point["name"])

    def points_of(self, metric: str) -> list[CapturedPoint]:
        """The series of one metric."""
        return [point for point in self.points if point["name"] == metric]

    @property
    def logs(self) -> list[CapturedLog]:
        """Log records and events but provider traces, in the order in which they were emitted."""
        return [log for log in self._log_records() if log["event_name"] != EVENT_NAME]

    @property
    def provider_traces(self) -> list[ProviderTrace]:
        """The records of provider traces, likewise."""
        from firsttoken.trace.record import ProviderTrace

        return [ProviderTrace.from_body(log["body"]) for log in self.provider_trace_logs]

    @property
    def provider_trace_logs(self) -> list[CapturedLog]:
        """The log records that carry them."""
        return [log for log in self._log_records() if log["event_name"] == EVENT_NAME]

    def _log_records(self) -> list[CapturedLog]:
        return [_log(record) for record in self._logs.get_finished_logs()]

    def _points(self) -> Iterator[CapturedPoint]:
        data = self._metrics.get_metrics_data()
        for resource in data.resource_metrics if data is not None else ():
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.data.data_points:
                        yield _point(metric, cast("NumberDataPoint | HistogramDataPoint", point))


def _span(span: ReadableSpan) -> CapturedSpan:
    context, scope = span.get_span_context(), span.instrumentation_scope
    return CapturedSpan(
        name=span.name,
        kind=span.kind.name,
        scope=scope.name if scope is not None else "",
        trace_id=format_trace_id(context.trace_id) if context is not None else "",
        span_id=format_span_id(context.span_id) if context is not None else "",
        parent_span_id=format_span_id(span.parent.span_id) if span.parent is not None else None,
        start_unix_ns=span.start_time or 0,
        end_unix_ns=span.end_time or 0,
        status=span.status.status_code.name,
        status_description=span.status.description,
        attributes=dict(span.attributes or {}),
        events=[_event(event) for event in span.events],
    )


def _event(event: Event) -> CapturedSpanEvent:
    return CapturedSpanEvent(name=event.name, time_unix_ns=event.timestamp, attributes=dict(event.attributes or {}))


def _point(metric: Metric, point: NumberDataPoint | HistogramDataPoint) -> CapturedPoint:
    histogram = point if isinstance(point, HistogramDataPoint) else None
    return CapturedPoint(
        name=metric.name,
        unit=metric.unit or "",
        attributes=dict(point.attributes or {}),
        value=point.sum if isinstance(point, HistogramDataPoint) else point.value,
        count=histogram and histogram.count,
        bounds=histogram and tuple(histogram.explicit_bounds),
        bucket_counts=histogram and tuple(histogram.bucket_counts),
    )


def _log(captured: ReadableLogRecord) -> CapturedLog:
    record = captured.log_record
    return CapturedLog(
        event_name=record.event_name,
        severity=record.severity_number.name if record.severity_number is not None else None,
        time_unix_ns=record.timestamp,
        body=record.body,
        attributes=dict(record.attributes or {}),
        trace_id=format_trace_id(record.trace_id) if record.trace_id else None,
        span_id=format_span_id(record.span_id) if record.span_id else None,
    )
