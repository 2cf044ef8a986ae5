"""What is handed to the store: one frozen value per row, in batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType, TypedDict

from pydantic import JsonValue

from firsttoken.call import Call

JsonText = NewType("JsonText", str)
"""A JSON document as text, the form in which attributes, resources and events are kept."""


class StoredEvent(TypedDict):
    """A span event, as it is kept in JSON."""

    name: str
    time_unix_ns: int
    attributes: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sent something. One value is shared by everything of one resource and scope."""

    service: str
    """`service.name` of the resource; empty where there is none."""
    run_id: str | None
    scope: str
    resource: JsonText


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call to a model. Ids are lower-case hexadecimal."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    origin: Origin
    received_unix_ns: int
    call: Call
    attributes: JsonText
    """What the call leaves over of its span's attributes: `firsttoken.semconv.left_over`."""
    events: JsonText
    """A list of `StoredEvent`."""


@dataclass(frozen=True, slots=True)
class SpanRecord:
    """Any other span."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    kind: str
    started_unix_ns: int
    ended_unix_ns: int
    status: str
    status_message: str
    origin: Origin
    received_unix_ns: int
    attributes: JsonText
    events: JsonText


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One log record."""

    delivery: str
    """Digest of all that it says, or of the request that brought it where it has no time of its own. With `position`,
    which numbers equal ones of a request, it tells a repeated delivery from a repeated message."""
    position: int
    trace_id: str | None
    span_id: str | None
    event_name: str | None
    time_unix_ns: int
    severity: str | None
    body: JsonText | None
    origin: Origin
    received_unix_ns: int
    attributes: JsonText


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are committed together."""

    calls: tuple[CallRecord, ...] = ()
    spans: tuple[SpanRecord, ...] = ()
    logs: tuple[LogRecord, ...] = ()
