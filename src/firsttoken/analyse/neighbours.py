"""The calls before and after one, in the order of a list."""

from __future__ import annotations

from firsttoken.analyse.answers import CallRow
from firsttoken.analyse.calls import cursor_of, recent_calls
from firsttoken.analyse.columns import text
from firsttoken.store import EVERYTHING, Selection, Warehouse

CallId = tuple[str, str]
"""Of the trace and of the span."""


def newer_call(warehouse: Warehouse, row: CallRow, selection: Selection = EVERYTHING) -> CallId | None:
    """Of the selected calls, the next that started after this one. Raises StoreError and SelectionError."""
    started_unix_ns, ids = cursor_of(row)
    with warehouse.read() as reader:
        found = reader.ask("newer_call", {"started_unix_ns": started_unix_ns, "ids": ids}, selection)
    return (text(found[0], "trace_id"), text(found[0], "span_id")) if found else None


def older_call(warehouse: Warehouse, row: CallRow, selection: Selection = EVERYTHING) -> CallId | None:
    """The last that started before it, likewise."""
    found = recent_calls(warehouse, selection, limit=1, before=cursor_of(row))
    return (found[0].trace_id, found[0].span_id) if found else None
