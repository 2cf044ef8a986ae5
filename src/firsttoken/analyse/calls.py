"""Which calls there are, and everything about one."""

from __future__ import annotations

from firsttoken.analyse.answers import CallDetail, CallRow
from firsttoken.store import Store

Cursor = tuple[int, str]
"""Where a page of calls ended. Made by `cursor_of`, given back as `before`."""


def cursor_of(row: CallRow) -> Cursor:
    """The position right after this row, newest first."""
    return (row.call.timing.started_unix_ns, row.trace_id + row.span_id)


def recent_calls(
    store: Store, *, limit: int = 100, before: Cursor | None = None, run_id: str | None = None
) -> list[CallRow]:
    """At most `limit` calls, the newest start first. Raises StoreError."""
    raise NotImplementedError


def find_call(store: Store, trace_id: str, span_id: str) -> CallDetail | None:
    """One call with its span events and the log records of its span; None where there is none. Raises StoreError."""
    raise NotImplementedError
