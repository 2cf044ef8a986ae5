"""Which records are of one call, and which of them stands for it: rules over values, nothing of a database.

Several instrumentations may record one call, each around or inside another. Nothing here depends on the order in which
their records come: the same records give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firsttoken.call import operation_called
from firsttoken.semconv.dialects import is_our_scope

SAME_ANSWER_NS: Final = 60 * 10**9
"""How far apart two records of one answer may begin: one of them may count a wait before the request."""
CLOCKS_APART_NS: Final = 5 * 10**9
"""How much the clocks of two machines may differ."""

Key = tuple[str, str]
"""A trace id and a span id."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one instrumentation recorded of a call, as far as it tells whose record it is."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    scope: str
    started_unix_ns: int
    duration_ns: int
    operation: str
    response_id: str | None
    response_model: str | None
    usage_reported: bool
    repeated: bool

    @property
    def key(self) -> Key:
        return self.trace_id, self.span_id

    @property
    def parent(self) -> Key:
        return self.trace_id, self.parent_span_id or ""

    @property
    def is_ours(self) -> bool:
        return is_our_scope(self.scope)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the records of a group."""

    seen_by: Mapping[Key, tuple[str, ...]]
    """Those that stand for calls, with the instrumentations that saw each, its own first."""
    layers: frozenset[Key]
    """The others."""


def verdict(records: Iterable[Record]) -> Verdict:
    """Which of these records stand for calls. Records of the same instrumentation are never of the same call."""
    seen_by: dict[Key, tuple[str, ...]] = {}
    layers: set[Key] = set()
    for group in _groups(list(records)):
        ranked = sorted(group, key=_rank)
        for place, record in enumerate(ranked):
            if any(_may_be_one(record, better) for better in ranked[:place]):
                layers.add(record.key)
            else:
                others = {worse.scope for worse in ranked[place + 1 :] if _may_be_one(record, worse)}
                seen_by[record.key] = (record.scope, *sorted(others))
    return Verdict(seen_by, frozenset(layers))


def _groups(records: Sequence[Record]) -> list[list[Record]]:
    """Records that are linked with one another, directly or through others."""
    by_key = {record.key: record for record in records}
    by_answer: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        if record.response_id:
            by_answer.setdefault(record.response_id, {}).setdefault(record.scope, []).append(record)
    group_of = {record.key: [record] for record in records}
    for record in records:
        near = [by_key[record.parent]] if record.parent in by_key else []
        same_answer = by_answer.get(record.response_id or "", {})
        elsewhere = [each for scope, found in same_answer.items() if scope != record.scope for each in found]
        for other in near + elsewhere:
            one, two = group_of[record.key], group_of[other.key]
            if one is not two and _are_linked(record, other):
                one += two
                group_of |= dict.fromkeys((each.key for each in two), one)
    return list({id(group): group for group in group_of.values()}.values())


def _are_linked(record: Record, other: Record) -> bool:
    """Whether there is a reason to take them for one call: one answer, or one directly inside the other."""
    if not _may_be_one(record, other):
        return False
    if other.key == record.parent or record.key == other.parent:
        return True
    return (
        bool(record.response_id)
        and record.response_id == other.response_id
        and _is_one_model(record.response_model, other.response_model)
        and abs(record.started_unix_ns - other.started_unix_ns) <= SAME_ANSWER_NS
    )


def _may_be_one(record: Record, other: Record) -> bool:
    """Whether nothing speaks against it: two answers, two kinds of work, two times, or one instrumentation."""
    return (
        record.scope != other.scope
        and not record.repeated
        and not other.repeated
        and (not record.response_id or not other.response_id or record.response_id == other.response_id)
        and _are_alike(record.operation, other.operation)
        and not _are_in_turn(record, other)
        and not _are_apart(record, other)
    )


def _are_apart(record: Record, other: Record) -> bool:
    """One ended well before the other began: some servers soon give the id of an answer to another one."""
    first, then = sorted((record, other), key=lambda each: each.started_unix_ns)
    return (
        record.parent != other.key
        and other.parent != record.key
        and first.started_unix_ns + first.duration_ns + CLOCKS_APART_NS < then.started_unix_ns
    )


def _are_in_turn(record: Record, other: Record) -> bool:
    """One after the other inside the same record, like a model and the one to fall back to, and of no one answer."""
    first, then = sorted((record, other), key=lambda each: each.started_unix_ns)
    return (
        bool(record.parent_span_id)
        and record.parent == other.parent
        and not (record.response_id and record.response_id == other.response_id)
        and first.started_unix_ns < then.started_unix_ns
        and first.started_unix_ns + first.duration_ns <= then.started_unix_ns
    )


def _is_one_model(one: str | None, other: str | None) -> bool:
    """Some tell the model that was asked for, `gpt-4o`, where others have that which answered, `gpt-4o-2024-08-06`."""
    return not one or not other or one.startswith(other) or other.startswith(one)


def _are_alike(one: str, other: str) -> bool:
    """One calls `chat` what another calls `generate_content`."""
    return one == other or (operation_called(one).is_inference and operation_called(other).is_inference)


def _rank(record: Record) -> tuple[bool, bool, int, bool, Key]:
    """The best first: ours, else one that knows the usage, else the inner one, which begins last.

    It looks at nothing but the record: another that comes later must not make a call of what was set aside before.
    """
    return (
        not record.is_ours,
        not record.usage_reported,
        -record.started_unix_ns,
        record.parent_span_id is None,
        record.key,
    )
