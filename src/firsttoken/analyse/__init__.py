"""Typed answers over the store."""

from firsttoken.analyse.answers import (
    CallDetail,
    CallRow,
    Event,
    Health,
    ModelTotals,
    Percentiles,
    Report,
    Totals,
)
from firsttoken.analyse.calls import Cursor, calls_at, count_calls, cursor_of, find_call, recent_calls
from firsttoken.analyse.reporting import report

__all__ = [
    "CallDetail",
    "CallRow",
    "Cursor",
    "Event",
    "Health",
    "ModelTotals",
    "Percentiles",
    "Report",
    "Totals",
    "calls_at",
    "count_calls",
    "cursor_of",
    "find_call",
    "recent_calls",
    "report",
]
