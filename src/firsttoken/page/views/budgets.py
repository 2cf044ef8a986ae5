"""What was spent of each budget."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import groupby
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from firsttoken.analyse.budgets import Budget, BudgetAnswer, BudgetOptions, BudgetRow, check_budgets
from firsttoken.analyse.windows import CALENDAR, Window, window_at
from firsttoken.call.ledger import DIGITS
from firsttoken.errors import SettingsError
from firsttoken.page.budget_question import budgets_now
from firsttoken.page.marks import of_group
from firsttoken.page.views.view import View
from firsttoken.store import EVERYTHING, Selection

MOST_VALUES: Final = 50
"""Of one budget that have a line each."""
ENOUGH: Final = 0.25
"""The part of a window that has to be over before its pace says anything of its end."""
STATES: Final = {
    "ok": "within it",
    "warning": "close to it",
    "exceeded": "over it",
    "incomplete": "within it, as far as is known",
    "unknown": "cannot be held",
}


@dataclass(frozen=True, slots=True)
class Held:
    """One budget, or one value of what it holds for each of."""

    row: BudgetRow
    window: Window
    selection: Selection
    """Its calls."""
    state: str
    at_this_pace: Decimal | None
    """What will have been spent by the end of the window, if it goes on as it did. None where nobody can say."""


@dataclass(frozen=True, slots=True)
class Others:
    """The values of one budget that were spent least for, and have no line of their own."""

    values: int
    calls: int
    spent: Decimal
    currency: str
    states: Mapping[str, int]
    """How many of them are in each."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One budget: its lines, the most spent first."""

    held: tuple[Held, ...]
    others: Others | None
    """None where every value has a line."""


class BudgetsView(View):
    """`/budgets`."""

    here = "/budgets"

    def routes(self) -> Sequence[Route]:
        return [Route("/budgets", self._budgets)]

    async def _budgets(self, request: Request) -> HTMLResponse:
        return await run_in_threadpool(self._page, request, time.time_ns())

    def _page(self, request: Request, now_unix_ns: int) -> HTMLResponse:
        file = self._site.budgets
        shown: tuple[Shown, ...] = ()
        problem: str | None = None
        if file is not None:
            try:
                shown = tuple(self.shown_of(budgets_now(file)))
            except SettingsError as error:
                problem = str(error)
        return self.page(
            "budgets.html",
            request,
            file=file,
            shown=shown,
            problem=problem,
            now_unix_ns=now_unix_ns,
            everything=EVERYTHING,
        )

    def shown_of(self, options: BudgetOptions) -> Iterator[Shown]:
        budgets = {budget.name: budget for budget in options.budgets}
        with self._site.store.read() as reader:
            answer: BudgetAnswer = check_budgets(reader, options)
        for name, rows in groupby(answer.rows, key=lambda row: row.budget):
            first, others = _split(list(rows))
            yield Shown(
                tuple(held_at(budgets[name], row, options.now_unix_ns) for row in first),
                _together(others) if others else None,
            )


def _split(rows: list[BudgetRow]) -> tuple[list[BudgetRow], list[BudgetRow]]:
    """One more than there is room for takes no more of it than to say that there is one."""
    return (rows, []) if len(rows) <= MOST_VALUES + 1 else (rows[:MOST_VALUES], rows[MOST_VALUES:])


def _together(rows: list[BudgetRow]) -> Others:
    with localcontext(prec=DIGITS):
        spent = sum((row.spent or Decimal(0) for row in rows), Decimal(0))
    states = Counter(STATES[row.state] for row in rows)
    return Others(len(rows), sum(row.calls or 0 for row in rows), spent, rows[0].currency, states)


def held_at(budget: Budget, row: BudgetRow, now_unix_ns: int) -> Held:
    window = window_at(budget.window, now_unix_ns)
    selection = Selection(
        since_unix_ns=window.since_unix_ns,
        until_unix_ns=window.until_unix_ns,
        models=budget.models,
        where=budget.where,
    )
    return Held(
        row,
        window,
        of_group(selection, budget.each, row.values) if row.values else selection,
        STATES[row.state],
        _at_this_pace(budget, row, window, now_unix_ns),
    )


def _at_this_pace(budget: Budget, row: BudgetRow, window: Window, now_unix_ns: int) -> Decimal | None:
    """A rolling window has no end, and what is not known of the beginning says nothing of the end."""
    over_ns, whole_ns = now_unix_ns - window.since_unix_ns, window.until_unix_ns - window.since_unix_ns
    if budget.window not in CALENDAR or not row.is_complete or row.spent is None or over_ns < ENOUGH * whole_ns:
        return None
    return row.spent * whole_ns / over_ns
