"""The embedded store: rows of calls, spans and log records in one DuckDB file, owned by one process.

Metrics are not kept: every answer of the local half comes from calls, and each of our metrics is a sum over them.
"""

from firsttoken.store.call_columns import call_of
from firsttoken.store.keeping import kept_within
from firsttoken.store.reader import StoreReader
from firsttoken.store.records import Batch, CallRecord, JsonText, LogRecord, Origin, SpanRecord, StoredEvent
from firsttoken.store.retention import Keeping, Limits, Removed
from firsttoken.store.scope import Value
from firsttoken.store.selection import EVERYTHING, Between, Selection
from firsttoken.store.store import Queue, Store
from firsttoken.store.subscription import Subscription
from firsttoken.store.warehouse import LiveWarehouse, Reader, Row, Warehouse

__all__ = [
    "EVERYTHING",
    "Batch",
    "Between",
    "CallRecord",
    "JsonText",
    "Keeping",
    "Limits",
    "LiveWarehouse",
    "LogRecord",
    "Origin",
    "Queue",
    "Reader",
    "Removed",
    "Row",
    "Selection",
    "SpanRecord",
    "Store",
    "StoreReader",
    "StoredEvent",
    "Subscription",
    "Value",
    "Warehouse",
    "call_of",
    "kept_within",
]
