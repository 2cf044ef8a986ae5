"""Traces, health and exports of a ClickHouse server are those of the embedded store, as far as it knows."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.request import urlopen

from firsttoken.analyse.arriving import HEALTH, HealthOptions
from firsttoken.analyse.asking import answered
from firsttoken.analyse.tracing import TRACE, TraceOptions
from firsttoken.clickhouse import ClickHouse
from firsttoken.receive.ports import ServeSettings
from firsttoken.show import PageServer, Watched

from .exported import Exported, write_spans
from .same_calls import SPAN_ID, Stores
from .server import Database
from .test_showing import CALL, sent


def test_a_trace_is_the_same_tree_on_both_engines(stores: Stores) -> None:
    asked = TraceOptions(id=SPAN_ID)
    embedded, clickhouse = (answered(TRACE, each, asked) for each in (stores.embedded, stores.clickhouse))
    assert [(row.depth, row.kind, row.name) for row in clickhouse.rows] == [
        (0, "call", embedded.rows[0].name),
        (1, "tool", "execute_tool search"),
    ]
    assert clickhouse == embedded


def test_health_knows_the_same_of_both_engines_but_for_their_size(stores: Stores) -> None:
    embedded, clickhouse = (answered(HEALTH, each, HealthOptions()) for each in (stores.embedded, stores.clickhouse))
    assert replace(clickhouse, store="", size_bytes=None) == replace(embedded, store="", size_bytes=None)
    assert clickhouse.size_bytes is None or clickhouse.size_bytes > 0
    assert clickhouse.store != embedded.store


def test_what_was_said_in_a_call_is_seen_by_health(database: Database) -> None:
    span = sent(CALL)
    said = {**span.facts.attributes, "gen_ai.input.messages": '[{"role":"user","parts":[]}]'}
    write_spans(database.client, [Exported(span.trace_id, span.span_id, replace(span.facts, attributes=said))])
    with ClickHouse.open(database.url) as warehouse:
        (emitter,) = answered(HEALTH, warehouse, HealthOptions()).emitters
    assert (emitter.looked_at, emitter.with_content) == (1, 1)


def test_the_page_shows_traces_spans_and_health_and_exports_them(stores: Stores) -> None:
    trace_id = stores.spans[0].trace_id
    with Watched(stores.clickhouse) as watched, PageServer(watched, ServeSettings(page_port=0)) as server:
        shown = {
            path: read(server.url + path)
            for path in ("traces", f"traces/{trace_id}", f"traces/{trace_id}/{SPAN_ID}", "health", "export/spans.csv")
        }
        told = json.loads(read(f"{server.url}export/health.json"))
    assert "with the newest calls" in shown["traces"]
    assert "execute_tool search" in shown[f"traces/{trace_id}"]
    assert "http.request.method" in shown[f"traces/{trace_id}/{SPAN_ID}"]
    assert "receives nothing itself" in shown["health"]
    assert SPAN_ID in shown["export/spans.csv"]
    assert told["kept"][1]["rows"] == 1


def read(url: str) -> str:
    with urlopen(url) as answer:
        return answer.read().decode()
