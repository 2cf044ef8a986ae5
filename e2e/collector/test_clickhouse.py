"""The real Collector's clickhouse exporter writes into the real ClickHouse engine, and the calls come out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from clickhouse.server import PASSWORD, USER, Database, Server, empty_database, new_database, running
from clickhouse_connect.driver.client import Client
from patience import until

from e2e.application import COMPLETED, FAILED, application
from e2e.gateway import TRUSTED, Gateway, gateway
from e2e.programs import CONFIGURATIONS, free_ports
from firsttoken.analyse import CallRow, find_call, recent_calls
from firsttoken.clickhouse import ClickHouse
from firsttoken.semconv import names

pytestmark = pytest.mark.timeout(900)

EXPORTED = (COMPLETED, replace(FAILED, failure=replace(FAILED.failure, exception_type=None, stacktrace=None)))
"""As spans tell of them: what an exception was stands on log records."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as engine:
        yield engine


LENIENT = "urlstrictcolons=0"
OVER = (*TRUSTED, "clickhouse.yaml")


@pytest.fixture
def place(collector_binary: Path, tmp_path: Path, server: Server) -> Gateway:
    return gateway(
        collector_binary,
        tmp_path,
        CLICKHOUSE_ENDPOINT=f"http://127.0.0.1:{server.port}",
        CLICKHOUSE_USER=USER,
        CLICKHOUSE_PASSWORD=PASSWORD,
        CLICKHOUSE_COMPRESS="none",
        CLICKHOUSE_FLUSH="100ms",
        METRICS_EXPORTER="prometheus",
    )


def test_what_the_collector_writes_is_what_was_called(place: Gateway, server: Server) -> None:
    database = new_database(server)
    with (
        place.running(*OVER, CLICKHOUSE_DATABASE=database.name),
        application(f"127.0.0.1:{place.grpc}", "shop") as app,
    ):
        for call in EXPORTED:
            app.call(call)
        assert app.tracers.force_flush()
        assert app.loggers.force_flush()
        rows = arrived(database, len(EXPORTED))
        with ClickHouse.open(database.url) as warehouse:
            details = [find_call(warehouse, row.trace_id, row.span_id) for row in rows]

    assert {row.call.request.provider: row.call for row in rows} == {call.request.provider: call for call in EXPORTED}
    assert {row.service for row in rows} == {"shop"}
    assert sorted(event.name for detail in details if detail for event in detail.log_events) == [
        names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS,
        names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS,
        names.EVENT_GEN_AI_CLIENT_OPERATION_EXCEPTION,
    ]


def test_the_sql_of_the_page_is_answered(place: Gateway, server: Server) -> None:
    page = (CONFIGURATIONS.parent / "docs" / "collector" / "clickhouse.md").read_text(encoding="utf-8")
    [question] = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    database = new_database(server)
    with (
        place.running(*OVER, CLICKHOUSE_DATABASE=database.name),
        application(f"127.0.0.1:{place.grpc}", "helpdesk") as app,
    ):
        for call in EXPORTED:
            app.call(call)
        assert app.tracers.force_flush()
        assert app.loggers.force_flush()
        arrived(database, len(EXPORTED))

    assert database.client.query(question).result_rows == [(None, 2, 1, Decimal("0.04"))]


def arrived(database: Database, count: int) -> list[CallRow]:
    """So many calls, and their log records."""
    with ClickHouse.open(database.url) as warehouse:

        def all_came() -> bool:
            logs = database.client.query("SELECT count() FROM otel_logs").result_rows[0][0]
            return len(recent_calls(warehouse)) >= count and logs > count

        until(all_came, 60)
        return recent_calls(warehouse)


def test_what_clickhouse_does_not_take_yet_outlives_a_kill_and_comes_once(place: Gateway, server: Server) -> None:
    database = new_database(server)
    [nobody] = free_ports(1)
    with place.many_times() as lives, application(f"127.0.0.1:{place.grpc}", "shop") as app:
        lives.start(*OVER, CLICKHOUSE_DATABASE=database.name, CLICKHOUSE_ENDPOINT=f"http://127.0.0.1:{nobody}")
        for call in EXPORTED:
            app.call(call)
        assert app.tracers.force_flush()
        assert app.loggers.force_flush()
        lives.kill()
        lives.start(*OVER, CLICKHOUSE_DATABASE=database.name)
        arrived(database, len(EXPORTED))

    counts = "SELECT (SELECT count() FROM otel_traces), (SELECT count() FROM otel_logs)"
    assert database.client.query(counts).result_rows == [(2, 3)]


def test_a_server_of_a_cluster_that_does_not_answer_is_passed_over(place: Gateway, server: Server) -> None:
    """By HTTP, which is what this engine speaks. Go has to be asked to let several servers stand in such a URL."""
    database = new_database(server)
    [nobody] = free_ports(1)
    servers = f"http://127.0.0.1:{nobody},127.0.0.1:{server.port}"
    with (
        place.running(*OVER, CLICKHOUSE_DATABASE=database.name, CLICKHOUSE_ENDPOINT=servers, GODEBUG=LENIENT),
        application(f"127.0.0.1:{place.grpc}", "shop") as app,
    ):
        for call in EXPORTED:
            app.call(call)
        assert app.tracers.force_flush()
        assert app.loggers.force_flush()
        arrived(database, len(EXPORTED))


@pytest.mark.parametrize("table", ["otel_traces", "otel_logs"])
def test_our_tables_have_the_columns_of_the_exporters_own(place: Gateway, server: Server, table: str) -> None:
    ours, theirs = new_database(server), empty_database(server)
    with place.running(*OVER, CLICKHOUSE_DATABASE=theirs, CLICKHOUSE_CREATE_SCHEMA="true"):
        made = columns(server.client(theirs), table)

    assert columns(ours.client, table) == made


def columns(client: Client, table: str) -> dict[str, str]:
    """Names and types of those that the exporter fills."""
    described = client.query(f"DESCRIBE TABLE {table}").result_rows
    return {name: kind for name, kind, default, *_ in described if default != "MATERIALIZED"}
