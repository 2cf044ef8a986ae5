"""Every question has the same answer on both engines."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import pytest

from firsttoken.clickhouse.translation import SETTINGS, translated
from firsttoken.store import EVERYTHING, Between, Row, Selection, Value
from firsttoken.store.scope import Parameters, scoped
from firsttoken.store.sql import query

from .same_calls import COUNT, MINUTE_NS, SPAN_ID, START_UNIX_NS, Stores

QUESTIONS = sorted(
    entry.name.removesuffix(".sql") for entry in (files("firsttoken.store") / "queries").iterdir() if entry.is_file()
)

OWN_WORK = (
    *("insert_calls", "insert_logs", "insert_spans", "latest_log", "latest_span", "repeated_logs", "repeated_spans"),
    *("delete_old_calls", "delete_old_logs", "delete_old_spans", "keep_young_traces", "time_of_share"),
    *("move_together", "stored_rows", "update_costs"),
    *("drop_calls", "mark_calls", "take_calls", "related_records", "emitters"),
    *("insert_contents", "texts_of", "delete_unused_contents"),
)
"""What the embedded store asks and does as it writes and deletes: no answer comes from these."""


class Case(NamedTuple):
    """One question as it is asked."""

    parameters: Mapping[str, Value] = {}
    selection: Selection = EVERYTHING
    group_by: tuple[str, ...] = ()
    figure: str | None = None


class Question(NamedTuple):
    """How a question is asked, and what of its answer cannot be compared."""

    cases: Sequence[Case]
    differs: frozenset[str] = frozenset()


SELECTIONS = (
    EVERYTHING,
    Selection(since_unix_ns=START_UNIX_NS + 50 * MINUTE_NS, until_unix_ns=START_UNIX_NS + 100 * MINUTE_NS),
    Selection(run_id="run-1", models=("gpt-4o", "claude-*")),
    Selection(models=("gpt-4o-mini",), where={"user.id": "u-1"}),
    Selection(where={"feature": "chat/x~y", "tenant": "t0", "gen_ai.request.temperature": "0.5"}),
    Selection(where={"firsttoken.tags": "beta", "stream": "true", "server.port": "443"}),
    Selection(where={"deployment.environment.name": "test", "seats": "12"}),
    Selection(where={"feature": "nothing has it"}),
    Selection(without=("user", "feature")),
    Selection(where={"failed": "true"}, without=("firsttoken.tags",)),
    Selection(where={"price_missing": "true"}),
    Selection(between=(Between("first_token", 0.2, 0.9), Between("output_tokens", at_least=10))),
    Selection(between=(Between("cost", below=0.01),)),
)
SEARCHES = (
    Selection(search="CHAT/X~y"),
    Selection(search="t0", models=("gpt-4o",)),
    Selection(search="it broke"),
    Selection(search="BETA"),
    Selection(search="resp-1"),
    Selection(search=f"{0:031x}"),
    Selection(search="%"),
)
"""These take long to translate, and mean the same to every question."""
GROUPINGS = ((), ("model",), ("user", "feature"), ("tags", "hour"), ("stream", "nothing"), ("day", "session", "tenant"))
ALL = [Case(selection=selection) for selection in SELECTIONS]
GROUPED = [
    *(Case(selection=selection, group_by=("provider", "model")) for selection in SELECTIONS),
    *(Case(group_by=group_by) for group_by in GROUPINGS),
]
PAGES = [
    Case({"limit": 25, "before_started_unix_ns": None, "before_ids": None}),
    *(
        Case({"limit": 7, "before_started_unix_ns": START_UNIX_NS + 30 * MINUTE_NS, "before_ids": ids}, selection)
        for ids in (f"{61:032x}{62:016x}", "0")
        for selection in SELECTIONS[:4]
    ),
]
STEPS = (1, MINUTE_NS, 10**15)
OVER_TIME = [
    case._replace(parameters={"origin_unix_ns": START_UNIX_NS - 7, "step_ns": 30 * MINUTE_NS, "groups": groups})
    for case in GROUPED
    for groups in (2, 100)
]
ONE_CALL = {"trace_id": f"{0:032x}", "span_id": f"{1:016x}"}
ONE_TRACE = {"trace_id": f"{0:032x}", "most": 9}
HALFWAY = {"before_unix_ns": START_UNIX_NS + 50 * MINUTE_NS, "before_id": f"{101:032x}"}
NEWEST_TRACES = [
    Case({"limit": 7, "window": window, **before}, selection)
    for window in (5, 50, 2**63 - 1)
    for before in ({"before_unix_ns": None, "before_id": None}, HALFWAY)
    for selection in SELECTIONS[:2]
]
"""Two traces have their last call when the cursor's has."""
SOME_TRACES = {"trace_ids": [f"{number:032x}" for number in range(0, COUNT, 3)]}
SAID_KINDS = {
    "operation_at": "/gen_ai.operation.name",
    "openinference_at": "/openinference.span.kind",
    "openllmetry_at": "/traceloop.span.kind",
}
SPAN_KINDS = {
    **SAID_KINDS,
    "step_at": "/firsttoken.step.name",
    "method_at": "/http.request.method",
    "older_method_at": "/http.method",
}
ARRIVAL = frozenset({"received_unix_ns", "seen_by"})
WORDS = frozenset({"attributes", "resource", "events"})
"""Of which only the exporter makes texts. What they say of a call is compared in test_calls_from_spans."""

ANSWERS: Mapping[str, Question] = {
    "attribute_names": Question([Case()]),
    "attribute_values": Question([Case(group_by=(name,)) for name in ("model", "user", "tags", "feature", "nothing")]),
    "call_costs": Question(ALL),
    "call_count": Question([*ALL, *(Case(selection=each) for each in SEARCHES)]),
    "call_density": Question(
        [
            Case({"origin_unix_ns": START_UNIX_NS - 7, "step_ns": step_ns}, each)
            for each in SELECTIONS
            for step_ns in STEPS
        ]
    ),
    "call_endings": Question(ALL),
    "call_groups": Question(
        [
            *(Case({"limit": 20, "currency": "USD"}, selection, ("model",)) for selection in SELECTIONS),
            *(Case({"limit": 3, "currency": ""}, group_by=group_by) for group_by in GROUPINGS),
        ]
    ),
    "call_times": Question(ALL),
    "call_totals": Question(ALL),
    "calls_of_traces": Question([Case(SOME_TRACES), Case({"trace_ids": []})]),
    "calls_from": Question(
        [
            *(Case({"limit": 9, "offset": offset}) for offset in (0, 5, 390)),
            *(Case({"limit": 9, "offset": 3}, each) for each in SELECTIONS),
            *(Case({"limit": 400, "offset": 0}, each) for each in SEARCHES),
        ],
        ARRIVAL,
    ),
    "calls_named": Question(
        [
            Case({"id": asked, "hexadecimal": asked, "beginning": beginning, "most": 9})
            for asked in (f"{1:016x}", f"{0:032x}", f"{0:032x}/{1:016x}", "nothing")
            for beginning in (asked, None)
        ]
    ),
    "cost_endings": Question(ALL),
    "cost_sources": Question(ALL),
    "cost_totals": Question(GROUPED),
    "cost_unpriced": Question(ALL),
    "emitters_seen": Question([Case({"most": 9})]),
    "error_kinds": Question(GROUPED),
    "errors": Question(GROUPED),
    "find_call": Question([Case(ONE_CALL), Case({**ONE_CALL, "span_id": "no"})], ARRIVAL | WORDS | {"content"}),
    "find_span": Question([Case({**ONE_CALL, "span_id": SPAN_ID}), Case(ONE_CALL)], WORDS),
    "heatmap": Question(
        [
            Case({"origin_unix_ns": START_UNIX_NS - 7, "step_ns": step_ns}, each, figure=figure)
            for selections, figures in ((SELECTIONS, ("total",)), (SELECTIONS[:1], ("first_token", "largest_gap")))
            for each in selections
            for step_ns in STEPS
            for figure in figures
        ]
    ),
    "kept_rows": Question([Case()]),
    "latency": Question(GROUPED),
    "latency_histogram": Question(GROUPED),
    "logs_of_span": Question([Case(ONE_CALL), Case({**ONE_CALL, "span_id": "no"})], WORDS),
    "newest_said": Question([Case({"most": 5})], ARRIVAL | WORDS | {"content"}),
    "newest_said_in_logs": Question([Case({"most": 400, "events": ["an.event"]}), Case({"most": 1, "events": []})]),
    "newest_span_attributes": Question([Case({"most": 9})], WORDS),
    "newest_traces": Question(NEWEST_TRACES),
    "ranked_calls": Question(
        [
            Case({"failed": failed, "currency": currency, "limit": 9}, selection, figure=figure)
            for figure in ("started", "total", "cost", "stalled", "largest_gap")
            for failed in (False, True)
            for currency in (None, "USD")
            for selection in (EVERYTHING, Selection(models=("gpt-4o",)))
        ],
        ARRIVAL,
    ),
    "rate_limits": Question(GROUPED),
    "newer_call": Question(
        [
            Case({"started_unix_ns": START_UNIX_NS + 50 * MINUTE_NS + shift, "ids": ids}, selection)
            for shift, ids in ((0, "f" * 48), (0, "0" * 48), (-1, "0" * 48))
            for selection in SELECTIONS
        ]
    ),
    "recent_calls": Question(PAGES, ARRIVAL),
    "retry_chains": Question([Case({"count": count}, selection) for count in (5, 1000) for selection in SELECTIONS]),
    "retry_times": Question(GROUPED),
    "running_calls": Question(
        [
            Case({"since_unix_ns": since, "begun_unix_ns": 0, "limit": limit})
            for since in (0, START_UNIX_NS + 2 * MINUTE_NS, START_UNIX_NS + 9 * MINUTE_NS)
            for limit in (1, 10)
        ],
        WORDS,
    ),
    "slowest_calls": Question(
        [Case({"mark": mark, "count": 9}) for mark in ("headers", "first_event", "first_token", "total")]
    ),
    "span_emitters": Question([Case({"most": 9})]),
    "spans_of_traces": Question([Case({**SOME_TRACES, **SAID_KINDS}), Case({"trace_ids": [], **SAID_KINDS})]),
    "spending": Question(
        [
            Case({"most": most}, selection, (name,))
            for selection in SELECTIONS
            for name, most in (("user", 3), ("model", 1), ("feature", 100), ("tags", 2))
        ]
    ),
    "trace_calls": Question([Case(ONE_TRACE), Case({**ONE_TRACE, "trace_id": "no"})], frozenset({"seen_by"})),
    "trace_sizes": Question([Case({"trace_id": f"{0:032x}"})]),
    "trace_spans": Question([Case({**ONE_TRACE, **SPAN_KINDS})]),
    "traces_named": Question(
        [Case({"id": asked, "most": 9}) for asked in (f"{0:032x}", f"{1:016x}", SPAN_ID, f"{0:020x}", "nothing")]
    ),
    "trend": Question(OVER_TIME),
    "trend_costs": Question(OVER_TIME),
}

WHOLE = frozenset(
    (
        *("attribute_names", "find_call", "find_span", "kept_rows", "logs_of_span"),
        *("newest_said", "newest_said_in_logs", "newest_span_attributes", "spans_of_traces", "span_emitters"),
        *("running_calls", "trace_sizes", "trace_spans", "traces_named"),
    )
)
"""Which are about attributes, or about other spans as well."""


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name not in OWN_WORK])
def test_a_question_has_the_same_answer_on_both_engines(stores: Stores, question: str) -> None:
    asked = ANSWERS[question]
    answered = 0
    for case in asked.cases:
        with stores.embedded.read() as embedded, stores.clickhouse.read() as clickhouse:
            expected = embedded.ask(question, case.parameters, case.selection, case.group_by, case.figure)
            found = clickhouse.ask(question, case.parameters, case.selection, case.group_by, case.figure)
        answered += len(expected)
        assert comparable(found, question, asked.differs) == comparable(expected, question, asked.differs), case
    assert answered, "a question without a row is not tested"


@pytest.mark.parametrize("question", [name for name in ANSWERS if name not in WHOLE and name in QUESTIONS])
def test_a_question_about_figures_reads_no_map(stores: Stores, question: str) -> None:
    for case in ANSWERS[question].cases[:2]:
        asked = translated(*_scoped(question, case))
        plan = stores.client.raw_query(f"EXPLAIN header = 1 {asked.text}", asked.parameters, settings=dict(SETTINGS))
        assert b"firsttoken_call_rows" in plan
        assert re.findall(rb"\b(?:attributes|content|resource|events)\b", plan) == []


def _scoped(question: str, case: Case) -> tuple[str, Parameters]:
    statement, parameters = scoped(query(question), case.selection, case.group_by, case.figure)
    return statement, {**case.parameters, **parameters}


def test_whole_columns_are_the_same_on_both_engines(stores: Stores) -> None:
    columns = ["trace_id", "model", "stream", "started_unix_ns", "duration_ns", "input_tokens", "cost_total", "tags"]
    columns += ["finish_reasons", "temperature", "usage_partial", "error_category", "unpriced_reason"]
    for case in (*ALL, *GROUPED):
        with stores.embedded.read() as embedded, stores.clickhouse.read() as clickhouse:
            expected = embedded.table(columns, case.selection, case.group_by)
            found = clickhouse.table(columns, case.selection, case.group_by)
        assert found.column_names == expected.column_names
        assert by_id(found.to_pylist()) == by_id(expected.to_pylist()), case


def test_both_engines_know_the_same_attributes(stores: Stores) -> None:
    with stores.embedded.read() as embedded, stores.clickhouse.read() as clickhouse:
        names = [
            "feature",
            "tenant",
            "seats",
            "deployment.environment.name",
            "nothing",
            "model",
            "gen_ai.request.model",
        ]
        assert [clickhouse.knows(name) for name in names] == [embedded.knows(name) for name in names]
        assert {"feature", "seats", "deployment.environment.name"} <= set(clickhouse.attributes())


class Near(float):
    """A number of which the last digits may differ: two engines go from one value to the next in different steps."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, float) and math.isclose(self, other, rel_tol=1e-12)

    __hash__ = float.__hash__


def by_id(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        ({name: plain(value) for name, value in row.items()} for row in rows), key=lambda row: row["trace_id"]
    )


def comparable(rows: Sequence[Row], question: str, differs: frozenset[str]) -> tuple[list[Any], list[Any]]:
    """What the question orders by, in its order; and the rows, in one order."""
    shown = [{name: plain(value) for name, value in row.items() if name not in differs} for row in rows]
    order = re.search(r"ORDER BY ([\w, ]+?)(?:\nLIMIT .*)?;\s*$", query(question))
    keys = [key.split()[0] for key in order[1].split(", ")] if order else []
    return [[row.get(key) for key in keys] for row in shown], sorted(shown, key=_without_reals)


def _without_reals(row: Mapping[str, Any]) -> str:
    return str([(name, value) for name, value in sorted(row.items()) if "quantiles" not in name])


def plain(value: Any) -> Any:
    """Without what differs in form alone: a list that is empty is unknown, and JSON may have spaces."""
    match value:
        case []:
            return None
        case list():
            return [plain(item) for item in value]
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case str() if value.startswith("{"):
            return json.loads(value)
        case _:
            return Near(value) if isinstance(value, float) else value


@pytest.mark.parametrize(
    ("statement", "number", "expected"),
    [
        ("SELECT attributes FROM calls WHERE trace_id = $id", 4, ['{"feature": "search"}']),
        ("SELECT * FROM (SELECT model FROM calls WHERE trace_id = $id)", 4, ["gpt-4o-mini"]),
        ("SELECT attributes FROM logs WHERE trace_id = $id", 0, ['{"team": "search"}']),
    ],
    ids=["a map", "a step", "log records"],
)
def test_a_statement_of_ones_own_is_answered_with_json_for_maps(
    stores: Stores, statement: str, number: int, expected: list[str]
) -> None:
    with stores.clickhouse.read() as reader:
        rows = reader.run(statement, {"id": f"{number:032x}"}).read_all()

    assert rows.column(0).to_pylist() == expected


@pytest.mark.parametrize("table", ["calls", "spans", "logs"])
def test_every_column_of_a_table_can_be_asked_for_at_once(stores: Stores, table: str) -> None:
    with stores.clickhouse.read() as reader:
        rows = reader.run(f"SELECT * FROM {table} LIMIT 1", {}).read_all()  # noqa: S608  one of three

    assert {"trace_id", "attributes", "resource"} <= set(rows.column_names)
