"""A trace is found by any part of an id, tells the kind of each span, and counts a call once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from store.samples import ORIGIN, SMALLEST_CALL, call_record, span_record

from firsttoken.analyse.asking import answered
from firsttoken.analyse.tracing import TRACE, Skew, Trace, TraceAnswer, TraceOptions
from firsttoken.call import Ledger, Outcome, Response, Timing, Usage
from firsttoken.store import Batch, CallRecord, JsonText, SpanRecord, Store

TRACE_ID = "abcdef" + "0" * 26
OTHER_TRACE_ID = "abcdee" + "0" * 26
OUR_SCOPE, OTHER_SCOPE = "firsttoken", "opentelemetry.instrumentation.openai.v1"


def span(number: int, parent: int | None, begin: int = 0, end: int = 100, **more: Any) -> SpanRecord:
    attributes = more.pop("attributes", {})
    made = span_record(span=(more.pop("trace_id", TRACE_ID), f"{number:016x}"))
    return replace(
        made,
        parent_span_id=None if parent is None else f"{parent:016x}",
        started_unix_ns=begin,
        ended_unix_ns=end,
        attributes=JsonText(json.dumps(attributes)),
        origin=replace(ORIGIN, service=more.pop("service", "shop")),
        **more,
    )


def call(number: int, parent: int | None, scope: str = OUR_SCOPE, begin: int = 10, **more: Any) -> CallRecord:
    made = replace(
        SMALLEST_CALL,
        timing=Timing(begin, 20),
        usage=Usage(100, 7),
        cost=Ledger(Decimal("0.01"), Decimal(0), Decimal(0), Decimal("0.02"), "USD", "list"),
        response=Response(id="answer", model="gpt-5.1"),
    )
    record = call_record(replace(made, **more), span=(TRACE_ID, f"{number:016x}"), origin=replace(ORIGIN, scope=scope))
    return replace(record, parent_span_id=None if parent is None else f"{parent:016x}")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as store:
        yield store


def told(store: Store, *records: CallRecord | SpanRecord, **options: Any) -> TraceAnswer:
    calls = tuple(record for record in records if isinstance(record, CallRecord))
    spans = tuple(record for record in records if isinstance(record, SpanRecord))
    store.write(Batch(calls=calls, spans=spans)).result(30)
    return answered(TRACE, store, TraceOptions(**{"id": TRACE_ID, **options}))


def trace_of(store: Store, *records: CallRecord | SpanRecord, **options: Any) -> Trace:
    found = told(store, *records, **options).trace
    assert found is not None
    return found


@pytest.mark.parametrize(
    "asked", [TRACE_ID, TRACE_ID.upper(), "abcdef", f" {TRACE_ID[:20]} ", f"{2:016x}", f"{2:016x}"[:15]]
)
def test_a_trace_is_found_by_its_id_by_that_of_a_span_or_by_how_one_begins(store: Store, asked: str) -> None:
    other = span(0x99, None, trace_id=OTHER_TRACE_ID)
    found = told(store, span(2, None), other, id=asked)
    assert [named.trace_id for named in found.named if found.trace] == [TRACE_ID]


def test_an_id_that_several_traces_share_names_them_the_latest_first(store: Store) -> None:
    found = told(store, span(1, None, begin=1), span(2, None, begin=2, trace_id=OTHER_TRACE_ID), id="abcde")
    assert (found.trace, found.named) == (None, ())
    shared = told(store, id="0000000000000")
    assert shared.trace is None
    assert [named.trace_id for named in shared.named] == [OTHER_TRACE_ID, TRACE_ID]


def test_a_call_that_two_instrumentations_recorded_is_summed_once(store: Store) -> None:
    found = trace_of(store, span(1, None), call(3, 2), call(2, 1, OTHER_SCOPE, begin=9))
    assert [(node.kind, node.depth) for node in found.nodes] == [("other", 0), ("record", 1), ("call", 2)]
    assert (found.total.calls, found.total.input_tokens, found.total.cost) == (1, 100, {"USD": Decimal("0.03")})
    seen = found.nodes[2].call
    assert seen is not None
    assert seen.seen_by == (OUR_SCOPE, OTHER_SCOPE)


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"gen_ai.operation.name": "invoke_agent"}, "agent"),
        ({"gen_ai.operation.name": "invoke_workflow"}, "workflow"),
        ({"gen_ai.operation.name": "execute_tool", "http.request.method": "GET"}, "tool"),
        ({"firsttoken.step.name": "plan"}, "step"),
        ({"openinference.span.kind": "AGENT"}, "agent"),
        ({"openinference.span.kind": "CHAIN"}, "step"),
        ({"traceloop.span.kind": "task"}, "step"),
        ({"http.request.method": "GET"}, "http"),
        ({"http.method": "GET"}, "http"),
        ({"gen_ai.operation.name": 7, "openinference.span.kind": "of its own"}, "other"),
    ],
)
def test_a_span_tells_its_kind_by_its_attributes_in_any_dialect(
    store: Store, attributes: dict[str, object], kind: str
) -> None:
    assert trace_of(store, span(1, None, attributes=attributes)).nodes[0].kind == kind


def test_what_does_not_fit_is_left_out_counted_and_in_the_sums(store: Store) -> None:
    spans = [span(number, 1, begin=1, end=2) for number in range(10, 30)]
    found = trace_of(store, span(1, None), call(3, 1), *spans, limit=3)
    assert [node.span_id for node in found.nodes[:1]] == [f"{1:016x}"]
    assert (len(found.nodes), found.left_out, found.nodes[0].left_out, found.total.spans) == (3, 19, 19, 22)
    assert any(node.kind == "call" for node in found.nodes)


def test_a_branch_can_be_looked_at_alone(store: Store) -> None:
    found = trace_of(store, span(1, None), span(2, 1, 10, 50), call(3, 2), span(4, 1), below=f"{2:016x}")
    assert [(node.span_id, node.depth) for node in found.nodes] == [(f"{2:016x}", 0), (f"{3:016x}", 1)]
    assert (found.total.spans, found.started_unix_ns, found.duration_ns) == (2, 10, 40)
    assert told(store, below="nothing").trace is None


def test_clocks_that_differ_are_told_and_nothing_is_moved(store: Store) -> None:
    found = trace_of(store, span(1, None, 100, 200), span(2, 1, 60, 90, service="far"), span(3, 1, 95, 99))
    assert found.skews == (Skew("far", "shop", 1, 40),)
    assert [(node.started_unix_ns, node.before_parent_ns) for node in found.nodes] == [(100, 0), (60, 40), (95, 5)]
    assert found.started_unix_ns == 60


def test_a_refused_call_has_no_tokens_that_could_be_missing(store: Store) -> None:
    refused = call(2, None, usage=None, cost=None, outcome=Outcome.FAILED, response=Response(status_code=429))
    total = trace_of(store, refused).total
    assert (total.errors, total.calls_without_usage, total.unpriced_calls) == (1, 0, 0)


def test_a_trace_that_is_not_there_is_none(store: Store) -> None:
    assert told(store, id=TRACE_ID) == TraceAnswer(None, ())
    assert told(store, id="") == TraceAnswer(None, ())
