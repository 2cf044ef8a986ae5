"""Records of one call, brought together in the transaction that writes the last of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb

from firsttoken.semconv.left_over import whole
from firsttoken.store.call_columns import call_of
from firsttoken.store.contents import whole_rows
from firsttoken.store.layers import SAME_ANSWER_NS, Key, Record, verdict
from firsttoken.store.sql import query

if TYPE_CHECKING:
    import pyarrow as pa

    Tables = Mapping[str, pa.Table]

Row = Mapping[str, Any]
Sightings = Mapping[Key, tuple[str, ...]]

LONGEST_WAIT_NS: Final = 600 * 10**9
"""How long before what it holds an outer record may have begun."""

SHARED_FACTS: Final = (
    *("trace_id", "span_id", "parent_span_id", "scope", "started_unix_ns"),
    *("operation", "response_id", "response_model", "usage_reported", "repeated"),
)
FACTS: Final = (*SHARED_FACTS, "duration_ns")
"""The columns of a `Record`."""
KEPT: Final = (*SHARED_FACTS, "name", "service", "run_id", "received_unix_ns", "resource", "events")
"""What a span has in the same columns as a call."""


class _Stored(NamedTuple):
    record: Record
    is_call: bool
    seen_by: tuple[str, ...]


class Merger:
    """Belongs to the writer. One instrumentation alone never records a call twice: then nothing is looked up."""

    def __init__(self) -> None:
        self._emitters: set[str] | None = None

    def merged(self, cursor: duckdb.DuckDBPyConnection, tables: Tables) -> Tables:
        """The rows to insert: of each call its best record as a call, the others as spans. Stored ones follow suit."""
        if not len(tables.get("calls", ())):
            return tables
        stored = self._emitters
        if stored is None:
            stored = {row[0] for row in cursor.execute(query("emitters")).fetchall()}
        self._emitters = stored | {str(scope) for scope in tables["calls"]["scope"].unique().to_pylist()}
        return tables if len(self._emitters) == 1 else _merged(cursor, tables)


def _merged(cursor: duckdb.DuckDBPyConnection, tables: Tables) -> Tables:
    import pyarrow as pa

    calls = tables["calls"]
    incoming = [Record(**row) for row in calls.select(list(FACTS)).to_pylist()]
    stored = _related(cursor, incoming)
    found = verdict([*incoming, *(each.record for each in stored)])
    _mark(cursor, stored, found.seen_by)
    moved = _moved(cursor, [each.record for each in stored if each.is_call and each.record.key in found.layers])
    here = [place for place, record in enumerate(incoming) if record.key not in found.layers]
    gone = [place for place, record in enumerate(incoming) if record.key in found.layers]
    kept = calls.take(pa.array(here, pa.int64()))
    seen_by = pa.array([found.seen_by[incoming[place].key] for place in here], pa.list_(pa.string()))
    kept = kept.set_column(kept.schema.get_field_index("seen_by"), "seen_by", seen_by)
    layers = [*moved, *calls.take(pa.array(gone, pa.int64())).to_pylist()]
    return {**tables, "calls": kept, **_with_layers(tables, layers)}


def _related(cursor: duckdb.DuckDBPyConnection, incoming: Sequence[Record]) -> list[_Stored]:
    """The stored records that may belong to the same calls, directly or through others."""
    known = {record.key for record in incoming}
    found: list[_Stored] = []
    asked = incoming
    while asked:
        fresh = [each for each in _neighbours(cursor, asked) if each.record.key not in known]
        fresh = list({each.record.key: each for each in fresh}.values())
        known |= {each.record.key for each in fresh}
        found += fresh
        asked = [each.record for each in fresh]
    return found


def _neighbours(cursor: duckdb.DuckDBPyConnection, asked: Sequence[Record]) -> Iterable[_Stored]:
    cursor.register("asked_records", _table(asked, {}))
    times = [record.started_unix_ns for record in asked]
    span = {"first_unix_ns": min(times) - LONGEST_WAIT_NS, "last_unix_ns": max(times) + LONGEST_WAIT_NS}
    for row in _rows(cursor, "related_records", span | {"same_answer_ns": SAME_ANSWER_NS}):
        yield _Stored(Record(**{name: row[name] for name in FACTS}), row["is_call"], tuple(row["seen_by"]))


def _mark(cursor: duckdb.DuckDBPyConnection, stored: Iterable[_Stored], seen_by: Sightings) -> None:
    """Stored calls of which more is known now."""
    news = [
        each.record for each in stored if each.is_call and seen_by.get(each.record.key, each.seen_by) != each.seen_by
    ]
    if news:
        cursor.register("marked_records", _table(news, seen_by))
        cursor.execute(query("mark_calls"))


def _moved(cursor: duckdb.DuckDBPyConnection, records: Sequence[Record]) -> list[Row]:
    """The rows of these calls, which are calls no more."""
    if not records:
        return []
    cursor.register("moved_records", _table(records, {}))
    rows = whole_rows(cursor, _rows(cursor, "take_calls", {}))
    cursor.execute(query("drop_calls"))
    return rows


def _rows(cursor: duckdb.DuckDBPyConnection, question: str, parameters: Mapping[str, int]) -> list[Row]:
    answer = cursor.execute(query(question), parameters)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _table(records: Sequence[Record], seen_by: Sightings) -> pa.Table:
    import pyarrow as pa

    from firsttoken.store.arrow import RECORD_SCHEMA

    rows = [
        {
            "trace_id": record.trace_id,
            "span_id": record.span_id,
            "parent_span_id": record.parent_span_id,
            "scope": record.scope,
            "started_unix_ns": record.started_unix_ns,
            "response_id": record.response_id or None,
            "seen_by": seen_by.get(record.key, ()),
        }
        for record in records
    ]
    return pa.Table.from_pylist(rows, RECORD_SCHEMA)


def _with_layers(tables: Tables, rows: Sequence[Row]) -> Tables:
    """The spans, with these calls among them."""
    if not rows:
        return {}
    import pyarrow as pa

    from firsttoken.store.arrow import LAYER_SCHEMA

    layers = pa.Table.from_pylist([_as_span(row) for row in rows], LAYER_SCHEMA)
    spans = [tables["spans"]] if "spans" in tables else []
    return {"spans": pa.concat_tables([*spans, layers], promote_options="default")}


def _as_span(row: Row) -> Row:
    """A call as any other span is kept. Its kind and what its status said beside the error are not."""
    call = call_of(row)
    return {name: row[name] for name in KEPT} | {
        "kind": "client",
        "ended_unix_ns": call.timing.ended_unix_ns,
        "status": "unset" if call.failure is None else "error",
        "status_message": "" if call.failure is None else call.failure.message,
        "attributes": json.dumps(whole(call, json.loads(row["attributes"])), ensure_ascii=False),
    }
