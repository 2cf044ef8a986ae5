"""OTLP log records -> rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from hashlib import blake2b
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
    marks = _Marks(delivery)
    items = 0
    for origin, record in _log_records(request):
        items += 1
        try:
            logs.append(_log(record, origin, marks, delivery.received_unix_ns))
        except ItemError as error:
            refused[str(error)] += 1
    return Decoded(Batch(logs=tuple(logs)), items, refused)


class _Marks:
    """What tells the log records of one request from all others, and is the same when one of them comes again.

    A record has no id. What it says, with its own time, is one: it comes again in other company too, and in another
    encoding. Equal ones of a request are numbered. One without a time is known by the request and its place there.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._seen = Counter[str]()

    def of_content(self, *texts: str | None) -> tuple[str, int]:
        return self._next(blake2b("\0".join([text or "" for text in texts]).encode(), digest_size=16).hexdigest())

    def of_request(self) -> tuple[str, int]:
        return self._next(self._request)

    @cached_property
    def _request(self) -> str:
        return self._delivery.digest()

    def _next(self, digest: str) -> tuple[str, int]:
        self._seen[digest] += 1
        return digest, self._seen[digest] - 1


def _log_records(request: ExportLogsServiceRequest) -> Iterator[tuple[Origin, SentRecord]]:
    for resource_logs in request.resource_logs:
        sender = Sender(resource_logs.resource)
        for scope_logs in resource_logs.scope_logs:
            origin = sender.origin(scope_logs.scope)
            for record in scope_logs.log_records:
                yield origin, record


def _log(record: SentRecord, origin: Origin, marks: _Marks, received_unix_ns: int) -> LogRecord:
    members = attributes_of(record.attributes)
    own_time = record.time_unix_nano or record.observed_time_unix_nano
    trace_id, span_id = id_text(record.trace_id, 16), id_text(record.span_id, 8)
    event_name = record.event_name or _old_event_name(members)
    severity = record.severity_text or _severity(record.severity_number)
    # Exporters send an empty value for a record without a body.
    body = json_text(json_value(record.body)) if record.body.WhichOneof("value") else None
    attributes = json_text(members)
    said = (trace_id, span_id, event_name, severity, body, attributes, origin.scope, origin.resource)
    delivery, position = marks.of_content(str(own_time), *said) if own_time else marks.of_request()
    return LogRecord(
        delivery=delivery,
        position=position,
        trace_id=trace_id,
        span_id=span_id,
        event_name=event_name,
        time_unix_ns=checked_time(own_time or received_unix_ns),
        severity=severity,
        body=body,
        origin=origin,
        received_unix_ns=received_unix_ns,
        attributes=attributes,
    )


def _old_event_name(attributes: Attributes) -> str | None:
    name = attributes.get(EVENT_NAME)
    return name if isinstance(name, str) else None


def _severity(number: int) -> str | None:
    return SEVERITIES[(number - 1) // 4] if 1 <= number <= 24 else None
