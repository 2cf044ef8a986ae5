"""What the same calls would have cost: exact sums of those that are known on both sides, and a word for all others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from firsttoken.analyse.asking import answered
from firsttoken.analyse.watching import watched
from firsttoken.analyse.what_if import WHAT_IF, WhatIfAnswer, WhatIfOptions
from firsttoken.call import Call, CallContext, Ledger, Outcome, Request, Response, Timing, Unpriced, Usage
from firsttoken.errors import NoCallsError
from firsttoken.pricing import PriceBook
from firsttoken.pricing.whatif import Scenario
from firsttoken.store import Selection

from .conftest import Runs

PRICES = PriceBook()
MINUTE_NS = 60_000_000_000
START_NS = 1_795_000_000 * 1_000_000_000
MINI = Scenario(model="gpt-4o-mini")
USAGE = Usage(1000, 100)
MILLION = 1_000_000


def a_call(model: str = "gpt-4o", /, *, usage: Usage | None = USAGE, number: int = 0, **parts: Any) -> Call:
    request = Request("chat", "openai", "test", model, context=parts.pop("context", CallContext()))
    call = Call(request, Timing(START_NS + number, 1), **{"outcome": Outcome.COMPLETED, **parts}, usage=usage)
    return call if "cost" in parts else replace(call, cost=PRICES.price(call))


def asked(runs: Runs, made: list[Call], *scenarios: Scenario, group_by: tuple[str, ...] = ()) -> WhatIfAnswer:
    selection = Selection(run_id=runs.add(*made))
    return answered(WHAT_IF, runs.store, WhatIfOptions(selection=selection, group_by=group_by, scenarios=scenarios))


def left_out(answer: WhatIfAnswer) -> list[tuple[str, int]]:
    assert all(each.meaning != each.reason for each in answer.left_out)
    return [(each.reason, each.calls) for each in answer.left_out]


def test_sums_are_those_of_every_call_to_the_last_digit(runs: Runs) -> None:
    count = 200
    made = [a_call(usage=Usage(1000 + n, 10 + n), number=n * MINUTE_NS // 7) for n in range(count)]
    tokens_in = sum(1000 + n for n in range(count))
    tokens_out = sum(10 + n for n in range(count))
    was = (tokens_in * Decimal("2.5") + tokens_out * 10) / MILLION
    would_be = (tokens_in * Decimal("0.15") + tokens_out * Decimal("0.6")) / MILLION
    (row,) = asked(runs, made, MINI).rows
    assert (row.calls, row.unknown_calls, row.currency) == (count, 0, "USD")
    assert (row.cost_was, row.cost_would_be, row.difference) == (was, would_be, would_be - was)
    assert row.share == pytest.approx(float(would_be / was))


def test_equal_calls_count_each(runs: Runs) -> None:
    (row,) = asked(runs, [a_call()] * 50, MINI).rows
    assert (row.calls, row.cost_would_be) == (50, 50 * Decimal("0.00021"))


def test_each_scenario_and_each_group_stands_by_itself(runs: Runs) -> None:
    made = [a_call(context=CallContext(user_id=user)) for user in ("a", "b", "b")] + [a_call()]
    answer = asked(runs, made, MINI, Scenario(batch=True), group_by=("user",))
    assert [(row.to_model, row.batch, row.group, row.calls) for row in answer.rows] == [
        ("gpt-4o-mini", False, ("b",), 2),
        ("gpt-4o-mini", False, ("a",), 1),
        ("gpt-4o-mini", False, (None,), 1),
        (None, True, ("b",), 2),
        (None, True, ("a",), 1),
        (None, True, (None,), 1),
    ]
    assert [(row.group, row.calls, row.cost_was) for row in answer.totals] == [((), 4, Decimal("0.014"))] * 2
    assert [(each.scenario, each.assumption, each.calls) for each in answer.assumptions] == [
        (0, "same_answer", 4),
        (0, "same_counts", 4),
        (1, "batch_may_wait", 4),
    ]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (a_call(cost=Unpriced("unknown_model")), "no_cost"),
        (a_call(cost=None), "no_cost"),
        (a_call(cost=Ledger(*[Decimal(1)] * 4, currency="EUR", source="own")), "other_currency"),
        (a_call(usage=None), "unknown_usage"),
        (a_call(usage=Usage(10, 5, partial=True)), "partial_usage"),
        (a_call(usage=Usage(10, 5, side_input_tokens=2)), "several_runs"),
        (a_call(usage=Usage(200_000, 5)), "context_too_long"),
    ],
)
def test_a_call_that_cannot_be_compared_is_left_out_on_both_sides_and_says_why(
    runs: Runs, call: Call, reason: str
) -> None:
    answer = asked(runs, [a_call(), call], MINI)
    (row,) = answer.rows
    assert (row.calls, row.cost_was, row.unknown_calls) == (1, Decimal("0.0035"), 1)
    assert left_out(answer) == [(reason, 1)]


def test_a_group_of_which_nothing_is_known_has_a_row_without_amounts(runs: Runs) -> None:
    answer = asked(runs, [a_call(), a_call("nobody's")], Scenario(provider="llm.example.com"), group_by=("model",))
    assert [(row.group, row.calls, row.cost_was, row.unknown_calls) for row in answer.rows] == [
        (("gpt-4o",), 0, None, 1),
        (("nobody's",), 0, None, 1),
    ]
    assert left_out(answer) == [("unknown_model", 2)]


def test_a_refused_request_is_not_billed_elsewhere_either(runs: Runs) -> None:
    refused = replace(a_call(usage=None), outcome=Outcome.FAILED, response=Response(status_code=429), cost=None)
    answer = asked(runs, [a_call(), refused], MINI)
    assert ([row.unknown_calls for row in answer.rows], left_out(answer)) == ([0], [("not_billed", 1)])


def test_no_calls_are_no_answer(runs: Runs) -> None:
    with pytest.raises(NoCallsError):
        asked(runs, [], MINI)


def test_whoever_watches_is_told_of_every_call(runs: Runs) -> None:
    told: list[int] = []
    with watched(told.append):
        asked(runs, [a_call(number=n * MINUTE_NS) for n in range(5)] + [a_call()], MINI)
    assert sum(told) == 6
