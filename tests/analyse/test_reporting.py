"""A report agrees with what one would count by hand from the same calls."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL, calls

from firsttoken.analyse import Percentiles, Totals, report
from firsttoken.call import Call, Category, Cost, Ledger, Outcome, Response, Timing, Unpriced, Usage, operation_called
from firsttoken.store import Selection

from .conftest import Runs

NOTHING = Totals(
    calls=0,
    errors=0,
    outcomes={},
    error_categories={},
    first_token=Percentiles(0, None, None),
    duration=Percentiles(0, None, None),
    input_tokens=0,
    output_tokens=0,
    cache_read_tokens=0,
    cache_write_tokens=0,
    reasoning_tokens=0,
    calls_without_usage=0,
    cost={},
    unpriced_calls=0,
)


def percentile_s(values_ns: Sequence[int], share: float) -> float | None:
    """Interpolated between the two nearest values."""
    if not values_ns:
        return None
    ordered, place = sorted(values_ns), (len(values_ns) - 1) * share
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return pytest.approx((low + (high - low) * (place - math.floor(place))) / 1e9, rel=1e-9)


def percentiles(values_ns: Sequence[int]) -> Percentiles:
    return Percentiles(len(values_ns), percentile_s(values_ns, 0.5), percentile_s(values_ns, 0.95))


def tokens(made: Sequence[Call], kind: str) -> int:
    return sum(getattr(call.usage, kind) or 0 for call in made if call.usage is not None)


def counted(made: Sequence[Call]) -> Totals:
    """By hand."""
    kinds = [operation_called(call.request.operation) for call in made]
    answers = [kind.uses_tokens and not kind.is_about_earlier for kind in kinds]
    answered = [call for call, answers_now in zip(made, answers, strict=True) if answers_now]
    first_tokens = [call.timing.first_token_ns for call in answered if call.request.stream]
    cost: Counter[str] = Counter()
    for call in made:
        if isinstance(call.cost, Ledger):
            cost[call.cost.currency] += call.cost.total
    return Totals(
        calls=len(made),
        errors=sum(call.outcome.is_error for call in made),
        outcomes=dict(Counter(str(call.outcome) for call in made)),
        error_categories=dict(Counter(str(category_of(call)) for call in made if call.outcome.is_error)),
        first_token=percentiles([value for value in first_tokens if value is not None]),
        duration=percentiles([call.timing.duration_ns for call in answered]),
        input_tokens=tokens(made, "input_tokens"),
        output_tokens=tokens(made, "output_tokens"),
        cache_read_tokens=tokens(made, "cache_read_tokens"),
        cache_write_tokens=tokens(made, "cache_write_tokens"),
        reasoning_tokens=tokens(made, "reasoning_tokens"),
        calls_without_usage=sum(call.usage is None and not call.was_refused for call in answered),
        cost=dict(cost),
        unpriced_calls=sum(
            not call.was_refused and (isinstance(call.cost, Unpriced) or (answers_now and call.cost is None))
            for call, answers_now in zip(made, answers, strict=True)
        ),
    )


def category_of(call: Call) -> Category:
    return Category.UNKNOWN if call.failure is None else call.failure.category


def model_of(call: Call) -> tuple[str, str]:
    known = (name for name in (call.request.model, call.response.model) if name is not None)
    return call.request.provider, next(known, "")


@given(made=st.lists(calls, max_size=8))
@settings(max_examples=40, deadline=None)
def test_totals_are_those_one_would_count(runs: Runs, made: list[Call]) -> None:
    answer = report(runs.store, Selection(run_id=runs.add(*made)))
    assert answer.totals == counted(made)
    by_model = {(each.provider, each.model): each.totals for each in answer.models}
    expected = {key: counted([call for call in made if model_of(call) == key]) for key in map(model_of, made)}
    assert by_model == expected
    assert len(answer.models) == len(expected)


def test_no_calls_are_zero_and_unknown(runs: Runs) -> None:
    answer = report(runs.store, Selection(run_id="nobody's run"))
    assert (answer.totals, answer.models) == (NOTHING, ())


def test_the_most_called_model_comes_first(runs: Runs) -> None:
    names = ["b", "a", "c", "c"]
    made = [replace(SMALLEST_CALL, request=replace(SMALLEST_CALL.request, model=name)) for name in names]
    answer = report(runs.store, Selection(run_id=runs.add(*made)))
    assert [(each.model, each.totals.calls) for each in answer.models] == [("c", 2), ("a", 1), ("b", 1)]


def test_calls_before_the_time_asked_for_do_not_count(runs: Runs) -> None:
    made = [replace(SMALLEST_CALL, timing=Timing(start, 1)) for start in (10, 20, 30)]
    run_id = runs.add(*made)
    assert [
        report(runs.store, Selection(run_id=run_id, since_unix_ns=since)).totals.calls for since in (10, 20, 31)
    ] == [3, 2, 0]


def test_an_unpriced_call_adds_nothing_and_is_counted(runs: Runs) -> None:
    tenth = Ledger(Decimal("0.1"), Decimal(0), Decimal(0), Decimal("0.2"), currency="USD", source="")
    made = [replace(SMALLEST_CALL, cost=cost) for cost in (tenth, tenth, tenth, Unpriced("unknown_model"), None)]
    totals = report(runs.store, Selection(run_id=runs.add(*made))).totals
    assert (totals.cost, totals.unpriced_calls) == ({"USD": Decimal("0.9")}, 2)


@pytest.mark.parametrize("cost", [None, Unpriced("unknown_usage")])
@pytest.mark.parametrize("status", [400, 401, 429, 529])
def test_a_refused_request_is_not_called_unpriced(runs: Runs, status: int, cost: Cost | None) -> None:
    refused = replace(SMALLEST_CALL, outcome=Outcome.FAILED, response=Response(status_code=status), cost=cost)
    made = [refused, replace(refused, response=Response()), replace(refused, response=Response(status_code=200))]
    totals = report(runs.store, Selection(run_id=runs.add(*made))).totals
    assert (totals.calls, totals.errors, totals.unpriced_calls) == (3, 3, 2)


def test_fetching_an_answer_is_a_call_and_says_nothing_of_the_model(runs: Runs) -> None:
    fetch = replace(SMALLEST_CALL, request=replace(SMALLEST_CALL.request, operation="fetch_response", stream=True))
    fetch = replace(fetch, timing=replace(fetch.timing, first_token_ns=1))
    made = [replace(fetch, outcome=outcome) for outcome in (Outcome.COMPLETED, Outcome.FAILED)]
    outcomes = {"completed": 1, "failed": 1}
    expected = replace(NOTHING, calls=2, errors=1, outcomes=outcomes, error_categories={"unknown": 1})
    assert report(runs.store, Selection(run_id=runs.add(*made))).totals == expected


def test_the_results_of_a_batch_bring_its_bill_and_no_latency(runs: Runs) -> None:
    tenth = Ledger(Decimal("0.1"), Decimal(0), Decimal(0), Decimal(0), currency="USD", source="")
    read = replace(SMALLEST_CALL, request=replace(SMALLEST_CALL.request, operation="batch_results"))
    made = [replace(read, usage=Usage(5, 3), cost=tenth), read, replace(read, cost=Unpriced("unknown_model"))]
    totals = report(runs.store, Selection(run_id=runs.add(*made))).totals
    assert (totals.input_tokens, totals.cost, totals.unpriced_calls) == (5, {"USD": Decimal("0.1")}, 1)
    assert (totals.duration.count, totals.calls_without_usage) == (0, 0)


def test_a_cancelled_call_is_no_error(runs: Runs) -> None:
    made = [replace(SMALLEST_CALL, outcome=outcome) for outcome in Outcome]
    assert report(runs.store, Selection(run_id=runs.add(*made))).totals.errors == 2


def test_the_largest_counts_are_added_without_overflow(runs: Runs) -> None:
    made = [replace(SMALLEST_CALL, usage=Usage(input_tokens=2**63 - 1))] * 3
    assert report(runs.store, Selection(run_id=runs.add(*made))).totals.input_tokens == 3 * (2**63 - 1)
