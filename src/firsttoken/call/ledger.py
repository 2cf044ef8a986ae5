"""What a call cost, split the way a bill is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


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
    tools: Decimal = Decimal(0)
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
