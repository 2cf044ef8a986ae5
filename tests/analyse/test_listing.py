"""Calls are listed in the order that somebody asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL

from firsttoken.analyse.asking import answered
from firsttoken.analyse.listing import CALLS, CallsOptions, First
from firsttoken.call import Call, Ledger, Outcome, Timing
from firsttoken.store import Selection

from .conftest import Runs

some = st.none() | st.integers(0, 3)


@st.composite
def ranked(draw: st.DrawFn) -> Call:
    """Of few values, so that many calls are alike."""
    timing = Timing(draw(st.integers(1, 3)), draw(st.integers(0, 3)), largest_gap_ns=draw(some), stalled_ns=draw(some))
    price = draw(st.none() | st.tuples(st.integers(0, 3), st.sampled_from(["EUR", "USD"])))
    zero = Decimal(0)
    cost = None if price is None else Ledger(Decimal(price[0]), zero, zero, zero, price[1], "made", None)
    outcome = draw(st.sampled_from([Outcome.COMPLETED, Outcome.FAILED, Outcome.CANCELLED]))
    request = replace(SMALLEST_CALL.request, stream=draw(st.booleans()))
    return replace(SMALLEST_CALL, request=request, timing=timing, cost=cost, outcome=outcome)


def figure(call: Call, first: First) -> Decimal | int | None:
    timing = call.timing
    match first:
        case "newest":
            return timing.started_unix_ns
        case "slowest":
            return timing.duration_ns
        case "costliest":
            return call.cost.total if isinstance(call.cost, Ledger) else None
        case "stalled":
            return (timing.stalled_ns or None) if call.request.stream else None
        case "gap":
            return timing.largest_gap_ns if call.request.stream else None


def by_hand(made: Sequence[Call], first: First, limit: int) -> list[tuple[object, int]]:
    known = [(value, call.timing.started_unix_ns) for call in made if (value := figure(call, first)) is not None]
    return sorted(known, reverse=True)[:limit]


@pytest.mark.parametrize("failed", [False, True])
@pytest.mark.parametrize("first", ["newest", "slowest", "costliest", "stalled", "gap"])
@given(made=st.lists(ranked(), max_size=9), limit=st.integers(1, 5))
@settings(max_examples=15, deadline=None)
def test_calls_come_in_the_order_that_was_asked_for(
    runs: Runs, first: First, failed: bool, made: list[Call], limit: int
) -> None:
    selection = Selection(run_id=runs.add(SMALLEST_CALL, *made))
    options = CallsOptions(selection=selection, first=first, failed=failed, limit=limit)
    found = [row.call for row in answered(CALLS, runs.store, options).calls]
    left = [call for call in (SMALLEST_CALL, *made) if call.outcome.is_error or not failed]
    if first == "costliest":
        sides = [
            [call for call in left if isinstance(call.cost, Ledger) and call.cost.currency == each]
            for each in ("EUR", "USD")
        ]
        expected = [each for side in sides for each in by_hand(side, first, limit)]
    else:
        expected = by_hand(left, first, limit)
    assert [(figure(call, first), call.timing.started_unix_ns) for call in found] == expected
