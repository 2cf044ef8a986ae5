"""Who spent the most is what adding up every call by hand says, whatever is left to all others together."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from store.samples import SMALLEST_CALL

from firsttoken.analyse.spending import Spender, spending
from firsttoken.call import Call, CallContext, Ledger, Unpriced
from firsttoken.store import Selection

from .conftest import Runs

USERS = (None, *"abcdefghi", "é", "Z")
NOTHING = Decimal(0)


def paid(amount: str, currency: str = "USD") -> Ledger:
    return Ledger(Decimal(amount), NOTHING, NOTHING, NOTHING, currency, "list")


COSTS = (
    *map(paid, ("0", "0.01", "0.01", "0.7")),
    paid("0.000000000000000001", "EUR"),
    Unpriced("unknown_model"),
)


def call_by(user: str | None, cost: Ledger | Unpriced | None) -> Call:
    request = replace(SMALLEST_CALL.request, context=CallContext(user_id=user))
    return replace(SMALLEST_CALL, request=request, cost=cost)


def spent(calls: list[Call]) -> Spender:
    cost: dict[str, Decimal] = {}
    for call in calls:
        if isinstance(call.cost, Ledger):
            cost[call.cost.currency] = cost.get(call.cost.currency, NOTHING) + call.cost.total
    return Spender(len(calls), sum(isinstance(call.cost, Unpriced) for call in calls), cost)


@pytest.mark.parametrize("most", [1, 4, len(USERS)])
def test_the_dearest_stand_alone_and_all_others_together(most: int, runs: Runs) -> None:
    dice = Random(most)  # noqa: S311  repeatable
    calls = [call_by(dice.choice(USERS), dice.choice(COSTS)) for _ in range(60)]
    by_user = {user: spent([call for call in calls if call.request.context.user_id == user]) for user in USERS}
    said = {user: spender for user, spender in by_user.items() if spender.calls}

    def dearest_first(user: str | None) -> tuple[Decimal, int, bool, str]:
        return -said[user].cost.get("USD", NOTHING), -said[user].calls, user is None, user or ""

    ranked = sorted(said, key=dearest_first)
    others = {*ranked[most:]}
    found = spending(runs.store, "user", Selection(run_id=runs.add(*calls)), most=most)
    assert [*found.top.items()] == [(user, said[user]) for user in ranked[:most]]
    assert found.rest == spent([call for call in calls if call.request.context.user_id in others])
    assert (found.currency, found.rest_values, found.total) == ("USD", len(others), spent(calls))


def test_nothing_was_spent_where_there_are_no_calls(runs: Runs) -> None:
    found = spending(runs.store, "user", Selection(run_id="nobody's"))
    assert (found.currency, found.top, found.rest_values, found.total) == (None, {}, 0, Spender())
