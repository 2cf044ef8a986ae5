"""OTLP log records -> rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as SentRecord

from firsttoken.receive.decoded import Decoded, Delivery, ItemError, checked_time, id_text
from firsttoken.receive.origins import Sender
from firsttoken.receive.values import Attributes, attributes_of, json_text, json_value
from firsttoken.store import Batch, LogRecord, Origin

SEVERITIES: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
"""Four numbers each, from 1 (logs data model, severity number)."""
EVENT_NAME: Final = "event.name"
"""Where senders put the name of an event before the field existed."""


def decode_logs(request: ExportLogsServiceRequest, delivery: Delivery) -> Decoded:
    """Every log record of the request as a row."""
    logs: list[LogRecord] = []
    refused: Counter[str] = Counter()
    digest = delivery.digest()
    items = 0
    for position, (origin, record) in enumerate(_log_records(request)):
        items += 1
        try:
            logs.append(_log(record, origin, digest, position, delivery.received_unix_ns))
        except ItemError as error:
            refused[str(error)] += 1
    return Decoded(Batch(logs=tuple(logs)), items, refused)


def _log_records(request: ExportLogsServiceRequest) -> Iterator[tuple[Origin, SentRecord]]:
    for resource_logs in request.resource_logs:
        sender = Sender(resource_logs.resource)
        for scope_logs in resource_logs.scope_logs:
            origin = sender.origin(scope_logs.scope)
            for record in scope_logs.log_records:
                yield origin, record


def _log(record: SentRecord, origin: Origin, digest: str, position: int, received_unix_ns: int) -> LogRecord:
    attributes = attributes_of(record.attributes)
    return LogRecord(
        delivery=digest,
        position=position,
        trace_id=id_text(record.trace_id, 16),
        span_id=id_text(record.span_id, 8),
        event_name=record.event_name or _old_event_name(attributes),
        time_unix_ns=checked_time(record.time_unix_nano or record.observed_time_unix_nano or received_unix_ns),
        severity=record.severity_text or _severity(record.severity_number),
        # Exporters send an empty value for a record without a body.
        body=json_text(json_value(record.body)) if record.body.WhichOneof("value") else None,
        origin=origin,
        received_unix_ns=received_unix_ns,
        attributes=json_text(attributes),
    )


def _old_event_name(attributes: Attributes) -> str | None:
    name = attributes.get(EVENT_NAME)
    return name if isinstance(name, str) else None


def _severity(number: int) -> str | None:
    return SEVERITIES[(number - 1) // 4] if 1 <= number <= 24 else None
