"""Which rows are of one call, and which of them stands for it: the rules of `store.layers` in ClickHouse's SQL.

Only records of one trace are brought together, as a trace stands on one shard.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from firsttoken.call import OPERATIONS
from firsttoken.clickhouse.buckets import NEAR_BUCKETS, bucket_of
from firsttoken.clickhouse.texts import listed, quoted
from firsttoken.semconv.dialects import OUR_SCOPE
from firsttoken.store.layers import CLOCKS_APART_NS, SAME_ANSWER_NS

FEW: Final = 8
"""So many records of a trace are compared with one another, whatever they have in common."""
PASSES: Final = 4
"""So many records may lie between two of one call that are linked through others alone."""

INFERENCES: Final = listed(name for name, operation in OPERATIONS.items() if operation.is_inference)


class Member(NamedTuple):
    """What of a record is compared: texts as numbers, where it matters only whether they are the same."""

    type: str
    expression: str


def _number(text: str) -> str:
    """0 where nothing is said."""
    return f"if(ifNull({text}, '') = '', 0, cityHash64(assumeNotNull({text})))"


COMPARED: Final = {
    "span": Member("UInt64", _number("span_id")),
    "parent": Member("UInt64", _number("parent_span_id")),
    "emitter": Member("UInt64", _number("scope")),
    "start": Member("Int64", "started_unix_ns"),
    "finish": Member("Int64", "started_unix_ns + duration_ns"),
    "kind": Member("UInt64", f"if(operation IN ({INFERENCES}), 0, {_number('operation')})"),
    "answer": Member("UInt64", _number("response_id")),
    "model": Member("String", "ifNull(response_model, '')"),
}
RANKED_BY: Final = {
    "foreign": Member("Bool", f"splitByChar('.', scope)[1] != {quoted(OUR_SCOPE)}"),
    "unmetered": Member("Bool", "NOT usage_reported"),
    "latest": Member("Int64", "-started_unix_ns"),
    "outermost": Member("Bool", "isNull(parent_span_id)"),
    "span_id": Member("String", "span_id"),
}
"""The best record of a call has the least of these."""
FOUND: Final = {
    "scope": Member("String", "scope"),
    "layer": Member("Bool", "layer"),
    "sighted": Member("Array(String)", "seen_by"),
}
"""What has been found out of a record."""
MEMBERS: Final = RANKED_BY | COMPARED | FOUND
"""Records are sorted by the first of them."""


_TIME: Final = bucket_of("started_unix_ns")
_SHARED: Final = "min(scope) != max(scope)"


def found_out(rows: str, buckets: str) -> str:
    """One row for each record of which there is news: whether it is but a layer of a call, and else who saw it.

    It looks at the traces that have a record in one of the buckets.
    """
    near = f"{_TIME} IN (SELECT {NEAR_BUCKETS} FROM ({buckets}))"
    few, many = (
        _records(rows, near, f"HAVING {_SHARED} AND countIf({_TIME} IN ({buckets})) > 0 AND count() {count}")
        for count in (f"<= {FEW}", f"> {FEW}")
    )
    few = f"SELECT trace_id, groupArray(record) AS records FROM ({few}) GROUP BY trace_id"
    return (
        "SELECT trace_id, record.span_id AS span_id, is_layer, sighted_by "
        f"FROM (SELECT trace_id, {_VERDICT} FROM ({few} UNION ALL {_groups(many)})) "
        "ARRAY JOIN ranked AS record, layers AS is_layer, sightings AS sighted_by "
        "WHERE is_layer > record.layer OR (NOT is_layer AND sighted_by != record.sighted)"
    )


def _records(rows: str, near: str, having: str) -> str:
    """The records of traces of a certain kind."""
    members = ", ".join(member.expression for member in MEMBERS.values())
    types = ", ".join(f"{name} {member.type}" for name, member in MEMBERS.items())
    traces = f"SELECT trace_id FROM {rows} WHERE {near} GROUP BY trace_id {having}"
    return (
        f"SELECT trace_id, CAST(({members}), {quoted(f'Tuple({types})')}) AS record "
        f"FROM {rows} FINAL WHERE NOT repeated AND {near} AND trace_id IN ({traces})"
    )


def _groups(records: str) -> str:
    """Linked records side by side, and some that turn out not to be."""
    found = _linked(records)
    for _ in range(PASSES):
        found = _spread("trace_id, key", _spread("trace_id, record.span", found))
    return (
        f"SELECT trace_id, groupUniqArray(record) AS records FROM ({_spread('trace_id, record.span', found)}) "
        "GROUP BY trace_id, label"
    )


def _spread(among: str, found: str) -> str:
    """Those with something in common get the least of their labels."""
    return (
        f"SELECT trace_id, record, key, min(last_label) OVER (PARTITION BY {among}) AS label "
        f"FROM (SELECT trace_id, record, key, label AS last_label FROM ({found}))"
    )


def _linked(records: str) -> str:
    """Each record with its answer's id, its own and its parent's span, as far as another instrumentation has them."""
    keys = (
        "arrayFilter(key -> key.1 != 0, [(record.span, true), (record.parent, false), (bitNot(record.answer) "
        "* (record.answer != 0), true)])"
    )
    shared = (
        "SELECT trace_id, record, held.1 AS key, "
        "max(held.2) OVER (PARTITION BY trace_id, held.1) AS is_there, "
        "min(record.emitter) OVER (PARTITION BY trace_id, held.1) AS first_emitter, "
        "max(record.emitter) OVER (PARTITION BY trace_id, held.1) AS last_emitter "
        f"FROM ({records}) ARRAY JOIN {keys} AS held"
    )
    is_linked = "is_there AND first_emitter != last_emitter"
    return f"SELECT trace_id, record, key, record.span AS label FROM ({shared}) WHERE {is_linked}"


_INSIDE: Final = "(one_parent = span OR parent = one_span)"
_SAME_ANSWER: Final = "(one_answer != 0 AND one_answer = answer)"
_FIRST_END: Final = "if(one_start <= start, one_finish, finish)"
_THEN_START: Final = "greatest(one_start, start)"
_IN_TURN: Final = (
    f"(one_parent != 0 AND one_parent = parent AND NOT {_SAME_ANSWER} "
    f"AND one_start != start AND {_FIRST_END} <= {_THEN_START})"
)
_APART: Final = f"(NOT {_INSIDE} AND {_FIRST_END} + {CLOCKS_APART_NS} < {_THEN_START})"
_MAY_BE_ONE: Final = (
    "(one_emitter != emitter AND (one_answer = 0 OR answer = 0 OR one_answer = answer) "
    f"AND one_kind = kind AND NOT {_IN_TURN} AND NOT {_APART})"
)
_ONE_MODEL: Final = "(startsWith(one_model, model) OR startsWith(model, one_model))"
_LINKED: Final = f"({_INSIDE} OR ({_SAME_ANSWER} AND {_ONE_MODEL} AND abs(one_start - start) <= {SAME_ANSWER_NS}))"

_EACH: Final = ", ".join(COMPARED)
_ONE: Final = ", ".join(f"one_{name}" for name in COMPARED)
_ALL: Final = ", ".join(f"ranked.{name}" for name in COMPARED)
_VERDICT: Final = ", ".join(
    f"{expression} AS {name}"
    for name, expression in {
        "ranked": "arraySort(records)",
        "places": "arrayEnumerate(ranked)",
        "nearness": f"arrayMap(({_ONE}) -> arrayMap(({_EACH}) -> {_MAY_BE_ONE} * (1 + {_LINKED}), {_ALL}), {_ALL})",
        "linked": "arrayMap(nears -> arrayFilter((place, near) -> near = 2, places, nears), nearness)",
        "calls": "arrayFold((known, step) -> arrayMap((place, near) -> "
        "arrayMin(arrayPushBack(arrayMap(each -> known[each], near), known[place])), places, linked), places, places)",
        "fellows": "arrayMap((place, nears) -> arrayFilter((each, near) -> near > 0 AND calls[each] = calls[place], "
        "places, nears), places, nearness)",
        "layers": "arrayMap((place, others) -> arrayExists(each -> each < place, others), places, fellows)",
        "sightings": "arrayMap((place, others) -> arrayConcat([ranked[place].scope], arraySort(arrayDistinct("
        "arrayMap(each -> ranked[each].scope, arrayFilter(each -> each > place, others))))), places, fellows)",
    }.items()
)
