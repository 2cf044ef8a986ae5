"""One call that several instrumentations recorded is one call, whatever comes first; two calls stay two."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.call import Call, Response, Timing, Usage
from firsttoken.store import Batch, CallRecord, Store

from .samples import ORIGIN, SMALLEST_CALL, call_record, ids

OURS, OTHER, THIRD = "firsttoken", "opentelemetry.instrumentation.openai.v1", "openinference.instrumentation.langchain"
SECOND = 10**9
TRACE = "a" * 32
SPANS = {name: number * 16 for name, number in zip(("outer", "inner", "innermost", "next"), "1234", strict=True)}

Calls = dict[str, tuple[str, ...]]
"""The spans that stand for calls, and who saw each."""


def recorded(
    span: str,
    scope: str,
    *,
    answer: str | None = None,
    parent: str | None = None,
    usage: Usage | None = None,
    at_s: float = 100,
    **request: Any,
) -> CallRecord:
    call: Call = replace(
        SMALLEST_CALL,
        request=replace(SMALLEST_CALL.request, model="gpt-4o", **request),
        timing=Timing(int(at_s * SECOND), SECOND),
        response=Response(id=answer, model="gpt-4o-2024-08-06" if scope == OURS else "gpt-4o"),
        usage=usage,
    )
    record = call_record(call, span=(TRACE, SPANS[span]), origin=replace(ORIGIN, scope=scope))
    return replace(record, parent_span_id=None if parent is None else SPANS[parent])


def ways(records: Sequence[CallRecord]) -> Iterable[list[Batch]]:
    """Every order in which they may come, in one batch and in one each."""
    for order in itertools.permutations(records):
        yield [Batch(calls=order)]
        yield [Batch(calls=(record,)) for record in order]
        if len(order) > 2:
            yield [Batch(calls=order[:2]), Batch(calls=order[2:])]


def rows(store: Store, question: str, *parameters: str) -> list[tuple[Any, ...]]:
    with store._database.cursor() as cursor:
        return cursor.execute(question, parameters).fetchall()


def elsewhere(record: CallRecord, trace_id: str) -> CallRecord:
    """The same in another trace, with answers of its own."""
    response = record.call.response
    answer = response.id and f"{response.id} {trace_id}"
    return replace(record, trace_id=trace_id, call=replace(record.call, response=replace(response, id=answer)))


def stored(store: Store, batches: Iterable[Batch], *, times: int = 1) -> tuple[Calls, list[str]]:
    """The calls, and the spans beside them, by their names here."""
    names, trace_id = {number: name for name, number in SPANS.items()}, ids()[0]
    for batch in [*batches] * times:
        store.write(Batch(calls=tuple(elsewhere(record, trace_id) for record in batch.calls))).result(30)
    calls = rows(store, "SELECT span_id, seen_by FROM calls WHERE trace_id = ?", trace_id)
    spans = rows(store, "SELECT span_id FROM spans WHERE trace_id = ?", trace_id)
    return {names[span]: tuple(seen_by) for span, seen_by in calls}, sorted(names[span] for (span,) in spans)


def outcomes(records: Sequence[CallRecord]) -> list[tuple[Calls, list[str]]]:
    """What comes of them, each different outcome once."""
    found: list[tuple[Calls, list[str]]] = []
    with Store.open(None) as store:
        for batches, times in itertools.product(ways(records), (1, 2)):
            result = stored(store, batches, times=times)
            if result not in found:
                found.append(result)
    return found


def test_one_answer_that_two_recorded_is_one_call_of_ours() -> None:
    records = [recorded("outer", OTHER, answer="r1", usage=Usage(1, 2)), recorded("inner", OURS, answer="r1", at_s=101)]
    assert outcomes(records) == [({"inner": (OURS, OTHER)}, ["outer"])]


def test_a_call_inside_another_record_of_it_is_one_call() -> None:
    records = [recorded("outer", THIRD), recorded("inner", OTHER, parent="outer", usage=Usage(1, 2))]
    assert outcomes(records) == [({"inner": (OTHER, THIRD)}, ["outer"])]


def test_without_ours_the_record_that_knows_the_usage_stands_for_the_call() -> None:
    records = [recorded("outer", THIRD, usage=Usage(1, 2)), recorded("inner", OTHER, parent="outer")]
    assert outcomes(records) == [({"outer": (THIRD, OTHER)}, ["inner"])]


def test_without_a_usage_the_inner_record_stands_for_the_call() -> None:
    records = [recorded("outer", OTHER), recorded("inner", THIRD, parent="outer")]
    assert outcomes(records) == [({"inner": (THIRD, OTHER)}, ["outer"])]


@pytest.mark.parametrize("ours", ["outer", "inner", "innermost"])
def test_three_records_inside_one_another_are_one_call(ours: str) -> None:
    others = [name for name in ("outer", "inner", "innermost") if name != ours]
    scopes = dict(zip([ours, *others], (OURS, OTHER, THIRD), strict=True))
    records = [
        recorded("outer", scopes["outer"]),
        recorded("inner", scopes["inner"], parent="outer"),
        recorded("innermost", scopes["innermost"], parent="inner"),
    ]
    assert outcomes(records) == [({ours: (OURS, *sorted((OTHER, THIRD)))}, sorted(others))]


def test_a_third_record_that_links_two_makes_them_one_call() -> None:
    records = [
        recorded("outer", OTHER, answer="r1"),
        recorded("inner", THIRD, parent="outer"),
        recorded("next", OURS, answer="r1"),
    ]
    assert outcomes(records) == [({"next": (OURS, THIRD, OTHER)}, ["inner", "outer"])]


def test_an_outer_record_that_comes_last_takes_no_call_away() -> None:
    records = [
        recorded("next", OTHER, answer="r1", usage=Usage(1, 2), at_s=102),
        recorded("inner", THIRD, answer="r1", usage=Usage(1, 2), at_s=101, parent="outer"),
        recorded("outer", "langchain", at_s=100),
    ]
    assert outcomes(records) == [({"next": (OTHER, "langchain", THIRD)}, ["inner", "outer"])]


@pytest.mark.parametrize(
    "other",
    [
        recorded("inner", OURS, answer="r1"),
        recorded("inner", OTHER, answer="r2"),
        recorded("inner", OTHER, answer=None),
        recorded("inner", OTHER, answer="r1", at_s=161),
        recorded("inner", OTHER, answer="r1", operation="fetch_response"),
        recorded("inner", OTHER, answer="r2", parent="outer"),
        recorded("inner", OTHER, parent="outer", operation="embeddings"),
        recorded("inner", OURS, parent="outer"),
        recorded("inner", OTHER, answer=""),
    ],
    ids=[
        *("by the same instrumentation", "another answer", "no answer known", "long after", "fetched later"),
        *("a retry inside", "other work inside", "inside, by the same instrumentation", "an empty answer id"),
    ],
)
def test_two_calls_stay_two(other: CallRecord) -> None:
    records = [recorded("outer", OURS, answer=other.call.response.id and "r1"), other]
    (found,) = outcomes(records)
    assert found == ({"outer": (OURS,), "inner": (other.origin.scope,)}, [])


def test_two_embeddings_without_ids_stay_two_and_one_inside_another_is_one() -> None:
    one = recorded("outer", OTHER, operation="embeddings")
    assert outcomes([one, recorded("next", OURS, operation="embeddings")]) == [
        ({"outer": (OTHER,), "next": (OURS,)}, [])
    ]
    assert outcomes([one, recorded("inner", OURS, operation="embeddings", parent="outer")]) == [
        ({"inner": (OURS, OTHER)}, ["outer"])
    ]


def test_two_attempts_inside_one_outer_record_stay_two_calls() -> None:
    records = [
        recorded("outer", THIRD, answer="r2"),
        recorded("inner", OURS, parent="outer"),
        recorded("next", OURS, answer="r2", parent="outer"),
    ]
    assert outcomes(records) == [({"inner": (OURS, THIRD), "next": (OURS, THIRD)}, ["outer"])]


def test_a_model_to_fall_back_to_is_another_call_and_one_at_the_same_time_is_not() -> None:
    outer, failed = recorded("outer", THIRD), recorded("inner", OURS, parent="outer")
    records = [outer, failed, recorded("next", OTHER, parent="outer", answer="r1", at_s=101)]
    assert outcomes(records) == [({"inner": (OURS, THIRD), "next": (OTHER, THIRD)}, ["outer"])]
    records = [outer, failed, recorded("next", OTHER, parent="outer", answer="r1", at_s=100.5)]
    assert outcomes(records) == [({"inner": (OURS, THIRD, OTHER)}, ["next", "outer"])]


def test_an_answer_id_that_comes_again_later_is_of_another_call() -> None:
    records = [
        recorded("outer", OURS, answer="r1"),
        recorded("inner", OTHER, answer="r1", at_s=107),
        recorded("next", OURS, answer="r1", at_s=106),
    ]
    assert outcomes(records) == [({"outer": (OURS,), "next": (OURS, OTHER)}, ["inner"])]
    assert outcomes(records[:2]) == [({"outer": (OURS,), "inner": (OTHER,)}, [])]


def test_results_of_a_batch_read_again_are_calls_of_their_own() -> None:
    again = recorded("inner", OTHER, answer="r1", operation="batch_results")
    again = replace(again, call=replace(again.call, response=replace(again.call.response, repeated=True)))
    records = [recorded("outer", OURS, answer="r1", operation="batch_results"), again]
    assert outcomes(records) == [({"outer": (OURS,), "inner": (OTHER,)}, [])]


def test_what_becomes_a_span_keeps_its_place_in_the_trace_and_its_attributes() -> None:
    records = recorded("inner", OTHER, answer="r1", parent="next"), recorded("outer", OURS, answer="r1")
    for batches in ways(records):
        with Store.open(None) as store:
            for batch in batches:
                store.write(batch).result(30)
            ((span, parent, name, started, ended, attributes),) = rows(
                store,
                "SELECT span_id, parent_span_id, name, started_unix_ns, ended_unix_ns, attributes FROM spans",
            )
        assert (span, parent, name) == (SPANS["inner"], SPANS["next"], "chat")
        assert (started, ended) == (100 * SECOND, 101 * SECOND)
        assert json.loads(attributes)["gen_ai.response.id"] == "r1"


def test_who_recorded_calls_is_known_after_the_store_was_closed(tmp_path: Any) -> None:
    path = tmp_path / "calls.duckdb"
    for record in (recorded("outer", OTHER, answer="r1"), recorded("inner", OURS, answer="r1")):
        with Store.open(path) as store:
            store.write(Batch(calls=(record,))).result(30)
    with Store.open(path) as store:
        assert rows(store, "SELECT seen_by FROM calls") == [([OURS, OTHER],)]
