"""What calls cost, their bills, what they would have cost and what is left of budgets is the same on both engines."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import pytest

from firsttoken.analyse.asking import AnyAnswer, answered
from firsttoken.analyse.bills import LEDGER, LedgerOptions
from firsttoken.analyse.budgets import BUDGETS, Budget, BudgetOptions
from firsttoken.analyse.costs import COST, CostOptions
from firsttoken.analyse.options import Options
from firsttoken.analyse.what_if import WHAT_IF, WhatIfOptions
from firsttoken.pricing.whatif import Scenario
from firsttoken.store import Selection

from .same_calls import MINUTE_NS, START_UNIX_NS, Stores

SCENARIOS: Final = (Scenario(model="gpt-4o-mini", provider="openai"), Scenario(cache="none"))
SOME: Final = Selection(models=("gpt-4o*",), where={"feature": "search"})
BUDGETS_OF_EACH: Final = (
    Budget(name="all", limit=Decimal(1), window="month"),
    Budget(name="each", limit=Decimal("0.001"), window="rolling 6h", each=("user", "tenant"), models=("gpt-*",)),
)


@pytest.mark.parametrize(
    ("answer", "options"),
    [
        (COST, CostOptions()),
        (COST, CostOptions(selection=SOME, group_by=("user", "hour"))),
        (LEDGER, LedgerOptions(group_by=("feature",))),
        (WHAT_IF, WhatIfOptions(scenarios=SCENARIOS)),
        (WHAT_IF, WhatIfOptions(selection=SOME, group_by=("user",), scenarios=SCENARIOS)),
        (BUDGETS, BudgetOptions(budgets=BUDGETS_OF_EACH, now_unix_ns=START_UNIX_NS + 200 * MINUTE_NS)),
    ],
    ids=["cost", "cost of groups", "ledger", "what-if", "what-if of groups", "budgets"],
)
def test_both_engines_give_the_same_answer(stores: Stores, answer: AnyAnswer, options: Options) -> None:
    expected = answered(answer, stores.embedded, options)
    assert len(expected.rows) >= 1
    assert answered(answer, stores.clickhouse, options) == expected
