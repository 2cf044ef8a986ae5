"""What a call cost, split the way a bill is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)
DIGITS: Final = 60
"""Of a sum of amounts, so that no digit of any is lost."""
STATED: Final = " response"
"""How the source of a cost ends that the provider itself stated in its answer."""

NOT_PRICED: Final = "not_priced"
"""Why a call has no cost that nobody tried to price. No `Unpriced` says so."""

PARTS: Final = ("input", "cache_read", "cache_write", "output", "tools")


@dataclass(frozen=True, slots=True)
class Ledger:
    """Amounts in `currency`. The parts that are known and `unsplit` add up to `total` exactly.

    A part is None where only a sum that it is in was stated: that sum is `unsplit`.
    """

    input: Decimal | None
    """Input tokens that were neither read from nor written to a cache."""
    cache_read: Decimal | None
    cache_write: Decimal | None
    output: Decimal | None
    currency: str
    source: str
    """Where the prices came from, for example `genai-prices 0.2.3`, `override prices.toml` or `openrouter response`."""
    price_date: str | None = None
    """ISO date from which the price holds or as of which it was known."""
    tools: Decimal | None = ZERO
    """Tools of the provider that are billed by use, such as web searches."""
    unsplit: Decimal = ZERO
    """What was stated in one amount for all parts that are None."""

    @property
    def total(self) -> Decimal:
        return sum((part for part in self.parts if part is not None), self.unsplit)

    @property
    def parts(self) -> tuple[Decimal | None, ...]:
        """Input, cache read, cache write, output and tools, in this order."""
        return self.input, self.cache_read, self.cache_write, self.output, self.tools

    @property
    def is_split(self) -> bool:
        """Whether every part is known, and nothing stands beside them."""
        return all(part is not None for part in self.parts) and not self.unsplit

    @property
    def is_stated(self) -> bool:
        """Whether the provider itself said what the call cost, which no price list can know better."""
        return self.source.endswith(STATED) and not self.source.startswith("override ")


@dataclass(frozen=True, slots=True)
class Unpriced:
    """The cost is unknown, which is not zero."""

    reason: str
    """One of a few fixed words: `unknown_model`, `unknown_tier`, `unknown_tool`, `unknown_modality`, `unknown_usage`,
    `unknown_cache`, `partial_usage`, `no_price_list`, `price_error`."""


Cost = Ledger | Unpriced


def stated_in_one(total: Decimal, currency: str, source: str) -> Ledger:
    """A cost of which nothing but the sum is known."""
    return Ledger(None, None, None, None, currency, source, tools=None, unsplit=total)


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
    input_, cache_read, cache_write, output, tools = (
        _sum(parts) for parts in zip(*(ledger.parts for ledger in ledgers), strict=True)
    )
    known = sum((part for part in (input_, cache_read, cache_write, output, tools) if part is not None), ZERO)
    return Ledger(
        input=input_,
        cache_read=cache_read,
        cache_write=cache_write,
        output=output,
        tools=tools,
        unsplit=sum((ledger.total for ledger in ledgers), ZERO) - known,
        currency=ledgers[0].currency,
        source=", ".join(sorted({ledger.source for ledger in ledgers})),
        price_date=dates.pop() if len(dates) == 1 else None,
    )


def _sum(parts: tuple[Decimal | None, ...]) -> Decimal | None:
    """None where one of them is: its share stays in what is not split."""
    known = [part for part in parts if part is not None]
    return sum(known, ZERO) if len(known) == len(parts) else None
