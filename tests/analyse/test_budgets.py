"""Budgets: what was spent in the window that holds, of exactly the calls meant, and never silently incomplete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from store.samples import SMALLEST_CALL, write_calls

from firsttoken.analyse.asking import answered
from firsttoken.analyse.budgets import BUDGETS, Budget, BudgetOptions, BudgetRow
from firsttoken.call import Call, CallContext, Ledger, Outcome, Response, Timing, Unpriced
from firsttoken.store import Store

NOW_NS = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()) * 1_000_000_000
DAY_NS = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp()) * 1_000_000_000
HOUR_NS = 3_600 * 1_000_000_000


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(None) as opened:
        yield opened


def paid(amount: str, at_ns: int = NOW_NS, currency: str = "USD", model: str = "gpt-4o", **context: Any) -> Call:
    request = replace(SMALLEST_CALL.request, model=model, context=CallContext(**context))
    cost = Ledger(Decimal(amount), Decimal(0), Decimal(0), Decimal(0), currency, "list")
    return replace(SMALLEST_CALL, request=request, timing=Timing(at_ns, 1), cost=cost)


def budget(limit: str = "10", **parts: Any) -> Budget:
    return Budget(**{"name": "b", "limit": Decimal(limit), "window": "day", **parts})


def check(store: Store, *budgets: Budget, warn: str | None = None) -> list[BudgetRow]:
    options = BudgetOptions(budgets=budgets, now_unix_ns=NOW_NS, warn=None if warn is None else Decimal(warn))
    return list(answered(BUDGETS, store, options).rows)


def test_what_was_spent_in_the_window_is_held_against_the_limit(store: Store) -> None:
    write_calls(store, paid("2.5"), paid("1"))
    (row,) = check(store, budget())
    assert (row.spent, row.left, row.share, row.calls, row.state) == (Decimal("3.5"), Decimal("6.5"), 0.35, 2, "ok")
    assert (row.since, row.until, row.is_complete) == ("2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z", True)


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        ("day", (DAY_NS, DAY_NS + 24 * HOUR_NS - 1), (DAY_NS - 1, DAY_NS + 24 * HOUR_NS)),
        ("rolling 24h", (NOW_NS - 24 * HOUR_NS + 1, NOW_NS), (NOW_NS - 24 * HOUR_NS, NOW_NS + 1)),
    ],
)
def test_the_borders_of_a_window_are_exact_to_the_nanosecond(
    store: Store, window: str, inside: tuple[int, int], outside: tuple[int, int]
) -> None:
    write_calls(store, *(paid("1", moment) for moment in inside), *(paid("100", moment) for moment in outside))
    assert [row.spent for row in check(store, budget(window=window))] == [Decimal(2)]


@pytest.mark.parametrize(
    ("spent", "state"),
    [("7.99", "ok"), ("8", "warning"), ("10", "warning"), ("10.000000000000000001", "exceeded")],
)
def test_a_limit_is_exceeded_by_more_than_it_and_warned_of_from_the_share_on(
    store: Store, spent: str, state: str
) -> None:
    write_calls(store, paid(spent))
    assert [row.state for row in check(store, budget(), warn="0.8")] == [state]


def test_each_value_has_the_limit_for_itself_and_calls_that_do_not_say_are_one(store: Store) -> None:
    write_calls(store, paid("11", user_id="a"), paid("1", user_id="b"), paid("2"), paid("3", user_id="b"))
    rows = check(store, budget(each=("user",)))
    assert [(row.each, row.values, row.spent, row.state) for row in rows] == [
        ("user=a", ("a",), Decimal(11), "exceeded"),
        ("user=b", ("b",), Decimal(4), "ok"),
        ("user=(not said)", (None,), Decimal(2), "ok"),
    ]


def test_a_budget_is_of_its_models_and_of_calls_that_say_what_it_asks(store: Store) -> None:
    search: dict[str, Any] = {"more": {"feature": "search"}}
    write_calls(store, paid("1", **search), paid("2", model="gpt-4o-mini", **search), paid("4"), paid("8", model="o3"))
    by_model = budget(models=("gpt-4o*",))
    by_both = budget(name="c", models=("gpt-4o*",), where={"feature": "search"})
    assert [(row.budget, row.spent) for row in check(store, by_model, by_both)] == [("b", 7), ("c", 3)]


def test_two_budgets_on_the_same_calls_are_both_held(store: Store) -> None:
    write_calls(store, paid("5", user_id="a"), paid("5", NOW_NS - 24 * HOUR_NS, user_id="a"))
    budgets = (budget("4", each=("user",)), budget("11", name="month", window="month", each=("user",)))
    assert [(row.budget, row.spent, row.state) for row in check(store, *budgets)] == [
        ("b", Decimal(5), "exceeded"),
        ("month", Decimal(10), "ok"),
    ]


def test_a_call_without_a_price_makes_a_budget_incomplete(store: Store) -> None:
    write_calls(store, paid("1"), replace(paid("1"), cost=Unpriced("unknown_model")))
    (row,) = check(store, budget())
    assert (row.spent, row.unpriced_calls, row.is_complete, row.state) == (Decimal(1), 1, False, "incomplete")


def test_a_refused_request_leaves_a_budget_complete(store: Store) -> None:
    refused = replace(paid("1"), cost=None, outcome=Outcome.FAILED, response=Response(status_code=429))
    write_calls(store, refused)
    assert [(row.spent, row.calls, row.state) for row in check(store, budget())] == [(0, 1, "ok")]


def test_another_currency_is_not_added_and_makes_a_budget_incomplete(store: Store) -> None:
    write_calls(store, paid("1"), paid("100", currency="EUR"))
    (row,) = check(store, budget())
    assert (row.spent, row.other_currency_calls, row.state) == (Decimal(1), 1, "incomplete")


@pytest.mark.parametrize("each", [(), ("user",)])
def test_where_nothing_was_called_nothing_was_spent(store: Store, each: tuple[str, ...]) -> None:
    (row,) = check(store, budget(each=each, where={"feature": "search"}))
    assert (row.spent, row.calls, row.each, row.state) == (0, 0, "", "ok")


@pytest.mark.parametrize("parts", [{"where": {"usr": "a"}}, {"each": ("usr",)}])
def test_a_budget_about_what_no_call_has_is_unknown_and_the_others_are_held(
    store: Store, parts: dict[str, Any]
) -> None:
    write_calls(store, paid("1"))
    unknown, other = check(store, budget(**parts), budget(name="other"))
    assert (unknown.state, unknown.problem) == ("unknown", "no call has the attribute 'usr': did you mean user?")
    assert (unknown.spent, unknown.left, unknown.share, unknown.calls) == (None,) * 4
    assert (other.spent, other.state, other.problem) == (1, "ok", None)


def test_a_budget_about_a_value_that_cannot_be_is_unknown(store: Store) -> None:
    (row,) = check(store, budget(where={"stream": "many"}))
    assert (row.state, row.problem) == ("unknown", "stream='many' cannot be: give true or false")
