"""What one bill comes to: the lines of it, which a ledger sums up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from firsttoken.call import Ledger
from firsttoken.call.ledger import ZERO

LineKind = Literal[
    "input",
    "cache_read",
    "cache_write",
    "cache_write_5m",
    "cache_write_1h",
    "output",
    "reasoning",
    "web_search",
    "request",
]
PARTS: Final[dict[LineKind, str]] = {
    "input": "input",
    "request": "input",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "cache_write_5m": "cache_write",
    "cache_write_1h": "cache_write",
    "output": "output",
    "reasoning": "output",
    "web_search": "tools",
}
"""The part of a ledger that each kind of line belongs to."""

TOKENS_PER_PRICE: Final = 1_000_000
SEARCHES_PER_PRICE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is billed. `rate` is the price of `per` of them."""

    kind: LineKind
    count: int
    rate: Decimal
    per: int = TOKENS_PER_PRICE
    modality: str | None = None
    """`image`, `audio` and so on, where these tokens have a price of their own."""

    @property
    def amount(self) -> Decimal:
        return self.rate * self.count / self.per


@dataclass(frozen=True, slots=True)
class Invoice:
    """Lines of one price. Nothing that is free or not used is on it."""

    lines: tuple[Line, ...]
    currency: str
    source: str
    price_date: str | None = None

    @property
    def ledger(self) -> Ledger:
        sums = dict.fromkeys(PARTS.values(), ZERO)
        for line in self.lines:
            sums[PARTS[line.kind]] += line.amount
        return Ledger(
            input=sums["input"],
            cache_read=sums["cache_read"],
            cache_write=sums["cache_write"],
            output=sums["output"],
            tools=sums["tools"],
            currency=self.currency,
            source=self.source,
            price_date=self.price_date,
        )


def used(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.count)
