"""Traces are listed by the latest of their calls, each once, whatever they share and however they are paged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from firsttoken.analyse import newest_traces as module
from firsttoken.analyse.newest_traces import TraceCursor, TraceLine, cursor_of, newest_traces
from firsttoken.call import CallContext
from firsttoken.store import EVERYTHING, Batch, CallRecord, Selection, Store

from .test_tracing import call, span

HOUR_NS = 3_600_000_000_000


class Made(NamedTuple):
    """One call, as far as the list is about it."""

    trace: int
    begin: int
    user: str


MADE = some.builds(Made, some.integers(0, 8), some.integers(0, 6), some.sampled_from(["ann", "bob"]))
IS_MEANT: tuple[tuple[Selection, Callable[[Made], bool]], ...] = (
    (EVERYTHING, lambda made: True),
    (Selection(where={"user": "ann"}), lambda made: made.user == "ann"),
    (Selection(until_unix_ns=4), lambda made: made.begin < 4),
)
"""Selections, and the same in Python."""


def of(made: Made, number: int) -> CallRecord:
    record = call(number, None, begin=made.begin)
    request = replace(record.call.request, context=CallContext(user_id=made.user))
    return replace(record, trace_id=trace_id(made.trace), call=replace(record.call, request=request))


def trace_id(number: int) -> str:
    return f"{number:032x}"


def paged(store: Store, selection: Selection, limit: int) -> Iterator[TraceLine]:
    """As the page does: one more is asked for than is shown."""
    before: TraceCursor | None = None
    while True:
        found = newest_traces(store, selection, limit=limit + 1, before=before)
        yield from found[:limit]
        if len(found) <= limit:
            return
        before = cursor_of(found[limit - 1])


def expected(calls: Iterable[Made]) -> list[tuple[int, str]]:
    latest: dict[str, int] = {}
    for made in calls:
        latest[trace_id(made.trace)] = max(made.begin, latest.get(trace_id(made.trace), 0))
    return sorted(((begin, each) for each, begin in latest.items()), reverse=True)


@pytest.fixture(scope="module")
def few_at_once() -> Iterator[None]:
    """So that traces are looked for among few calls first, and then beyond these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WINDOWS", (3, 2**63 - 1))
        yield


@given(calls=some.lists(MADE, min_size=6, max_size=30), limit=some.integers(1, 4))
@settings(max_examples=12, deadline=None)
def test_all_pages_together_have_every_trace_once_and_in_order(
    few_at_once: None, calls: list[Made], limit: int
) -> None:
    counts = Counter(trace_id(made.trace) for made in calls)
    with Store.open(None) as store:
        store.write(Batch(calls=tuple(of(made, number) for number, made in enumerate(calls)))).result(30)
        for selection, is_meant in IS_MEANT:
            lines = list(paged(store, selection, limit))
            assert [cursor_of(line) for line in lines] == expected(filter(is_meant, calls))
            assert [line.calls for line in lines] == [counts[line.trace_id] for line in lines]


def test_a_trace_of_hours_stands_where_its_last_call_is_and_nowhere_else() -> None:
    hours = [Made(1, number * HOUR_NS, "ann") for number in range(6)]
    between = [Made(2 + number, number * HOUR_NS + 1, "bob") for number in range(6)]
    with Store.open(None) as store:
        store.write(Batch(calls=tuple(of(made, number) for number, made in enumerate([*hours, *between])))).result(30)
        lines = list(paged(store, EVERYTHING, 2))
    assert [int(line.trace_id, 16) for line in lines] == [7, 1, 6, 5, 4, 3, 2]
    assert (lines[1].started_unix_ns, lines[1].calls) == (0, 6)


def test_a_trace_has_the_name_of_its_root_though_a_span_says_it_began_before() -> None:
    spans = (span(1, None, 10, 90, name="agent", service="planner"), span(3, 1, 0, 5, name="fetch"))
    with Store.open(None) as store:
        store.write(Batch(calls=(call(2, 1),), spans=spans)).result(30)
        (line,) = newest_traces(store, limit=9)
    assert (line.name, line.service, line.has_root) == ("agent", "planner", True)
    assert (line.started_unix_ns, line.duration_ns, line.spans) == (0, 90, 3)


def test_a_trace_without_its_root_has_the_name_of_its_first_span() -> None:
    with Store.open(None) as store:
        store.write(Batch(calls=(call(2, 1),), spans=(span(3, 2, 40, 90, name="fetch"),))).result(30)
        (line,) = newest_traces(store, limit=9)
    assert (line.name, line.has_root) == ("chat", False)
