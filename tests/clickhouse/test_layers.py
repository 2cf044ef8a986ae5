"""One call that several instrumentations recorded is one call in ClickHouse, as it is in the embedded store."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from firsttoken import analyse
from firsttoken.analyse.exporting import ExportOptions, exported
from firsttoken.clickhouse import ClickHouse
from firsttoken.clickhouse.schema import settling
from firsttoken.semconv import names
from firsttoken.semconv.read import SpanFacts
from firsttoken.store import Selection
from firsttoken.store.layers import Key, Record, verdict

from .exported import Exported, write_spans
from .server import Database, settle

OURS, OTHER, THIRD = "firsttoken", "opentelemetry.instrumentation.openai.v1", "langchain"
SCOPES = (OURS, OTHER, THIRD, "pydantic-ai")
SECOND = 10**9
DOCS = Path(__file__).parents[2] / "docs" / "clickhouse.md"
START = 1_795_000_000 * SECOND

Seen = dict[Key, tuple[str, ...]]


def traces(numbers: range, most: int) -> list[list[Record]]:
    """Of two records or more each, by chance inside one another, of the same answers, at one time or one by one."""
    chance = Random(7)  # noqa: S311  the same every time
    return [_trace(chance, f"{number:032x}", chance.randint(2, most)) for number in numbers]


def _trace(chance: Random, trace_id: str, length: int) -> list[Record]:
    spans = [f"{number:016x}" for number in range(1, length + 1)]
    return [
        Record(
            trace_id,
            span,
            chance.choice([None, *(other for other in spans[-8:] if other < span), "f" * 16]),
            chance.choice(SCOPES),
            START + chance.choice((0, 1, 2, 7, 70, 400)) * SECOND + place,
            chance.choice((1, 5)) * SECOND,
            chance.choice(("chat", "chat", "generate_content", "embeddings")),
            chance.choice((None, "", *(f"{each} {trace_id}" for each in range(length // 3 + 1)))),
            chance.choice((None, "gpt-4o", "gpt-4o-2024-08-06", "o3")),
            usage_reported=chance.random() < 0.5,
            repeated=chance.random() < 0.1,
        )
        for place, span in enumerate(spans)
    ]


def sent(record: Record) -> Exported:
    said = {
        names.GEN_AI_OPERATION_NAME: record.operation,
        names.GEN_AI_RESPONSE_ID: record.response_id,
        names.GEN_AI_RESPONSE_MODEL: record.response_model,
        names.GEN_AI_USAGE_INPUT_TOKENS: 1 if record.usage_reported else None,
        "firsttoken.response.repeated": True if record.repeated else None,
    }
    attributes = {name: value for name, value in said.items() if value is not None}
    facts = SpanFacts(attributes, record.started_unix_ns, record.duration_ns)
    return Exported(
        record.trace_id, record.span_id, facts, scope=record.scope, parent_span_id=record.parent_span_id or ""
    )


def write(database: Database, records: Iterable[Record]) -> None:
    write_spans(database.client, [sent(record) for record in records])


def seen(database: Database, selection: Selection | None = None) -> Seen:
    with ClickHouse.open(database.url) as warehouse:
        rows = analyse.recent_calls(warehouse, selection=selection or Selection(), limit=10_000)
    return {(row.trace_id, row.span_id): row.seen_by for row in rows}


def seen_by_anyone(database: Database, view: str = "firsttoken_calls") -> Seen:
    """As SQL of one's own has it, under the settings of every user."""
    rows = database.client.query(f"SELECT trace_id, span_id, seen_by FROM {view}").result_rows  # noqa: S608
    return {(trace, span): tuple(scopes) for trace, span, scopes in rows}


def layers(database: Database) -> list[Key]:
    """The spans that calls have besides."""
    with ClickHouse.open(database.url) as warehouse, exported(warehouse, ExportOptions(table="spans")) as rows:
        return sorted((row["trace_id"], row["span_id"]) for row in rows.read_all().to_pylist())


def expected_of(records: Sequence[Record]) -> tuple[Seen, list[Key]]:
    by_trace = itertools.groupby(sorted(records, key=lambda each: each.trace_id), key=lambda each: each.trace_id)
    verdicts = [verdict(list(trace)) for _, trace in by_trace]
    calls = {key: scopes for each in verdicts for key, scopes in each.seen_by.items()}
    return calls, sorted(key for each in verdicts for key in each.layers)


@pytest.mark.parametrize("settled", [False, True], ids=["compared as they are read", "settled in between"])
def test_the_same_records_are_the_same_calls_as_in_the_embedded_store(database: Database, settled: bool) -> None:
    records = list(itertools.chain(*traces(range(1, 201), 6), *traces(range(201, 204), 40)))
    Random(1).shuffle(records)  # noqa: S311
    for place in range(3):
        write(database, records[place::3])
        if settled:
            settle(database.client)

    calls, spans = expected_of(records)
    assert any(len(scopes) > 2 for scopes in calls.values())
    assert seen(database) == seen_by_anyone(database) == calls
    assert layers(database) == spans
    after = START + 3 * SECOND
    started = {record.key: record.started_unix_ns for record in records}
    assert seen(database, Selection(since_unix_ns=after)) == {
        key: scopes for key, scopes in calls.items() if started[key] >= after
    }
    if settled:
        assert seen_by_anyone(database, "firsttoken_settled_calls") == calls


OUTER = Record("a" * 32, "1" * 16, None, OTHER, START, SECOND, "chat", "r1", None, usage_reported=True, repeated=False)
INNER = replace(OUTER, span_id="2" * 16, parent_span_id="1" * 16, scope=OURS, started_unix_ns=START + 1)
ONE_CALL = {INNER.key: (OURS, OTHER)}


@pytest.mark.parametrize("first_then", [(OUTER, INNER), (INNER, OUTER)], ids=["the outer first", "the inner first"])
def test_a_record_that_comes_after_the_other_was_settled_joins_its_call(
    database: Database, first_then: tuple[Record, Record]
) -> None:
    first, then = first_then
    another = replace(OUTER, trace_id="b" * 32, scope=THIRD)
    write(database, [first, another])
    settle(database.client)
    write(database, [then])
    assert seen(database) == ONE_CALL | {another.key: (THIRD,)}
    settle(database.client)
    assert seen(database) == ONE_CALL | {another.key: (THIRD,)}


def test_a_record_that_comes_again_changes_nothing(database: Database) -> None:
    write(database, [OUTER, INNER])
    settle(database.client)
    write(database, [INNER, OUTER])
    assert seen(database) == ONE_CALL
    database.client.command("OPTIMIZE TABLE firsttoken_call_rows FINAL")
    assert seen(database) == ONE_CALL
    assert layers(database) == [OUTER.key]
    settle(database.client)
    assert seen(database) == seen_by_anyone(database, "firsttoken_settled_calls") == ONE_CALL


def test_a_bucket_is_settled_when_nothing_has_come_for_a_while(database: Database) -> None:
    write(database, [OUTER, INNER])
    for _ in range(2):
        for statement in settling():
            database.client.command(statement)
    assert database.client.query("SELECT count(), max(settled) FROM firsttoken_call_rows").result_rows == [(2, 0)]
    assert seen(database) == ONE_CALL


def test_what_was_found_out_is_written_before_anything_counts_as_settled(database: Database) -> None:
    write(database, [OUTER, INNER])
    _, publish = settling(quiet_s=0)
    database.client.command(publish)
    assert seen(database) == ONE_CALL
    settle(database.client)
    assert seen_by_anyone(database, "firsttoken_settled_calls") == ONE_CALL


def test_what_the_server_found_out_is_no_record_that_came(database: Database) -> None:
    write(database, [OUTER, INNER])
    settle(database.client)
    settled = database.client.query("SELECT count() FROM firsttoken_call_rows WHERE settled > 0")
    assert settled.result_rows == [(2,)]
    assert database.client.query("SELECT sum(came) FROM firsttoken_buckets").result_rows == [(2,)]


def test_what_a_replica_settled_too_early_is_compared_again_by_the_documented_statement(database: Database) -> None:
    client = database.client
    write(database, [INNER])
    client.command(
        "INSERT INTO firsttoken_buckets (bucket, scope, settled) SELECT bucket, '', 2 FROM firsttoken_buckets"
    )
    write(database, [OUTER])
    settle(client)
    assert len(seen_by_anyone(database, "firsttoken_settled_calls")) == 2
    (statement,) = re.findall("```sql\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    client.command(statement)
    assert seen(database) == ONE_CALL
    settle(client)
    assert seen_by_anyone(database, "firsttoken_settled_calls") == ONE_CALL


def test_one_instrumentation_alone_is_settled_at_any_time(database: Database) -> None:
    write(database, [INNER, replace(OUTER, scope=OURS)])
    assert len(seen_by_anyone(database, "firsttoken_settled_calls")) == 2


def test_an_answer_counts_the_call_once(database: Database) -> None:
    write(database, [OUTER, INNER])
    with ClickHouse.open(database.url) as warehouse:
        assert analyse.report(warehouse).totals.calls == 1
        settle(database.client)
        assert analyse.report(warehouse).totals.calls == 1


def test_a_settled_call_keeps_what_was_said_and_its_other_record_is_a_span(database: Database) -> None:
    said = json.dumps([{"role": "user", "parts": [{"type": "text", "content": "hello"}]}])
    more = {names.GEN_AI_INPUT_MESSAGES: said, "team": "search"}
    both = [replace(sent(each), resource={"service.name": "shop"}) for each in (OUTER, INNER)]
    both = [replace(each, facts=replace(each.facts, attributes={**each.facts.attributes, **more})) for each in both]
    write_spans(database.client, both)
    shown = []
    for _ in range(2):
        with ClickHouse.open(database.url) as warehouse:
            detail = analyse.find_call(warehouse, INNER.trace_id, INNER.span_id)
            with exported(warehouse, ExportOptions(table="calls")) as rows:
                calls = [row | {"received_unix_ns": 0} for row in rows.read_all().to_pylist()]
            with exported(warehouse, ExportOptions(table="spans")) as rows:
                spans = rows.read_all().to_pylist()
        shown.append((detail, calls, spans))
        settle(database.client)
    before, after = shown
    assert before == after
    assert "hello" in before[1][0]["attributes"]
    assert "hello" in before[2][0]["attributes"]
    assert [row["span_id"] for row in before[2]] == [OUTER.span_id]
