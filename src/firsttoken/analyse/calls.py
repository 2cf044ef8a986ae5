"""Which calls there are, and everything about one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from firsttoken.analyse.answers import CallDetail, CallRow, Event
from firsttoken.analyse.columns import integer, json_value, text, text_or_none
from firsttoken.analyse.conversation import with_content
from firsttoken.store import Row, Store, StoredEvent, call_of
from firsttoken.trace.version import EVENT_NAME

Cursor = tuple[int, str]
"""Where a page of calls ended. Made by `cursor_of`, given back as `before`."""

BODY: Final = "body"
"""The attribute under which a log record's body is shown, where it has one."""
UNNAMED: Final = "log"
"""What a log record that is no event is called."""


def cursor_of(row: CallRow) -> Cursor:
    """The position right after this row, newest first."""
    return (row.call.timing.started_unix_ns, row.trace_id + row.span_id)


def recent_calls(
    store: Store,
    *,
    limit: int = 100,
    before: Cursor | None = None,
    run_id: str | None = None,
    where: Mapping[str, str] | None = None,
) -> list[CallRow]:
    """At most `limit` calls, the newest start first; only those whose attributes say `where`. Raises StoreError."""
    started_unix_ns, ids = (None, None) if before is None else before
    parameters = {"run_id": run_id, "limit": limit, "before_started_unix_ns": started_unix_ns, "before_ids": ids}
    with store.read() as reader:
        return [_call_row(row) for row in reader.ask("recent_calls", parameters, where)]


def find_call(store: Store, trace_id: str, span_id: str) -> CallDetail | None:
    """One call with its span events and the log records of its span; None where there is none. Raises StoreError."""
    span = {"trace_id": trace_id, "span_id": span_id}
    with store.read() as reader:
        rows = reader.ask("find_call", span)
        logs = reader.ask("logs_of_span", span)
    return with_content(_call_detail(rows[0], logs)) if rows else None


def _call_row(row: Row) -> CallRow:
    return CallRow(
        trace_id=text(row, "trace_id"),
        span_id=text(row, "span_id"),
        parent_span_id=text_or_none(row, "parent_span_id"),
        service=text(row, "service"),
        run_id=text_or_none(row, "run_id"),
        call=call_of(row),
    )


def _call_detail(row: Row, logs: list[Row]) -> CallDetail:
    events: list[StoredEvent] = json_value(row, "events")
    return CallDetail(
        row=_call_row(row),
        scope=text(row, "scope"),
        attributes=json_value(row, "attributes"),
        resource=json_value(row, "resource"),
        span_events=tuple(Event(severity=None, **event) for event in events),
        log_events=tuple(_log_event(log) for log in logs if log["event_name"] != EVENT_NAME),
        provider_traces=tuple(_body(log) for log in logs if log["event_name"] == EVENT_NAME),
    )


def _body(log: Row) -> JsonValue:
    return None if log["body"] is None else json_value(log, "body")


def _log_event(log: Row) -> Event:
    body = {} if log["body"] is None else {BODY: _body(log)}
    return Event(
        name=text_or_none(log, "event_name") or UNNAMED,
        time_unix_ns=integer(log, "time_unix_ns"),
        severity=text_or_none(log, "severity"),
        attributes=json_value(log, "attributes") | body,
    )
