"""The prices of the `genai-prices` package (extra `prices`): which of its models a call used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from firsttoken.call import Unpriced
from firsttoken.pricing.billing import Bill
from firsttoken.pricing.invoice import Invoice
from firsttoken.pricing.listed import Listed, listed_invoice

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ConditionalPrice, ModelInfo, PriceVariant, StartDateConstraint, TimeOfDateConstraint

PROVIDER_IDS: Final[Mapping[str, str]] = {
    "anthropic": "anthropic",
    "aws.bedrock": "aws",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "baseten": "baseten",
    "cerebras": "cerebras",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "fireworks": "fireworks",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "groq": "groq",
    "minimax": "minimax",
    "mistral": "mistral",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "novita": "novita",
    "openai": "openai",
    "openrouter": "openrouter",
    "perplexity": "perplexity",
    "together": "together",
    "x_ai": "x-ai",
    "z.ai": "zai",
    "zhipuai": "zhipuai",
}
"""`gen_ai.provider.name` to the list's own id. A name that is not here has no price: a server that speaks
a provider's wire format on some other host is not that provider."""

PUBLISHERS: Final[Mapping[str, tuple[str, ...]]] = {"google": ("publishers/google/models/", "google/", "models/")}
"""What a provider's surfaces put before the names of its own models, and the list does not."""

ASKED_BY_PLACE: Final = frozenset({"aws.bedrock"})
"""Providers whose name for what is asked says where it runs, which has its price; the answer names the model alone."""

MOST_REMEMBERED: Final = 1024


class PriceList:
    """Loads the package at the first call; later calls find their model in a small memory."""

    def __init__(self) -> None:
        self._snapshot: DataSnapshot | None = None
        self._remembered: dict[tuple[str, str], Listed | None] = {}

    def invoice(self, bill: Bill, models: tuple[str, ...]) -> Invoice | Unpriced:
        try:
            listed = self.find(bill.provider, models)
        except ImportError:
            return Unpriced("no_price_list")
        return Unpriced("unknown_model") if listed is None else listed_invoice(listed, bill)

    def find(self, provider: str, models: tuple[str, ...]) -> Listed | None:
        """The first of these models that the list knows at this provider. Raises ImportError where there is no list."""
        from genai_prices.data_snapshot import get_snapshot

        provider_id = PROVIDER_IDS.get(provider)
        if provider_id is None:
            return None
        snapshot = get_snapshot()
        found = (self._find(snapshot, provider_id, model) for model in models)
        return next((listed for listed in found if listed is not None), None)

    def constraints(self) -> Iterator[StartDateConstraint | TimeOfDateConstraint]:
        """Of every price that does not always hold. None where there is no list."""
        for model in _models():
            for price in _conditional(model):
                if price.constraint is not None:
                    yield price.constraint

    def sizes(self) -> Iterator[int]:
        """Of prompts, beyond which a price is another one."""
        for model in _models():
            always = () if isinstance(model.prices, list) else (model.prices,)
            for prices in (*always, *(price.prices for price in _conditional(model))):
                for rate in vars(prices).values():
                    yield from (tier.start for tier in getattr(rate, "tiers", ()))

    def _find(self, snapshot: DataSnapshot, provider_id: str, model: str) -> Listed | None:
        """A program that updates the list while it runs gives us a new snapshot, and the memory starts afresh."""
        if snapshot is not self._snapshot or len(self._remembered) >= MOST_REMEMBERED:
            self._snapshot, self._remembered = snapshot, {}
        key = (provider_id, model)
        if key not in self._remembered:
            self._remembered[key] = _look_up(snapshot, provider_id, model)
        return self._remembered[key]


def _models() -> Iterator[ModelInfo]:
    """All of the list. None where there is none."""
    try:
        from genai_prices.data_snapshot import get_snapshot
    except ImportError:
        return
    for provider in get_snapshot().providers:
        yield from provider.models


def _conditional(model: ModelInfo) -> Iterator[ConditionalPrice | PriceVariant]:
    if isinstance(model.prices, list):
        yield from model.prices
    yield from model.price_variants or ()


def _look_up(snapshot: DataSnapshot, provider_id: str, model: str) -> Listed | None:
    prefix = next((prefix for prefix in PUBLISHERS.get(provider_id, ()) if model.startswith(prefix)), "")
    try:
        return Listed(*snapshot.find_provider_model(model.removeprefix(prefix), None, provider_id, None))
    except LookupError:
        return None
