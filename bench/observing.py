"""The telemetry behind every measurement: the real OpenTelemetry SDK, with exporters that drop what they get."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

import firsttoken


class DropSpans(SpanExporter):
    def __init__(self) -> None:
        self.count = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.count += len(spans)
        return SpanExportResult.SUCCESS


class DropLogs(LogRecordExporter):
    def export(self, batch: Sequence[Any]) -> LogRecordExportResult:
        del batch
        return LogRecordExportResult.SUCCESS

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 10_000) -> bool:
        del timeout_millis
        return True


class Telemetry:
    """Providers as an application would set them up."""

    def __init__(self) -> None:
        self.spans = TracerProvider(shutdown_on_exit=False)
        self._dropped = DropSpans()
        self.spans.add_span_processor(BatchSpanProcessor(self._dropped))
        self.metrics = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
        self.logs = LoggerProvider(shutdown_on_exit=False)
        self.logs.add_log_record_processor(BatchLogRecordProcessor(DropLogs()))

    @contextmanager
    def observing(self, settings: firsttoken.Settings | None = None) -> Generator[None]:
        """Observes for as long as it is entered. Raises RuntimeError when no call was: then nothing was measured."""
        before = self._dropped.count
        firsttoken.instrument(
            settings, tracer_provider=self.spans, meter_provider=self.metrics, logger_provider=self.logs
        )
        try:
            yield
        finally:
            self.settle()
            firsttoken.uninstrument()
        if self._dropped.count == before:
            raise RuntimeError("no call was observed: FIRSTTOKEN and OTEL variables may forbid it")

    def settle(self) -> None:
        """Returns when everything has been exported."""
        assert firsttoken.flush(60)
        self.spans.force_flush()
        self.logs.force_flush()
