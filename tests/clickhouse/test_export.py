"""What ClickHouse keeps can be exported as what the embedded store keeps can be."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pytest
from page.samples import EVERY_KIND

from firsttoken import analyse
from firsttoken.analyse.exporting import ExportOptions, exported
from firsttoken.analyse.listing import CallsOptions, First, calls
from firsttoken.clickhouse import ClickHouse
from firsttoken.semconv import own
from firsttoken.semconv.read import SpanFacts
from firsttoken.store import call_of
from firsttoken.store.transfer import TableName, schema_of

from .exported import Exported, write_log, write_spans
from .server import Database
from .test_calls_from_spans import sent


def rows_of(database: Database, table: TableName) -> pa.Table:
    with ClickHouse.open(database.url) as warehouse, exported(warehouse, ExportOptions(table=table)) as rows:
        found = rows.read_all()
    assert found.schema.equals(schema_of(table))
    return found


def test_exported_calls_are_those_that_are_shown(database: Database) -> None:
    write_spans(database.client, [replace(sent(call), resource={"service.name": "shop"}) for call in EVERY_KIND])
    found = rows_of(database, "calls").to_pylist()
    with ClickHouse.open(database.url) as warehouse:
        shown = {row.span_id: row.call for row in analyse.recent_calls(warehouse)}
    assert {row["span_id"]: call_of(row) for row in found} == shown
    assert len(shown) == len(EVERY_KIND)
    assert {row["resource"] for row in found} == {'{"service.name": "shop"}'}
    names = {event["name"] for row in found for event in json.loads(row["events"])}
    assert names == {own.EVENT_ATTEMPT_FAILED}


@pytest.mark.parametrize(("first", "least"), [("slowest", 5), ("costliest", 0)])
def test_calls_leave_in_the_order_of_a_list(database: Database, first: First, least: int) -> None:
    write_spans(database.client, [replace(sent(call), resource={"service.name": "shop"}) for call in EVERY_KIND])
    with ClickHouse.open(database.url) as warehouse, exported(warehouse, ExportOptions(first=first)) as rows:
        left = rows.read_all().to_pylist()
        with warehouse.read() as reader:
            listed = calls(reader, CallsOptions(first=first, limit=100)).rows
    assert [row["span_id"] for row in left] == [row.span_id for row in listed]
    assert len(listed) > least


def test_spans_and_log_records_are_exported_too(database: Database) -> None:
    span = Exported(f"{1:032x}", f"{2:016x}", SpanFacts({"a": "1"}, 5, 7), name="GET")
    write_spans(database.client, [span])
    write_log(database.client, span, "said", "hello", {"b": "2"})
    spans, logs = (rows_of(database, table).to_pylist() for table in ("spans", "logs"))
    assert [(row["name"], row["started_unix_ns"], row["ended_unix_ns"], row["attributes"]) for row in spans] == [
        ("GET", 5, 12, '{"a": "1"}')
    ]
    assert [(row["event_name"], row["body"], row["span_id"], row["attributes"]) for row in logs] == [
        ("said", '"hello"', span.span_id, '{"b": "2"}')
    ]
