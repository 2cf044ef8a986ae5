"""What a call cost, split the way a bill is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Amounts in `currency`. The five parts add up to `total` exactly."""

    input: Decimal
    """Input tokens that were neither read from nor written to a cache."""
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal
    currency: str
    source: str
    """Where the prices came from, for example `genai-prices 0.2.3` or `override prices.toml`."""
    price_date: str | None = None
    """ISO date from which the price holds or as of which it was known."""
    tools: Decimal = ZERO
    """Tools of the provider that are billed by use, such as web searches."""

    @property
    def total(self) -> Decimal:
        return self.input + self.cache_read + self.cache_write + self.output + self.tools


@dataclass(frozen=True, slots=True)
class Unpriced:
    """The cost is unknown, which is not zero."""

    reason: str
    """One of a few fixed words: `unknown_model`, `unknown_tier`, `unknown_tool`, `unknown_usage`, `partial_usage`,
    `no_price_list`, `price_error`."""


Cost = Ledger | Unpriced


def total_cost(costs: Iterable[Cost]) -> Cost:
    """The sum. One part without a price leaves the whole without, and so do two currencies."""
    ledgers: list[Ledger] = []
    for cost in costs:
        if isinstance(cost, Unpriced):
            return cost
        ledgers.append(cost)
    if len({ledger.currency for ledger in ledgers}) != 1:
        return Unpriced("price_error")
    dates = {ledger.price_date for ledger in ledgers}
    return Ledger(
        input=sum((ledger.input for ledger in ledgers), ZERO),
        cache_read=sum((ledger.cache_read for ledger in ledgers), ZERO),
        cache_write=sum((ledger.cache_write for ledger in ledgers), ZERO),
        output=sum((ledger.output for ledger in ledgers), ZERO),
        tools=sum((ledger.tools for ledger in ledgers), ZERO),
        currency=ledgers[0].currency,
        source=", ".join(sorted({ledger.source for ledger in ledgers})),
        price_date=dates.pop() if len(dates) == 1 else None,
    )
