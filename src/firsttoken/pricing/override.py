"""A price that the user stated, and the cost it gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final

from firsttoken.call import Cost, Ledger, Unpriced
from firsttoken.pricing.billing import Bill

TOKENS_PER_PRICE: Final = 1_000_000
SEARCHES_PER_PRICE: Final = 1_000
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Override:
    """Prices, those of tokens per million, and which calls they hold for."""

    source: str
    model: str
    """The model's name in lower case, or a pattern with `*`, `?` and `[...]`."""
    input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    cache_write_1h: Decimal
    output: Decimal
    currency: str
    web_search: Decimal | None = None
    """The price of a thousand web searches; None is unknown."""
    provider: str | None = None
    """`gen_ai.provider.name`; None is any."""
    tier: str | None = None
    """The one special tier that the prices hold for; None is the standard service."""
    since: date | None = None

    def matches(self, bill: Bill, model: str) -> bool:
        if self.provider is not None and self.provider != bill.provider:
            return False
        if self.since is not None and bill.at.date() < self.since:
            return False
        if bill.terms != (frozenset() if self.tier is None else {self.tier}):
            return False
        return fnmatchcase(model.lower(), self.model)


def override_cost(override: Override, bill: Bill) -> Cost:
    if bill.web_searches and override.web_search is None:
        return Unpriced("unknown_tool")
    cache_write = override.cache_write * bill.cache_write_tokens + override.cache_write_1h * bill.cache_write_1h_tokens
    return Ledger(
        input=override.input * bill.uncached_tokens / TOKENS_PER_PRICE,
        cache_read=override.cache_read * bill.cache_read_tokens / TOKENS_PER_PRICE,
        cache_write=cache_write / TOKENS_PER_PRICE,
        output=override.output * bill.output_tokens / TOKENS_PER_PRICE,
        currency=override.currency,
        source=override.source,
        price_date=None if override.since is None else override.since.isoformat(),
        tools=(override.web_search or ZERO) * bill.web_searches / SEARCHES_PER_PRICE,
    )
