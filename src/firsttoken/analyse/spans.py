"""Everything about one span that is no call."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from firsttoken.analyse.answers import Event
from firsttoken.analyse.calls import log_event
from firsttoken.analyse.columns import integer, json_value, text, text_or_none
from firsttoken.store import StoredEvent, Value, Warehouse


@dataclass(frozen=True, slots=True)
class SpanDetail:
    """The ids are lower-case hexadecimal."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    kind: str
    service: str
    run_id: str | None
    scope: str
    started_unix_ns: int
    duration_ns: int
    status: str
    """`ok`, `error` or `unset`."""
    status_message: str
    attributes: dict[str, JsonValue]
    resource: dict[str, JsonValue]
    span_events: tuple[Event, ...]
    log_events: tuple[Event, ...]


def find_span(warehouse: Warehouse, trace_id: str, span_id: str) -> SpanDetail | None:
    """None where there is none. Raises StoreError."""
    asked: dict[str, Value] = {"trace_id": trace_id, "span_id": span_id}
    with warehouse.read() as reader:
        rows, logs = reader.ask("find_span", asked), reader.ask("logs_of_span", asked)
    if not rows:
        return None
    row = rows[0]
    events: list[StoredEvent] = json_value(row, "events")
    return SpanDetail(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=text_or_none(row, "parent_span_id"),
        name=text(row, "name"),
        kind=text(row, "kind"),
        service=text(row, "service"),
        run_id=text_or_none(row, "run_id"),
        scope=text(row, "scope"),
        started_unix_ns=integer(row, "started_unix_ns"),
        duration_ns=integer(row, "ended_unix_ns") - integer(row, "started_unix_ns"),
        status=text(row, "status"),
        status_message=text(row, "status_message"),
        attributes=json_value(row, "attributes"),
        resource=json_value(row, "resource"),
        span_events=tuple(Event(severity=None, **event) for event in events),
        log_events=tuple(map(log_event, logs)),
    )
