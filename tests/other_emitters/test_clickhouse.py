"""What ClickHouse answers of another instrumentation's telemetry is what the embedded store answers of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from clickhouse.collector import spans_in
from clickhouse.exported import write_spans
from clickhouse.server import Database, emptied, new_database, running, settle

from firsttoken.analyse import CallRow, find_call, recent_calls
from firsttoken.call import Call
from firsttoken.call.content import Content
from firsttoken.clickhouse import ClickHouse
from firsttoken.store import Store, Warehouse

from .recording import OPENINFERENCE, OPENLLMETRY, OPENTELEMETRY, Recorded
from .traffic import KINDS


@pytest.fixture(scope="module")
def only_database() -> Iterator[Database]:
    with running() as server:
        yield new_database(server)


@pytest.mark.timeout(200)
@pytest.mark.parametrize("emitter", [OPENLLMETRY, OPENINFERENCE, OPENTELEMETRY])
def test_both_stores_read_the_same_calls_of_the_same_telemetry(
    emitter: str, hour_of: Callable[[str], Recorded], only_database: Database
) -> None:
    file, path = hour_of(emitter)
    database = emptied(only_database)
    write_spans(database.client, spans_in(file))
    with Store.open(path, read_only=True) as embedded, ClickHouse.open(database.url) as clickhouse:
        expected, found = calls_of(embedded), calls_of(clickhouse)
        assert len(expected) > len(KINDS)
        assert found == expected
        settle(database.client)
        for key in list(expected)[: len(KINDS)]:
            assert said(clickhouse, *key) == said(embedded, *key)


def calls_of(warehouse: Warehouse) -> dict[tuple[str, str], tuple[Call, tuple[str, ...], str | None]]:
    rows = recent_calls(warehouse, limit=10_000)
    return {(row.trace_id, row.span_id): (unpriced(row), row.seen_by, row.parent_span_id) for row in rows}


def unpriced(row: CallRow) -> Call:
    """A price is put on it by the receiver alone."""
    return replace(row.call, cost=None)


def said(warehouse: Warehouse, trace_id: str, span_id: str) -> Content | None:
    detail = find_call(warehouse, trace_id, span_id)
    assert detail is not None
    return detail.row.call.content
