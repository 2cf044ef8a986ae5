"""Batches as Arrow tables, the form in which DuckDB takes rows in bulk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from operator import attrgetter
from typing import Final

import pyarrow as pa

from firsttoken.call import operation_called
from firsttoken.store.call_columns import CALL_COLUMNS, Column, Kind, parts_of
from firsttoken.store.records import Batch, CallRecord, LogRecord, SpanRecord

Records = Sequence[CallRecord] | Sequence[SpanRecord] | Sequence[LogRecord]
Columns = dict[str, list[object]]

ARROW_TYPES: Final[Mapping[Kind, pa.DataType]] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "int": pa.int64(),
    "real": pa.float64(),
    "flag": pa.bool_(),
    "json": pa.string(),
    "money": pa.decimal128(28, 18),
    "attempts": pa.list_(
        pa.struct(
            [
                ("failed_ns", pa.int64()),
                ("wait_ns", pa.int64()),
                ("category", pa.string()),
                ("status_code", pa.int64()),
                ("exception_type", pa.string()),
                ("code", pa.string()),
                ("request_id", pa.string()),
                ("retry_after_ns", pa.int64()),
            ]
        )
    ),
}
_ORIGIN: Final = {name: f"origin.{name}" for name in ("service", "run_id", "scope", "resource")}
_IDENTITY: Final = _ORIGIN | {name: name for name in ("trace_id", "span_id", "attributes")}
_SPAN: Final = _IDENTITY | {name: name for name in ("parent_span_id", "name", "events")}

CALL_TEXTS: Final = _SPAN
CALL_INTS: Final = ("received_unix_ns",)
SPAN_TEXTS: Final = _SPAN | {name: name for name in ("kind", "status", "status_message")}
SPAN_INTS: Final = ("received_unix_ns", "started_unix_ns", "ended_unix_ns")
LOG_TEXTS: Final = _IDENTITY | {name: name for name in ("delivery", "event_name", "severity", "body")}
LOG_INTS: Final = ("received_unix_ns", "time_unix_ns", "position")


def _fields(kind: Kind, names: Iterable[str]) -> list[tuple[str, pa.DataType]]:
    return [(name, ARROW_TYPES[kind]) for name in names]


_SPAN_FIELDS: Final = _fields("text", SPAN_TEXTS) + _fields("int", SPAN_INTS)
SPAN_SCHEMA: Final = pa.schema(_SPAN_FIELDS)
LAYER_SCHEMA: Final = pa.schema(
    _SPAN_FIELDS
    + _fields("text", ["operation", "response_id", "response_model"])
    + _fields("flag", ["usage_reported", "repeated"])
)
"""Of spans that are another record of a call."""
RECORD_SCHEMA: Final = pa.schema(
    _fields("text", ["trace_id", "span_id", "parent_span_id", "scope", "response_id"])
    + _fields("int", ["started_unix_ns"])
    + _fields("texts", ["seen_by"])
)
"""Of records of calls that the store is asked about."""
LOG_SCHEMA: Final = pa.schema(_fields("text", LOG_TEXTS) + _fields("int", LOG_INTS))
CALL_SCHEMA: Final = pa.schema(
    _fields("text", CALL_TEXTS)
    + _fields("int", CALL_INTS)
    + [(column.name, ARROW_TYPES[column.kind]) for column in CALL_COLUMNS]
    + _fields("flag", ["usage_reported", "uses_tokens"])
    + _fields("texts", ["seen_by"])
)


def warm_up() -> None:
    """Makes pyarrow import pandas where that is installed, as it does for its first array: no request should wait."""
    pa.array([], pa.string())


def tables_of(batch: Batch) -> dict[str, pa.Table]:
    """The batch, one table per kind of row that it has, named like the table it goes to."""
    tables: dict[str, pa.Table] = {}
    if batch.calls:
        tables["calls"] = calls_table(call_columns(batch.calls))
    if batch.spans:
        tables["spans"] = _table(_columns(batch.spans, SPAN_TEXTS, SPAN_INTS), SPAN_SCHEMA)
    if batch.logs:
        tables["logs"] = _table(_columns(batch.logs, LOG_TEXTS, LOG_INTS), LOG_SCHEMA)
    return tables


def calls_table(columns: Columns) -> pa.Table:
    """Rows of `calls`."""
    return _table(columns, CALL_SCHEMA)


def _table(columns: Columns, schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pydict(columns, schema)  # pyright: ignore[reportUnknownMemberType]


def call_columns(records: Sequence[CallRecord]) -> Columns:
    """By name, what goes into each column of `calls`."""
    parts = parts_of(record.call for record in records)
    columns = _columns(records, CALL_TEXTS, CALL_INTS)
    columns |= {column.name: _values(column, parts[column.part]) for column in CALL_COLUMNS}
    columns["seen_by"] = [[record.origin.scope] for record in records]
    columns["usage_reported"] = [record.call.usage is not None for record in records]
    operations = [operation_called(record.call.request.operation) for record in records]
    columns["uses_tokens"] = [each.uses_tokens and not each.is_about_earlier for each in operations]
    return columns


def _values(column: Column, parts: Sequence[object]) -> list[object]:
    values = list(map(attrgetter(column.field), parts))
    match column.kind:
        case "attempts":
            return [[asdict(attempt) for attempt in attempts] for attempts in values]
        case "json":
            return [json.dumps(value) if value else None for value in values]
        case _:
            return values


def _columns(records: Records, texts: Mapping[str, str], ints: Sequence[str]) -> Columns:
    columns: Columns = {name: list(map(attrgetter(path), records)) for name, path in texts.items()}
    return columns | {name: list(map(attrgetter(name), records)) for name in ints}
