"""Which calls there are, and everything about one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from firsttoken.analyse.answers import CallDetail, CallRow, Event
from firsttoken.analyse.columns import integer, json_value, text, text_or_none, texts
from firsttoken.analyse.conversation import BODY, with_content
from firsttoken.analyse.places import place_of
from firsttoken.analyse.timelines import taken_out
from firsttoken.semconv import own
from firsttoken.semconv.left_over import whole
from firsttoken.store import EVERYTHING, Reader, Row, Selection, StoredEvent, Value, Warehouse, call_of
from firsttoken.trace.version import EVENT_NAME

Cursor = tuple[int, str]
"""Where a page of calls ended. Made by `cursor_of`, given back as `before`."""

TOLD_OTHERWISE: Final = frozenset({EVENT_NAME, *(event.name for event in own.OWN_RUNNING_EVENTS)})
"""Log records that are no log events of a call: its provider traces, and that it ran while it did."""

UNNAMED: Final = "log"
"""What a log record that is no event is called."""


def cursor_of(row: CallRow) -> Cursor:
    """The position right after this row, newest first."""
    return (row.call.timing.started_unix_ns, row.trace_id + row.span_id)


def recent_calls(
    warehouse: Warehouse, selection: Selection = EVERYTHING, *, limit: int = 100, before: Cursor | None = None
) -> list[CallRow]:
    """At most `limit` of the selected calls, the newest start first. Raises StoreError and SelectionError."""
    started_unix_ns, ids = (None, None) if before is None else before
    parameters: dict[str, Value] = {
        "limit": limit,
        "before_started_unix_ns": started_unix_ns,
        "before_ids": ids,
    }
    with warehouse.read() as reader:
        return [call_row(row) for row in reader.ask("recent_calls", parameters, selection)]


def calls_at(
    warehouse: Warehouse, selection: Selection = EVERYTHING, *, offset: int, limit: int, until_unix_ns: int
) -> list[CallRow]:
    """At most `limit` of the selected calls, the newest start first, after the `offset` newest of those that started
    earlier than `until_unix_ns`. Raises StoreError and SelectionError."""
    asked = _until(selection, until_unix_ns)
    found: list[CallRow] = []
    with warehouse.read() as reader:
        while len(found) < limit:
            place = place_of(reader, asked, offset + len(found), limit - len(found))
            if place is None:
                break
            page: dict[str, Value] = {"limit": limit - len(found), "offset": place.offset}
            rows = reader.ask("calls_from", page, place.selection)
            if not rows:
                break
            found += map(call_row, rows)
    return found


def _until(selection: Selection, unix_ns: int) -> Selection:
    until = selection.until_unix_ns
    return replace(selection, until_unix_ns=unix_ns if until is None else min(until, unix_ns))


def count_calls(warehouse: Warehouse, selection: Selection = EVERYTHING) -> int:
    """Raises StoreError and SelectionError."""
    with warehouse.read() as reader:
        return integer(reader.ask("call_count", None, selection)[0], "calls")


def find_call(warehouse: Warehouse, trace_id: str, span_id: str) -> CallDetail | None:
    """One call with its span events and the log records of its span; None where there is none. Raises StoreError."""
    with warehouse.read() as reader:
        return call_in(reader, trace_id, span_id)


def call_in(reader: Reader, trace_id: str, span_id: str) -> CallDetail | None:
    """The same, for who reads already."""
    span: dict[str, Value] = {"trace_id": trace_id, "span_id": span_id}
    rows = reader.ask("find_call", span)
    return with_content(_call_detail(rows[0], reader.ask("logs_of_span", span))) if rows else None


def call_row(row: Row) -> CallRow:
    """A call in a list."""
    return CallRow(
        trace_id=text(row, "trace_id"),
        span_id=text(row, "span_id"),
        parent_span_id=text_or_none(row, "parent_span_id"),
        service=text(row, "service"),
        run_id=text_or_none(row, "run_id"),
        call=call_of(row),
        seen_by=tuple(texts(row, "seen_by") if row.get("seen_by") else [text(row, "scope")]),
    )


def _call_detail(row: Row, logs: list[Row]) -> CallDetail:
    events: list[StoredEvent] = json_value(row, "events")
    found = call_row(row)
    traces, timeline = taken_out([_body(log) for log in logs if log["event_name"] == EVENT_NAME])
    return CallDetail(
        row=found,
        scope=text(row, "scope"),
        attributes=whole(found.call, json_value(row, "attributes")),
        resource=json_value(row, "resource"),
        span_events=tuple(Event(severity=None, **event) for event in events),
        log_events=tuple(log_event(log) for log in logs if log["event_name"] not in TOLD_OTHERWISE),
        provider_traces=traces,
        timeline=timeline,
    )


def _body(log: Row) -> JsonValue:
    return None if log["body"] is None else json_value(log, "body")


def log_event(log: Row) -> Event:
    body = {} if log["body"] is None else {BODY: _body(log)}
    return Event(
        name=text_or_none(log, "event_name") or UNNAMED,
        time_unix_ns=integer(log, "time_unix_ns"),
        severity=text_or_none(log, "severity"),
        attributes=json_value(log, "attributes") | body,
    )
