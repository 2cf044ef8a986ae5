"""The embedded store: rows of calls, spans and log records in one DuckDB file, owned by one process.

Metrics are not kept: every answer of the local half comes from calls, and each of our metrics is a sum over them.
"""

from firsttoken.store.call_columns import call_of
from firsttoken.store.reader import Reader, Row
from firsttoken.store.records import Batch, CallRecord, JsonText, LogRecord, Origin, SpanRecord, StoredEvent
from firsttoken.store.store import Store
from firsttoken.store.subscription import Subscription

__all__ = [
    "Batch",
    "CallRecord",
    "JsonText",
    "LogRecord",
    "Origin",
    "Reader",
    "Row",
    "SpanRecord",
    "Store",
    "StoredEvent",
    "Subscription",
    "call_of",
]
