"""One model of the `genai-prices` list, and what a bill comes to at its price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from firsttoken.call import Unpriced
from firsttoken.pricing.billing import Bill
from firsttoken.pricing.invoice import Invoice, Line, LineKind

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices
    from genai_prices.types import Usage as ListedUsage

BATCH: Final = ("processing", "batch")
SPECIAL_TERMS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {("anthropic", "fast"): ("speed", "fast")}
"""Where the list files a term of a provider under another key than the service tier. A batch is one everywhere."""

OTHER_KINDS: Final[Mapping[str, LineKind]] = {"tool_calls": "web_search", "requests": "request"}
"""Lines that are not of tokens, by the list's family of units. Nothing else of these families is in a usage of ours."""

AUDIO_AS_TEXT: Final = frozenset({"google"})
"""Providers where a model without a price for audio takes it at that of text. The list has models of others without
one as well, whose audio costs many times as much."""

COLUMN_DIGITS: Final = 20
"""More than any count has: they are integers of 64 bits."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of the list, and the provider that serves it."""

    provider: Provider
    model: ModelInfo

    def context(self, bill: Bill) -> dict[str, str] | None:
        """The list's words for the bill's special terms; None where it has no price for one of them."""
        context = dict(self._condition(term) for term in bill.terms)
        if len(context) < len(bill.terms) or not all(self._has_variant(item, bill) for item in context.items()):
            return None
        return context

    def _condition(self, term: str) -> tuple[str, str]:
        return BATCH if term == "batch" else SPECIAL_TERMS.get((self.provider.id, term), ("service_tier", term))

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


def listed_invoice(listed: Listed, bill: Bill) -> Invoice | Unpriced:
    """Exactly the list's own total, line by line."""
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
    if listed.provider.id not in AUDIO_AS_TEXT and not _covers_audio(prices, bill):
        return Unpriced("unknown_modality")
    start = listed.start_date(bill)
    return Invoice(
        lines=_lines(prices, bill),
        currency="USD",
        source=f"genai-prices {__version__}",
        price_date=None if start is None else start.isoformat(),
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


def _covers_audio(prices: ModelPrice, bill: Bill) -> bool:
    usage = bill.usage
    return not (
        (usage.input_audio_tokens and prices.input_audio_mtok is None)
        or (usage.output_audio_tokens and prices.output_audio_mtok is None)
    )


def _lines(prices: ModelPrice, bill: Bill) -> tuple[Line, ...]:
    """A line for each rate of the list that something is billed at."""
    units = _units()
    rates = {key: _rate(rate, bill) for key, rate in vars(prices).items() if rate is not None}
    counts = _counts(tuple(rates), _listed_usage(bill))
    return tuple(_line(units[key], counts[key], rate, bill) for key, rate in rates.items() if counts[key])


@cache
def _units() -> Mapping[str, Mapping[str, Any]]:
    """What the list counts, by the name of its price."""
    from genai_prices.data_units import unit_data

    return {unit["price_key"]: unit for unit in unit_data.values()}


def _line(unit: Mapping[str, Any], count: int, rate: Decimal, bill: Bill) -> Line:
    dimensions: Mapping[str, str] = unit["dimensions"]
    if dimensions["family"] != "tokens":
        return Line(OTHER_KINDS[dimensions["family"]], count, rate, unit["per"])
    kind: LineKind = "output" if dimensions["direction"] == "output" else "input"
    match dimensions.get("token_type"), dimensions.get("cache_ttl"):
        case "cache_read", _:
            kind = "cache_read"
        case "cache_write", "1h":
            kind = "cache_write_1h"
        case "cache_write", _:
            kind = bill.cache_write_kind if count == bill.cache_write_tokens else "cache_write"
        case "reasoning", _:
            kind = "reasoning"
        case _:
            pass
    return Line(kind, count, rate, unit["per"], dimensions.get("modality"))


def _rate(rate: Decimal | TieredPrices, bill: Bill) -> Decimal:
    """That of the highest tier that the whole input has reached, as the list has it."""
    if isinstance(rate, Decimal):
        return rate
    reached = [tier.price for tier in rate.tiers if (bill.usage.input_tokens or 0) > tier.start]
    return reached[-1] if reached else rate.base


def _counts(rated: tuple[str, ...], usage: ListedUsage) -> dict[str, int]:
    """How much the list bills at each of its rates: a token counts once, at the most special rate there is for it.

    Only the list itself can say, and it says sums of money. So each unit is given a price that has a place of its own
    in the digits of the sum, which is then read like a number of so many columns.
    """
    with localcontext(prec=COLUMN_DIGITS * (len(rated) + 1)):
        columns = int(_places(rated).calc_price(usage)["total_price"])
    return {key: columns // 10 ** (COLUMN_DIGITS * column) % 10**COLUMN_DIGITS for column, key in enumerate(rated)}


@cache
def _places(rated: tuple[str, ...]) -> ModelPrice:
    """A price for each unit. As many as there are sets of rates in the list."""
    from genai_prices.types import ModelPrice

    units = _units()
    return ModelPrice(
        **{key: Decimal(units[key]["per"]).scaleb(COLUMN_DIGITS * column) for column, key in enumerate(rated)}
    )


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
