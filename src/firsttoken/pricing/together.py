"""Prices of several calls at once, for calls that differ in nothing but how much they used."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from firsttoken.call import Call, Portion, Unpriced
from firsttoken.call.ledger import ZERO
from firsttoken.call.usage import COUNTS
from firsttoken.pricing.book import Invoices, PriceBook

Amounts = tuple[Decimal | None, ...]
"""Such as the parts of a ledger. None is unknown."""
PerCount = Mapping[str, tuple[Decimal, ...]]
"""What one more of each count adds to each amount."""
PROBES: Final = 2
"""How often a call is priced to know that, beside once for each count."""
ROOM: Final = {"input_tokens": 200, "output_tokens": 200, "cache_write_tokens": 100}
"""More of a total than all that is added to its parts."""


class BookOfSums(PriceBook):
    """Prices a call whose usage is the sum of several: exactly as they would be one by one, or not at all.

    Where the list's price depends on the size of a prompt that one of them has, or is that of a request, it is
    `price_error`. The prompts have to be of one size as far as overrides tell sizes apart: see `Changes.sizes`.
    """

    def __init__(self, book: PriceBook, largest_input_tokens: int) -> None:
        super().__init__(book.overrides, book.price_list)
        self._largest_input_tokens = largest_input_tokens

    def invoices(self, call: Call, portions: Collection[Portion] = ()) -> Invoices | Unpriced | None:
        if portions or call.usage is None:
            return super().invoices(call, portions)
        return super().invoices(call, (Portion(call.usage, call.response, self._largest_input_tokens),))

    def context_window(self, provider: str, model: str) -> int | None:
        """Only where a prompt is longer than it: the sum of prompts is none."""
        window = super().context_window(provider, model)
        return window if window is not None and self._largest_input_tokens > window else None


def per_count(call: Call, whole: Amounts, amounts: Callable[[Call], Amounts]) -> PerCount | None:
    """Of the calls that are summed up in this one, which comes to `whole`: each comes to exactly this for each of its
    counts. None where the amounts are not made up of such."""
    used = counts_of(call)
    if call.usage is None:
        return None
    start = replace(call.usage, **{name: used[name] + more for name, more in ROOM.items() if name in used})
    before = amounts(replace(call, usage=start))
    found: dict[str, tuple[Decimal, ...]] = {}
    for name in used:
        after = amounts(replace(call, usage=replace(start, **{name: getattr(start, name) + 1})))
        if _unknown(after) != _unknown(whole) or _unknown(before) != _unknown(whole):
            return None
        found[name] = tuple((more or ZERO) - (less or ZERO) for more, less in zip(after, before, strict=True))
    told = tuple(sum((found[name][number] * used[name] for name in used), ZERO) for number in range(len(whole)))
    return found if told == tuple(amount or ZERO for amount in whole) else None


def counts_of(call: Call) -> dict[str, int]:
    """What there is some of."""
    return {name: count for name in COUNTS if (count := getattr(call.usage, name, None))}


def _unknown(amounts: Amounts) -> list[bool]:
    return [amount is None for amount in amounts]
