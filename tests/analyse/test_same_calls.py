"""A figure is of the same calls in every answer that has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, Final, get_args

import pytest
from page.samples import PRICED, STREAMED
from store.samples import SMALLEST_CALL

from firsttoken.analyse import count_calls, report
from firsttoken.analyse.asking import AnyAnswer, answered
from firsttoken.analyse.comparing import COMPARE
from firsttoken.analyse.grouping import groups_of
from firsttoken.analyse.heatmap import HEATMAP, Figure
from firsttoken.analyse.latency import LATENCY, MARKS
from firsttoken.analyse.listing import CALLS
from firsttoken.analyse.trend import TREND
from firsttoken.call import OPERATIONS, Call, Timing, Unpriced
from firsttoken.store import Between, Selection

from .conftest import Runs

MARKED: Final = Timing(1, 5, 1, 2, 2, 4, chunk_count=3, largest_gap_ns=2, stall_count=1, stalled_ns=2, first_stall_ns=2)
ANSWERS: Final = sum(kind.uses_tokens and not kind.is_about_earlier for kind in OPERATIONS.values())
"""Operations that a model has to answer."""


@pytest.fixture(scope="module")
def selection(runs: Runs) -> Selection:
    """Calls of every operation: streamed and whole, with all marks and with none."""
    made = product(OPERATIONS, (True, False), (MARKED, Timing(1, 5)))
    return Selection(run_id=runs.add(*(a_call(*each) for each in made)))


def a_call(operation: str, stream: bool, timing: Timing) -> Call:
    return replace(
        SMALLEST_CALL, timing=timing, request=replace(SMALLEST_CALL.request, operation=operation, stream=stream)
    )


def asked(runs: Runs, answer: AnyAnswer, selection: Selection, **options: object) -> Any:
    return answered(answer, runs.store, answer.options(selection=selection, **options))


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("headers", 2 * ANSWERS),
        ("first_event", ANSWERS),
        ("first_token", ANSWERS),
        ("largest_gap", ANSWERS),
        ("stalled", ANSWERS),
        ("total", 4 * ANSWERS),
    ],
)
def test_as_many_calls_are_behind_a_figure_in_every_answer(
    runs: Runs, selection: Selection, figure: str, expected: int
) -> None:
    found = {
        **percentiles(runs, selection)[figure],
        **marks(runs, selection, figure),
        "compare": compared(runs, selection)[COMPARED[figure]],
        "list": count_calls(runs.store, replace(selection, between=(Between(figure, at_least=0),))),
    }
    if figure in get_args(Figure):
        found["heatmap"] = asked(runs, HEATMAP, selection, figure=figure).calls
    if figure in FIRST:
        found["list in order"] = len(asked(runs, CALLS, selection, first=FIRST[figure], limit=500).calls)
    assert found == dict.fromkeys(found, expected)


def percentiles(runs: Runs, selection: Selection) -> Mapping[str, Mapping[str, int]]:
    latency = asked(runs, LATENCY, selection).total
    (trend,) = asked(runs, TREND, selection).rows
    overview = report(runs.store, selection).totals
    (group,) = groups_of(runs.store, "run", selection)
    return {
        "headers": {"latency": latency.headers.count},
        "first_event": {"latency": latency.first_event.count},
        "first_token": {
            "latency": latency.first_token.count,
            "trend": trend.first_token.count,
            "overview": overview.first_token.count,
            "list by run": group.first_token.count,
        },
        "largest_gap": {"latency": latency.largest_gap.count},
        "stalled": {"latency": latency.stalled_streams, "trend": trend.stalled_streams},
        "total": {
            "latency": latency.total.count,
            "trend": trend.total.count,
            "overview": overview.duration.count,
        },
    }


def marks(runs: Runs, selection: Selection, figure: str) -> Mapping[str, int]:
    if figure not in MARKS:
        return {}
    latency = asked(runs, LATENCY, selection, slowest=500, slowest_by=figure)
    (histogram,) = (each for each in latency.histograms if each.mark == figure)
    return {"histogram": sum(bar.calls for bar in histogram.bars), "slowest": len(latency.slowest)}


def compared(runs: Runs, selection: Selection) -> Mapping[str, int]:
    return {row.figure: row.a_calls for row in asked(runs, COMPARE, selection, a=selection, b=selection).rows}


COMPARED: Final = {
    "headers": "headers p95",
    "first_event": "first event p95",
    "first_token": "first token p95",
    "largest_gap": "largest gap p95",
    "stalled": "stalled streams",
    "total": "total p95",
}
FIRST: Final = {"total": "slowest", "stalled": "stalled", "largest_gap": "gap"}


def test_a_call_without_a_price_is_one_in_every_answer(runs: Runs) -> None:
    """Of every operation, with and without usage, refused and answered, and with every kind of cost."""
    made = [
        replace(
            SMALLEST_CALL,
            request=replace(SMALLEST_CALL.request, operation=operation),
            response=replace(SMALLEST_CALL.response, status_code=status),
            usage=usage,
            cost=cost,
        )
        for operation, status, usage, cost in product(
            OPERATIONS, (None, 200, 500), (None, STREAMED.usage), (None, PRICED, Unpriced("unknown_model"))
        )
    ]
    selection = Selection(run_id=runs.add(*made))
    missing = sum(call.unpriced_reason is not None for call in made)
    assert report(runs.store, selection).totals.unpriced_calls == missing
    assert count_calls(runs.store, replace(selection, where={"price_missing": "true"})) == missing
