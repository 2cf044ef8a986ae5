"""A body of a log record, there and back as the exporters send it."""

from __future__ import annotations

from typing import Any, cast

from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor


def over_otlp(body: object) -> LogRecord:
    """Raises what the exporter raises for a body that cannot be sent."""
    exporter, loggers = InMemoryLogRecordExporter(), LoggerProvider(shutdown_on_exit=False)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    loggers.get_logger("test").emit(body=cast("Any", body))
    sent = encode_logs(exporter.get_finished_logs()).SerializeToString()
    return ExportLogsServiceRequest.FromString(sent).resource_logs[0].scope_logs[0].log_records[0]
