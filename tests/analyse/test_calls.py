"""Which calls there are: newest first, page by page, and one in full."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import ORIGIN, SMALLEST_CALL, call_record, ids, log_record

from firsttoken.analyse import CallRow, Event, calls_at, count_calls, cursor_of, find_call, places, recent_calls
from firsttoken.analyse.neighbours import newer_call, older_call
from firsttoken.call import Call, CallContext, Timing
from firsttoken.errors import StoreError
from firsttoken.semconv.write import call_attributes
from firsttoken.store import Batch, JsonText, Selection, Store

from .conftest import Runs


def started_at(unix_ns: int) -> Call:
    return replace(SMALLEST_CALL, timing=Timing(unix_ns, 1))


def pages(store: Store, run_id: str, limit: int) -> list[list[CallRow]]:
    found = [recent_calls(store, Selection(run_id=run_id), limit=limit)]
    while found[-1]:
        found.append(recent_calls(store, Selection(run_id=run_id), limit=limit, before=cursor_of(found[-1][-1])))
    return found


def test_there_are_no_calls_in_a_new_store(tmp_path: Path) -> None:
    with Store.open(tmp_path / "calls.duckdb") as store:
        assert recent_calls(store) == []


@given(starts=st.lists(st.integers(1, 5), max_size=12), limit=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_pages_hold_every_call_once_newest_first(runs: Runs, starts: list[int], limit: int) -> None:
    run_id = runs.add(*map(started_at, starts))
    found = [row for page in pages(runs.store, run_id, limit) for row in page]
    assert [row.call.timing.started_unix_ns for row in found] == sorted(starts, reverse=True)
    assert len({row.span_id for row in found}) == len(starts)


def test_neighbours_follow_the_order_of_the_list(runs: Runs) -> None:
    run_id = runs.add(*map(started_at, (10, 20, 20, 20, 30)))
    selection = Selection(run_id=run_id)
    rows = recent_calls(runs.store, selection)
    ids = [(row.trace_id, row.span_id) for row in rows]
    assert [older_call(runs.store, row, selection) for row in rows] == [*ids[1:], None]
    assert [newer_call(runs.store, row, selection) for row in rows] == [None, *ids[:-1]]


def test_a_call_that_comes_later_does_not_move_the_next_page(runs: Runs) -> None:
    run_id = runs.add(*map(started_at, (10, 20, 30)))
    first = recent_calls(runs.store, Selection(run_id=run_id), limit=2)
    runs.add_to(run_id, started_at(40))
    second = recent_calls(runs.store, Selection(run_id=run_id), limit=2, before=cursor_of(first[-1]))
    assert [row.call.timing.started_unix_ns for row in first + second] == [30, 20, 10]


@given(
    starts=st.lists(st.integers(1, 4) | st.integers(1, 2**62), max_size=14),
    page=st.tuples(st.integers(0, 15), st.integers(1, 6)),
    until=st.sampled_from([2, 3, 10, 2**61, 2**63 - 1]),
    cut=st.sampled_from([(2, 1), (3, 4), (1000, 10_000)]),
)
@settings(max_examples=60, deadline=None)
def test_calls_at_a_place_are_those_that_counting_from_the_newest_comes_to(
    runs: Runs, starts: list[int], page: tuple[int, int], until: int, cut: tuple[int, int]
) -> None:
    selection = Selection(run_id=runs.add(*map(started_at, starts)))
    offset, limit = page
    listed = [row for row in recent_calls(runs.store, selection) if row.call.timing.started_unix_ns < until]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(places, "STEPS", cut[0])
        patch.setattr(places, "FEW", cut[1])
        found = calls_at(runs.store, selection, offset=offset, limit=limit, until_unix_ns=until)
    assert found == listed[offset : offset + limit]
    assert count_calls(runs.store, selection) == len(starts)


def test_another_run_is_left_out(runs: Runs) -> None:
    run_id = runs.add(started_at(1))
    runs.add(started_at(2))
    assert [row.run_id for row in recent_calls(runs.store, Selection(run_id=run_id))] == [run_id]


def test_a_row_says_where_its_call_came_from(runs: Runs) -> None:
    run_id = runs.add()
    (record,) = runs.add_to(run_id, SMALLEST_CALL)
    assert recent_calls(runs.store, Selection(run_id=run_id)) == [
        CallRow(record.trace_id, record.span_id, None, "checkout", run_id, SMALLEST_CALL, (ORIGIN.scope,))
    ]


def test_a_call_in_full_has_its_events_and_the_logs_of_its_span(runs: Runs) -> None:
    trace_id, span_id = span = ids()
    event = '[{"name":"firsttoken.first_token","time_unix_ns":5,"attributes":{"n":[1,null]}}]'
    alone = replace(ORIGIN, run_id=f"of {span_id}")
    record = replace(
        call_record(span=span, origin=alone), events=JsonText(event), attributes=JsonText('{"a":{"b":0.1}}')
    )
    logs = [
        replace(log_record("later", 0), trace_id=trace_id, span_id=span_id, time_unix_ns=9, event_name="second"),
        replace(log_record("sooner", 0), trace_id=trace_id, span_id=span_id, time_unix_ns=8),
        replace(log_record("another span", 0), trace_id=trace_id, span_id="0" * 16),
    ]
    runs.store.write(Batch(calls=(record,), logs=tuple(logs))).result(30)
    detail = find_call(runs.store, trace_id, span_id)
    assert detail is not None
    assert [detail.row] == recent_calls(runs.store, Selection(run_id=alone.run_id))
    assert (detail.scope, detail.attributes, detail.resource) == (
        "firsttoken.openai",
        {**call_attributes(SMALLEST_CALL), "a": {"b": 0.1}},
        {"service.name": "checkout"},
    )
    assert detail.span_events == (Event("firsttoken.first_token", 5, None, {"n": [1, None]}),)
    assert detail.log_events == (
        Event("log", 8, "INFO", {"body": "hello"}),
        Event("second", 9, "INFO", {"body": "hello"}),
    )


def test_a_call_that_is_not_there_is_none(runs: Runs) -> None:
    assert find_call(runs.store, *ids()) is None


def test_a_closed_store_is_a_store_error(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "calls.duckdb")
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        recent_calls(store)


def said(number: int, context: CallContext) -> Call:
    return replace(started_at(number), request=replace(SMALLEST_CALL.request, context=context))


def test_only_calls_that_meet_all_conditions_are_found_page_by_page(runs: Runs) -> None:
    ours, other = CallContext(run_id="r", tags=("a", "b")), CallContext(run_id="r", tags=("b",))
    run_id = runs.add(*(said(number, ours if number % 2 else other) for number in range(1, 10)))
    where = {"run.id": "r", "tags": "a"}
    found = [recent_calls(runs.store, Selection(run_id=run_id, where=where), limit=3)]
    while found[-1]:
        found.append(
            recent_calls(runs.store, Selection(run_id=run_id, where=where), limit=3, before=cursor_of(found[-1][-1]))
        )
    starts = [[row.call.timing.started_unix_ns for row in page] for page in found]
    assert starts == [[9, 7, 5], [3, 1], []]


@pytest.mark.parametrize("name", ["a/b", "a~b", "a'b", 'a"b', "$.a", "", "; DROP TABLE calls", "ä", "a\0b"])
@pytest.mark.parametrize("value", ["x", "x' OR 1=1", "", "$1", "\0"])
def test_a_condition_is_never_more_than_a_name_and_a_value(runs: Runs, name: str, value: str) -> None:
    run_id = runs.add(started_at(1))
    attributes = JsonText(json.dumps({name: value}))
    records = [replace(call_record(started_at(2), origin=replace(ORIGIN, run_id=run_id)), attributes=attributes)]
    runs.store.write(Batch(calls=tuple(records))).result(30)
    found = recent_calls(runs.store, Selection(run_id=run_id, where={name: value}))
    assert [row.span_id for row in found] == [record.span_id for record in records]
    assert recent_calls(runs.store, Selection(run_id=run_id, where={name: value + "x"})) == []
