"""OTLP exporters and SDK providers made from the standard `OTEL_*` variables.

Every import of an exporter is here and late: gRPC alone costs more to import than everything else of ours.
"""

from __future__ import annotations

import logging
import os
from typing import Final, Literal

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, ConsoleLogRecordExporter, LogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

from firsttoken.errors import SettingsError

log = logging.getLogger("firsttoken")

LOCAL_DELAY_MS: Final = 100
"""How long a span or event may wait before it goes to a local receiver, where a person is watching."""

LOCAL_TIMEOUT_S: Final = 2.0
"""How long one delivery to a local receiver may take, retries included: it answers at once or is gone."""

Signal = Literal["TRACES", "METRICS", "LOGS"]


def protocol(signal: Signal) -> str:
    """`grpc` or `http/protobuf`; gRPC where nothing is set, as in the OpenTelemetry SDK for Python."""
    word = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    word = (word or "grpc").strip().lower()
    if word not in ("grpc", "http/protobuf"):
        raise SettingsError(f"OTEL_EXPORTER_OTLP_PROTOCOL={word!r} is not supported: set it to grpc or http/protobuf")
    return word


def kinds(signal: Signal) -> list[str]:
    """The exporters that `OTEL_<SIGNAL>_EXPORTER` names: `otlp`, `console` or none."""
    words = [word.strip().lower() for word in os.environ.get(f"OTEL_{signal}_EXPORTER", "otlp").split(",")]
    for word in words:
        if word not in ("", "none", "otlp", "console"):
            raise SettingsError(f"OTEL_{signal}_EXPORTER={word!r} is not supported: set it to otlp, console or none")
    return [word for word in words if word not in ("", "none")]


def span_exporter(kind: str) -> SpanExporter:
    if kind == "console":
        return ConsoleSpanExporter()
    if protocol("TRACES") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter

        return GrpcExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter

    return HttpExporter()


def metric_exporter(kind: str) -> MetricExporter:
    if kind == "console":
        return ConsoleMetricExporter()
    if protocol("METRICS") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcExporter

        return GrpcExporter()
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpExporter

    return HttpExporter()


def log_exporter(kind: str) -> LogRecordExporter:
    if kind == "console":
        return ConsoleLogRecordExporter()
    if protocol("LOGS") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcExporter

        return GrpcExporter()
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpExporter

    return HttpExporter()


def own_tracer_provider() -> TracerProvider:
    """A provider of ours with the exporters that the environment asks for. It is never made global."""
    provider = TracerProvider(shutdown_on_exit=False)
    for kind in kinds("TRACES"):
        provider.add_span_processor(BatchSpanProcessor(span_exporter(kind)))
    return provider


def own_meter_provider() -> MeterProvider:
    readers = [PeriodicExportingMetricReader(metric_exporter(kind)) for kind in kinds("METRICS")]
    return MeterProvider(metric_readers=readers, shutdown_on_exit=False)


def own_logger_provider() -> LoggerProvider:
    provider = LoggerProvider(shutdown_on_exit=False)
    for kind in kinds("LOGS"):
        provider.add_log_record_processor(BatchLogRecordProcessor(log_exporter(kind)))
    return provider


def local_span_processor(endpoint: str) -> BatchSpanProcessor:
    """Sends spans to a receiver at `endpoint`, soon."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return BatchSpanProcessor(
        OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=LOCAL_TIMEOUT_S), schedule_delay_millis=LOCAL_DELAY_MS
    )


def local_log_processor(endpoint: str) -> BatchLogRecordProcessor:
    """Sends log events to a receiver at `endpoint`, soon."""
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

    return BatchLogRecordProcessor(
        OTLPLogExporter(f"{endpoint}/v1/logs", timeout=LOCAL_TIMEOUT_S), schedule_delay_millis=LOCAL_DELAY_MS
    )
