"""What was spent of each budget, in the window that holds now. Facts alone: nothing is forecast."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from typing import Final, Literal, TypedDict

from firsttoken.analyse.asking import Answer, check_known
from firsttoken.analyse.columns import group, integer, money_or_none, text_or_none
from firsttoken.analyse.options import Group, Options
from firsttoken.analyse.windows import Window, window_at
from firsttoken.call.ledger import DIGITS
from firsttoken.errors import SelectionError
from firsttoken.store import Reader, Row, Selection

State = Literal["ok", "incomplete", "warning", "exceeded", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """At most so much for some calls, in each window of time."""

    name: str
    limit: Decimal
    window: str
    """`hour`, `day`, `week` or `month` of the calendar in UTC, or `rolling 24h` and the like."""
    currency: str = "USD"
    models: tuple[str, ...] = ()
    """Of these alone, where `*` stands for any letters."""
    where: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of calls whose attributes say this alone."""
    each: tuple[str, ...] = ()
    """Every value of these attributes has the limit for itself. Calls that do not say are one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetOptions(Options):
    """The budgets, the moment they are looked at, and from which share on somebody is to be warned."""

    budgets: tuple[Budget, ...] = ()
    now_unix_ns: int = 0
    warn: Decimal | None = None

    def selections(self) -> tuple[Selection, ...]:
        """No calls are an answer: nothing was spent."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRow:
    """One budget, or one value of what it holds for each of. What was spent, and all that follows from it, is None of a
    budget that cannot be held."""

    budget: str
    each: str
    """For example `user=u-1`. Empty where the budget is one."""
    values: tuple[str | None, ...]
    window: str
    since: str
    """ISO 8601, in UTC."""
    until: str
    """The first moment after it."""
    currency: str
    limit: Decimal
    spent: Decimal | None = None
    """By calls with a price in the budget's currency."""
    left: Decimal | None = None
    share: float | None = None
    """Of the limit: 1.0 is all of it."""
    calls: int | None = None
    unpriced_calls: int | None = None
    """They cost something that nobody knows."""
    other_currency_calls: int | None = None
    """They were paid in another currency and are not in it."""
    is_complete: bool
    """Whether all that was spent is known."""
    state: State
    """`exceeded` is more than the limit; `incomplete` is within it as far as is known; `unknown` cannot be held."""
    problem: str | None = None
    """Why it cannot be held: it is about an attribute that no call has, say."""


@dataclass(frozen=True, slots=True)
class BudgetAnswer:
    """In the order of the file, the most spent first."""

    at: str
    rows: tuple[BudgetRow, ...]

    @property
    def is_exceeded(self) -> bool:
        return any(row.state == "exceeded" for row in self.rows)

    @property
    def problems(self) -> tuple[str, ...]:
        """Of the budgets that cannot be held, each with its name."""
        return tuple(f"budget {row.budget!r}: {row.problem}" for row in self.rows if row.problem is not None)


@dataclass(slots=True)
class _Spent:
    amount: Decimal = Decimal(0)
    calls: int = 0
    unpriced: int = 0
    elsewhere: int = 0


def check_budgets(reader: Reader, options: BudgetOptions) -> BudgetAnswer:
    """A budget that asks what cannot be asked is `unknown`, and the others are held. Raises StoreError."""
    has_calls = bool(reader.ask("call_count")[0]["calls"])
    rows = tuple(row for budget in options.budgets for row in _held(reader, budget, options, has_calls=has_calls))
    return BudgetAnswer(at=_iso(options.now_unix_ns), rows=rows)


def _held(reader: Reader, budget: Budget, options: BudgetOptions, *, has_calls: bool) -> list[BudgetRow]:
    """Where there are calls, an attribute that none of them has may be a slip."""
    try:
        for name in (*budget.where, *budget.each) if has_calls else ():
            check_known(reader, name)
        return _rows(reader, budget, options)
    except SelectionError as error:
        window = window_at(budget.window, options.now_unix_ns)
        return [BudgetRow(**_of(budget, (), window), is_complete=False, state="unknown", problem=str(error))]


def _rows(reader: Reader, budget: Budget, options: BudgetOptions) -> list[BudgetRow]:
    window = window_at(budget.window, options.now_unix_ns)
    selection = Selection(
        since_unix_ns=window.since_unix_ns,
        until_unix_ns=window.until_unix_ns,
        models=budget.models,
        where=budget.where,
    )
    spent = _spent(reader.ask("cost_totals", None, selection, budget.each), budget.currency)
    if not spent:
        spent = {(): _Spent()}
    most_first = sorted(spent.items(), key=lambda item: (-item[1].amount, [value or "" for value in item[0]]))
    return [_row(budget, values, found, window, options.warn) for values, found in most_first]


def _spent(rows: Iterable[Row], currency: str) -> dict[Group, _Spent]:
    """Of the rows of `queries/cost_totals.sql`."""
    groups: dict[Group, _Spent] = {}
    for row in rows:
        found = groups.setdefault(group(row), _Spent())
        found.calls += integer(row, "calls")
        found.unpriced += integer(row, "unpriced_calls")
        paid_in = text_or_none(row, "currency")
        if paid_in == currency:
            found.amount = money_or_none(row, "cost_total") or Decimal(0)
        elif paid_in is not None:
            found.elsewhere += integer(row, "calls")
    return groups


def _row(budget: Budget, values: Group, found: _Spent, window: Window, warn: Decimal | None) -> BudgetRow:
    with localcontext(prec=DIGITS):
        left = budget.limit - found.amount
        is_near = warn is not None and found.amount >= warn * budget.limit
    is_complete = not found.unpriced and not found.elsewhere
    return BudgetRow(
        **_of(budget, values, window),
        spent=found.amount,
        left=left,
        share=float(found.amount / budget.limit),
        calls=found.calls,
        unpriced_calls=found.unpriced,
        other_currency_calls=found.elsewhere,
        is_complete=is_complete,
        state="exceeded" if left < 0 else "warning" if is_near else "ok" if is_complete else "incomplete",
    )


class _Of(TypedDict):
    """The fields of a row that say what it is about."""

    budget: str
    each: str
    values: Group
    window: str
    since: str
    until: str
    currency: str
    limit: Decimal


def _of(budget: Budget, values: Group, window: Window) -> _Of:
    return _Of(
        budget=budget.name,
        each=", ".join(f"{name}={_said(value)}" for name, value in zip(budget.each, values, strict=False)),
        values=values,
        window=budget.window,
        since=_iso(window.since_unix_ns),
        until=_iso(window.until_unix_ns),
        currency=budget.currency,
        limit=budget.limit,
    )


def _said(value: str | None) -> str:
    return "(not said)" if value is None else value


def _iso(unix_ns: int) -> str:
    return f"{datetime.fromtimestamp(unix_ns // 1_000_000_000, UTC):%Y-%m-%dT%H:%M:%SZ}"


BUDGETS: Final = Answer("budgets", BudgetOptions, BudgetAnswer, check_budgets)
