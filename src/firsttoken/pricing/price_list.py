"""The prices of the `genai-prices` package (extra `prices`): which of its models a call used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from firsttoken.call import Cost, Unpriced
from firsttoken.pricing.billing import Bill
from firsttoken.pricing.listed import Listed, listed_cost

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

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

MOST_REMEMBERED: Final = 1024


class PriceList:
    """Loads the package at the first call; later calls find their model in a small memory."""

    def __init__(self) -> None:
        self._snapshot: DataSnapshot | None = None
        self._remembered: dict[tuple[str, str], Listed | None] = {}

    def price(self, bill: Bill, models: tuple[str, ...]) -> Cost:
        """The first of these models that the list knows decides."""
        try:
            from genai_prices.data_snapshot import get_snapshot
        except ImportError:
            return Unpriced("no_price_list")
        provider_id = PROVIDER_IDS.get(bill.provider)
        if provider_id is None:
            return Unpriced("unknown_model")
        snapshot = get_snapshot()
        for model in models:
            listed = self._find(snapshot, provider_id, model)
            if listed is not None:
                return listed_cost(listed, bill)
        return Unpriced("unknown_model")

    def _find(self, snapshot: DataSnapshot, provider_id: str, model: str) -> Listed | None:
        """A program that updates the list while it runs gives us a new snapshot, and the memory starts afresh."""
        if snapshot is not self._snapshot or len(self._remembered) >= MOST_REMEMBERED:
            self._snapshot, self._remembered = snapshot, {}
        key = (provider_id, model)
        if key not in self._remembered:
            self._remembered[key] = _look_up(snapshot, provider_id, model)
        return self._remembered[key]


def _look_up(snapshot: DataSnapshot, provider_id: str, model: str) -> Listed | None:
    try:
        return Listed(*snapshot.find_provider_model(model, None, provider_id, None))
    except LookupError:
        return None
