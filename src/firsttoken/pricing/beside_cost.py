"""What the cost of a call does not say: what its cache saved, and what a stream that was cut had cost by then."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.call import Call, Ledger, Portion, Usage
from firsttoken.pricing.book import PriceBook
from firsttoken.pricing.statement import at_least, saved_by_cache, unlisted_reason


@dataclass(frozen=True, slots=True)
class BesideCost:
    """Neither is a part of the cost."""

    saved_by_cache: Decimal | None = None
    """Below zero where writing to the cache cost more than reading from it saved. None where the call used none, and
    where it is not known."""
    so_far: Ledger | None = None
    """Of a stream that was cut: what the tokens cost that had been reported. None for all others."""


NOTHING: Final = BesideCost()


def beside_cost(call: Call, book: PriceBook, portions: Collection[Portion] = ()) -> BesideCost:
    """Of a call that was priced with this book. Never raises, and prices again only what used a cache or was cut."""
    usage = call.usage
    if usage is None:
        return NOTHING
    if usage.partial:
        return BesideCost(so_far=at_least(call, book))
    if portions or not isinstance(call.cost, Ledger) or not _used_cache(usage) or unlisted_reason(call) is not None:
        return NOTHING
    return BesideCost(saved_by_cache=saved_by_cache(call, book, call.cost))


def _used_cache(usage: Usage) -> bool:
    return bool(usage.cache_read_tokens or usage.cache_write_tokens)
