"""What the schema is made of, in each of its variants, and what a server of one's own makes of it."""

from __future__ import annotations

import time
from typing import Final

import pytest

from firsttoken.cli.program import run
from firsttoken.clickhouse.buckets import WIDTH_NS
from firsttoken.clickhouse.columns import call_columns
from firsttoken.clickhouse.schema import Variant, backfill, script, statements
from firsttoken.semconv.read import SpanFacts
from firsttoken.store.bulk import COLUMN_NAMES

from .exported import Exported, write_spans
from .server import Database, Server, empty_database, new_database, settle
from .test_calls_from_spans import START_UNIX_NS, exported

DAY_NS: Final = 86_400 * 10**9

CLUSTER = Variant(cluster="a`b", replicated=True, ttl_days=30)


@pytest.mark.parametrize(
    "variant",
    [Variant(), Variant(ttl_days=7), Variant(replicated=True), Variant(cluster="events"), CLUSTER],
    ids=["plain", "ttl", "replicated", "cluster", "all"],
)
def test_every_variant_is_sql_that_clickhouse_reads(server: Server, variant: Variant) -> None:
    client = server.client()
    for statement in statements(variant):
        assert client.raw_query(f"EXPLAIN AST {statement}").startswith(b"Create")


def test_a_cluster_has_a_table_on_each_shard_and_one_over_them() -> None:
    text = script(CLUSTER)

    for table, key in (
        ("otel_traces", "TraceId"),
        ("otel_logs", "TraceId"),
        ("firsttoken_call_rows", "trace_id"),
        ("firsttoken_buckets", "bucket"),
    ):
        assert f"CREATE TABLE IF NOT EXISTS {table}_local ON CLUSTER `a\\`b` (" in text
        assert f"Distributed(`a\\`b`, currentDatabase(), {table}_local, cityHash64({key}))" in text
    assert text.count("ENGINE = ReplicatedMergeTree") == 2
    assert text.count("ENGINE = ReplicatedReplacingMergeTree") == 1
    assert text.count("+ toIntervalDay(30)") == 4
    assert "TO firsttoken_call_rows_local AS" in text
    assert "FROM otel_traces_local\nWHERE" in text


def test_no_column_of_the_embedded_store_is_missing(database: Database) -> None:
    described = {row[0] for row in database.client.query("DESCRIBE TABLE firsttoken_calls").result_rows}

    assert described >= COLUMN_NAMES
    assert {column.name for column in call_columns()} <= described


def test_the_schema_may_be_made_again_and_nothing_is_lost(database: Database) -> None:
    write_spans(database.client, [exported({"gen_ai.operation.name": "chat"})])

    for statement in statements(Variant()):
        database.client.command(statement)

    assert database.client.query("SELECT count() FROM firsttoken_calls").result_rows == [(1,)]


def test_spans_that_were_there_before_the_schema_are_taken_in_once(server: Server) -> None:
    name = empty_database(server)
    client = server.client(name)
    tables = list(statements(Variant()))
    client.command(tables[0])
    write_spans(client, [exported({"gen_ai.operation.name": "chat"}), exported({})])
    for statement in tables:
        client.command(statement)
    for _ in range(2):
        client.command(backfill())

    assert client.query("SELECT count(), any(started_unix_ns) FROM firsttoken_calls").result_rows == [
        (1, START_UNIX_NS)
    ]
    assert client.query("SELECT count() FROM firsttoken_spans").result_rows == [(1,)]


def test_rows_go_after_the_time_that_was_said(server: Server) -> None:
    database = new_database(server, Variant(ttl_days=2))
    client = database.client
    old, young = (seen_twice(f"{days}" * 32, time.time_ns() - days * DAY_NS) for days in (5, 1))
    write_spans(client, [*old, *young])
    settle(client)

    for table in ("otel_traces", "firsttoken_call_rows", "firsttoken_buckets"):
        client.command(f"OPTIMIZE TABLE {table} FINAL")
    traces = "SELECT DISTINCT TraceId FROM otel_traces"
    rows = "SELECT trace_id, countIf(layer) FROM firsttoken_call_rows GROUP BY trace_id"
    buckets = "SELECT bucket, sum(came), max(settled) FROM firsttoken_buckets GROUP BY bucket"
    assert client.query(traces).result_rows == [("1" * 32,)]
    assert client.query(rows).result_rows == [("1" * 32, 1)]
    assert client.query(buckets).result_rows == [(young[0].facts.started_unix_ns // WIDTH_NS, 2, 2)]
    assert client.query("SELECT trace_id FROM firsttoken_settled_calls").result_rows == [("1" * 32,)]


def seen_twice(trace_id: str, started_unix_ns: int) -> list[Exported]:
    """The records of one call by two instrumentations."""
    facts = SpanFacts({"gen_ai.operation.name": "chat"}, started_unix_ns, 10**9)
    outer = Exported(trace_id, "1" * 16, facts, scope="opentelemetry.instrumentation.openai.v1")
    return [outer, Exported(trace_id, "2" * 16, facts, scope="firsttoken", parent_span_id="1" * 16)]


@pytest.mark.parametrize("text", ["30", "1h", "soon", "0d", "-1d", "1.5d", "9999999w"])
def test_a_time_that_is_no_number_of_days_is_refused(capsys, text: str) -> None:
    assert run(["clickhouse", "schema", "--ttl", text]) == 2
    assert capsys.readouterr().err.startswith("firsttoken: Invalid value for '--ttl'")


def test_the_command_prints_the_variant_that_was_asked_for(capsys) -> None:
    assert run(["clickhouse", "schema", "--cluster", "events", "--replicated", "--ttl", "8w"]) == 0
    assert capsys.readouterr().out == script(Variant(cluster="events", replicated=True, ttl_days=56))
