"""Who spent the most: a few values of one attribute, and all others together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from firsttoken.analyse.columns import integer, money_or_none, text_or_none
from firsttoken.call.ledger import DIGITS
from firsttoken.store import EVERYTHING, Row, Selection, Warehouse


@dataclass(slots=True)
class Spender:
    """The calls that have one value of the attribute, or several together."""

    calls: int = 0
    unpriced_calls: int = 0
    """They cost something that nobody knows."""
    cost: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    """By currency."""

    def add(self, other: Spender) -> None:
        self.calls += other.calls
        self.unpriced_calls += other.unpriced_calls
        for currency, amount in other.cost.items():
            self.cost[currency] = self.cost.get(currency, Decimal(0)) + amount


@dataclass(frozen=True, slots=True)
class Spending:
    """By one attribute."""

    by: str
    currency: str | None
    """The one in which the most calls were paid, by which they are ranked. None where none has a price."""
    top: Mapping[str | None, Spender]
    """The dearest first. None are the calls that do not say."""
    rest: Spender
    """All others together."""
    rest_values: int
    total: Spender

    @property
    def dearest(self) -> Decimal:
        """The largest amount in that currency."""
        return max((each.cost.get(self.currency or "", Decimal(0)) for each in self.top.values()), default=Decimal(0))

    @property
    def is_said(self) -> bool:
        """Whether any call says it."""
        return any(value is not None for value in self.top)


def spending(warehouse: Warehouse, by: str, selection: Selection = EVERYTHING, *, most: int = 5) -> Spending:
    """Raises StoreError and SelectionError."""
    with warehouse.read() as reader:
        rows = reader.ask("spending", {"most": most}, selection, (by,))
    with localcontext(prec=DIGITS):
        return _spending(by, rows, most)


def _spending(by: str, rows: Sequence[Row], most: int) -> Spending:
    top: dict[str | None, Spender] = {}
    rest, total = Spender(), Spender()
    for row in rows:
        spender = _spender(row)
        total.add(spender)
        is_top = integer(row, "place") <= most
        (top.setdefault(text_or_none(row, "group_value"), Spender()) if is_top else rest).add(spender)
    values = max((integer(row, "last_place") for row in rows), default=0)
    return Spending(by, usual_currency(rows), top, rest, max(0, values - most), total)


def _spender(row: Row) -> Spender:
    currency, amount = text_or_none(row, "currency"), money_or_none(row, "cost_total")
    paid = {} if currency is None or amount is None else {currency: amount}
    return Spender(integer(row, "calls"), integer(row, "unpriced_calls"), paid)


def usual_currency(rows: Iterable[Row]) -> str | None:
    """The one in which the most calls were paid, of rows that say how many in which. None where none has a price."""
    calls: dict[str, int] = {}
    for row in rows:
        if (currency := text_or_none(row, "currency")) is not None:
            calls[currency] = calls.get(currency, 0) + integer(row, "calls")
    return max(calls, key=lambda currency: (calls[currency], currency), default=None)
