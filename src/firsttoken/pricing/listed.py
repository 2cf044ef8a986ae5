"""One model of the `genai-prices` list, and what a bill comes to at its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

from firsttoken.call import Cost, Ledger, Unpriced
from firsttoken.pricing.billing import Bill

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider
    from genai_prices.types import Usage as ListedUsage

CacheUse = Literal["cache_read", "cache_write"]

TERM_CONTEXTS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "anthropic": {"batch": ("processing", "batch"), "fast": ("speed", "fast")},
}
"""Where the list files a special service under another key than the provider does."""

TOOL_KEYS: Final = frozenset({"web_searches_kcount"})
"""The list's names for the prices of tools."""

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of the list, and the provider that serves it."""

    provider: Provider
    model: ModelInfo

    def context(self, bill: Bill) -> dict[str, str] | None:
        """The list's words for the bill's special terms; None where it has no price for one of them."""
        special = TERM_CONTEXTS.get(self.provider.id, {})
        context: dict[str, str] = dict(special.get(term, ("service_tier", term)) for term in bill.terms)
        if len(context) < len(bill.terms) or not all(self._has_variant(item, bill) for item in context.items()):
            return None
        return context

    def _has_variant(self, condition: tuple[str, str], bill: Bill) -> bool:
        """A model taken over from another provider has that provider's standard prices only."""
        if not any(self.model is model for model in self.provider.models):
            return False
        return any(
            dict(variant.when) == dict([condition])
            and (variant.constraint is None or variant.constraint.active(bill.at))
            for variant in self.model.price_variants or ()
        )

    def start_date(self, bill: Bill) -> date | None:
        """The day the price came into force, where the list knows it."""
        from genai_prices.types import ModelPrice, StartDateConstraint

        if isinstance(self.model.prices, ModelPrice):
            return None
        for price in reversed(self.model.prices):
            if price.constraint is None:
                return None
            if price.constraint.active(bill.at):
                return price.constraint.start_date if isinstance(price.constraint, StartDateConstraint) else None
        return None


def listed_cost(listed: Listed, bill: Bill) -> Cost:
    """Exactly the list's own total, split into the parts of a ledger."""
    from genai_prices import __version__

    context = listed.context(bill)
    if context is None:
        return Unpriced("unknown_tier")
    prices = listed.model.get_prices(bill.at, context)
    if bill.largest_input_tokens is not None:
        prices = _of_short_prompts(prices, bill.largest_input_tokens)
    if prices is None:
        return Unpriced("price_error")
    if not _covers(prices, bill):
        return Unpriced("unknown_model")
    if bill.web_searches and prices.web_searches_kcount is None:
        return Unpriced("unknown_tool")
    usage = _listed_usage(bill)
    whole = prices.calc_price(usage)
    cache_read = _part(prices, _cache_keys("cache_read"), usage) if bill.cache_read_tokens else ZERO
    written = bill.cache_write_tokens or bill.cache_write_1h_tokens
    cache_write = _part(prices, _cache_keys("cache_write"), usage) if written else ZERO
    tools = _part(prices, TOOL_KEYS, usage) if bill.web_searches else ZERO
    output = whole["output_price"]
    start = listed.start_date(bill)
    return Ledger(
        input=whole["total_price"] - cache_read - cache_write - output - tools,
        cache_read=cache_read,
        cache_write=cache_write,
        output=output,
        currency="USD",
        source=f"genai-prices {__version__}",
        price_date=None if start is None else start.isoformat(),
        tools=tools,
    )


def _of_short_prompts(prices: ModelPrice, largest_input_tokens: int) -> ModelPrice | None:
    """The prices of prompts up to that size, whatever their sum is; None where these are not one price per unit."""
    from genai_prices.types import ModelPrice, TieredPrices

    flat: dict[str, Any] = {}
    for key, rate in vars(prices).items():
        if isinstance(rate, TieredPrices):
            if any(largest_input_tokens >= tier.start for tier in rate.tiers):
                return None
            flat[key] = rate.base
        elif rate is not None:
            flat[key] = rate
    return None if "requests_kcount" in flat else ModelPrice(**flat)


def _covers(prices: ModelPrice, bill: Bill) -> bool:
    """False where tokens would cost nothing because the list has no price for them: no price is not a price of zero."""
    input_tokens = bill.usage.input_tokens
    return not (input_tokens and prices.input_mtok is None) and not (bill.output_tokens and prices.output_mtok is None)


def _part(prices: ModelPrice, kept: frozenset[str], usage: ListedUsage) -> Decimal:
    """The total with every other price at zero. A price taken away instead would move its tokens to another one."""
    from genai_prices.types import ModelPrice

    rates = {key: rate if key in kept else ZERO for key, rate in vars(prices).items() if rate is not None}
    return ModelPrice(**rates).calc_price(usage)["total_price"]


@cache
def _cache_keys(kind: CacheUse) -> frozenset[str]:
    """The list's names for this kind of price: of text, audio and so on, and of each lifetime."""
    from genai_prices.data_units import unit_data

    return frozenset(unit["price_key"] for unit in unit_data.values() if unit["dimensions"].get("token_type") == kind)


def _listed_usage(bill: Bill) -> ListedUsage:
    """The list counts as we do: totals include their parts, and tools stand beside them."""
    from genai_prices.types import Usage

    usage = bill.usage
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=bill.output_tokens,
        cache_read_tokens=bill.cache_read_tokens,
        cache_write_tokens=bill.cache_write_tokens + bill.cache_write_1h_tokens,
        cache_write_1h_tokens=bill.cache_write_1h_tokens,
        input_text_tokens=usage.input_text_tokens,
        output_text_tokens=usage.output_text_tokens,
        input_image_tokens=usage.input_image_tokens,
        output_image_tokens=usage.output_image_tokens,
        input_audio_tokens=usage.input_audio_tokens,
        output_audio_tokens=usage.output_audio_tokens,
        output_reasoning_tokens=usage.reasoning_tokens,
        web_searches=bill.web_searches,
    )
