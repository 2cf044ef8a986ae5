"""A call priced again as if it had been made otherwise, and what that takes for granted or cannot know.

Nothing is counted anew: the tokens are those that were reported. What another model would have said, or how its
tokenizer counts, nobody knows; an answer says so where it takes them to be the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from firsttoken.call import Call, Cost, Ledger, Unpriced, Usage
from firsttoken.pricing.billing import terms_of
from firsttoken.pricing.book import PriceBook, lines_of
from firsttoken.pricing.price_list import PROVIDER_IDS
from firsttoken.pricing.statement import unlisted_reason, without_cache

Assumption = Literal["same_answer", "same_counts", "same_cache", "no_cache", "standard_service", "batch_may_wait"]
ASSUMPTIONS: Final[dict[Assumption, str]] = {
    "same_answer": "the other model would have answered as long, with as much reasoning",
    "same_counts": "its tokenizer would have counted as many tokens",
    "same_cache": "its cache would have held the same tokens",
    "no_cache": "it has no price for cached tokens, which are billed as any other input",
    "standard_service": "the special service of the call is left out: it is priced on the standard one",
    "batch_may_wait": "the answer may come within a day instead of at once",
}
"""What an answer takes for granted, by the word for it."""

Unknowable = Literal["unknown_caching", "several_runs", "context_too_long", "unknown_modality", "not_billed"]
UNKNOWABLE: Final[dict[Unknowable, str]] = {
    "unknown_caching": "which tokens a cache would have held that was not used is not known",
    "several_runs": "its tokens are those of several models or requests, which are not told apart",
    "context_too_long": "the input is longer than the other model takes",
    "unknown_modality": "there is no price for its images, audio or video on the other model",
    "not_billed": "nothing is billed for such a call",
}
"""Why there is no answer, beside the reasons of an unpriced call."""

CACHE_KINDS: Final = frozenset({"cache_read", "cache_write", "cache_write_5m", "cache_write_1h"})
MODALITIES: Final[dict[str, str]] = {
    "input_image_tokens": "image",
    "input_audio_tokens": "audio",
    "output_image_tokens": "image",
    "output_audio_tokens": "audio",
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is otherwise. None leaves it as it was."""

    model: str | None = None
    provider: str | None = None
    """`gen_ai.provider.name`."""
    tier: str | None = None
    """The provider's word for a service tier; `standard` is none."""
    batch: bool = False
    """As a request of a batch, whatever the tier was."""
    cache: Literal["none", "all"] | None = None
    """`none`: no token was read from a cache or written to it. `all` is not knowable, and says so."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What the call would have cost, or why that cannot be known."""

    cost: Cost
    """`Unpriced` has one of the reasons of an unpriced call, or of `UNKNOWABLE`."""
    assumptions: tuple[Assumption, ...] = ()

    @property
    def is_known(self) -> bool:
        return isinstance(self.cost, Ledger)


def what_if(call: Call, scenario: Scenario, book: PriceBook) -> WhatIf:
    """At the prices of the call's own day. Never raises."""
    assumed = _imagined(call, scenario)
    reason = _unknowable(call, scenario, assumed, book)
    if reason is not None:
        return WhatIf(Unpriced(reason))
    cost = book.invoices(assumed)
    if cost is None:
        return WhatIf(Unpriced("not_billed"))
    if isinstance(cost, Unpriced):
        return WhatIf(cost)
    if _is_other(call, scenario) and not _modalities(call, book) <= {line.modality for line in lines_of(cost)}:
        return WhatIf(Unpriced("unknown_modality"))
    has_cache = any(line.kind in CACHE_KINDS for line in lines_of(cost))
    return WhatIf(cost[0].ledger, _assumptions(call, scenario, has_cache=has_cache))


def _unknowable(call: Call, scenario: Scenario, assumed: Call, book: PriceBook) -> Unknowable | None:
    if scenario.cache == "all":
        return "unknown_caching"
    if unlisted_reason(assumed) is not None:
        return "several_runs"
    return "context_too_long" if _is_too_long(assumed, book) else None


def named_model(name: str) -> Scenario:
    """The scenario of `provider/model`, or of `model` at the same provider. A slash may be part of a model's name:
    what stands before it counts as a provider only where the price list knows one of that name."""
    provider, slash, model = name.partition("/")
    return Scenario(model, provider) if slash and model and provider in PROVIDER_IDS else Scenario(name)


def _imagined(call: Call, scenario: Scenario) -> Call:
    request, response, usage = call.request, call.response, call.usage
    if _is_other(call, scenario):
        model = scenario.model or response.model or request.model
        request = replace(request, model=model, provider=scenario.provider or request.provider)
        response = replace(response, model=None)
    if scenario.tier is not None or scenario.batch or _changes_provider(call, scenario):
        tier = "batch" if scenario.batch else scenario.tier
        request = replace(request, parameters=replace(request.parameters, service_tier=None))
        response = replace(response, service_tier=tier, speed=None)
    if _changes_provider(call, scenario):
        response = replace(response, inference_geo=None)
        request = replace(request, server_address=None)
    return replace(
        call,
        request=request,
        response=response,
        usage=without_cache(usage) if usage is not None and scenario.cache == "none" else usage,
        cost=call.cost if isinstance(call.cost, Unpriced) else None,
    )


def _assumptions(call: Call, scenario: Scenario, *, has_cache: bool) -> tuple[Assumption, ...]:
    usage = call.usage or Usage()
    cached = (usage.cache_read_tokens or usage.cache_write_tokens or 0) > 0 and scenario.cache is None
    other, elsewhere = _is_other(call, scenario), _changes_provider(call, scenario)
    special = bool(terms_of(call)) and scenario.tier is None and not scenario.batch
    stands: dict[Assumption, bool] = {
        "same_answer": other,
        "same_counts": _is_other_model(call, scenario),
        "same_cache": other and cached and has_cache,
        "no_cache": other and cached and not has_cache,
        "standard_service": elsewhere and special,
        "batch_may_wait": scenario.batch,
    }
    return tuple(word for word, is_so in stands.items() if is_so)


def _is_other(call: Call, scenario: Scenario) -> bool:
    """Whether it is another model, or another provider's service of the same."""
    return _is_other_model(call, scenario) or _changes_provider(call, scenario)


def _is_other_model(call: Call, scenario: Scenario) -> bool:
    return scenario.model is not None and scenario.model not in (call.response.model, call.request.model)


def _changes_provider(call: Call, scenario: Scenario) -> bool:
    return scenario.provider is not None and scenario.provider != call.request.provider


def context_windows(scenario: Scenario, book: PriceBook) -> set[int]:
    """How long a prompt may be, wherever the scenario's model would answer it."""
    if scenario.model is None:
        return set()
    providers = PROVIDER_IDS if scenario.provider is None else (scenario.provider,)
    windows = {book.context_window(provider, scenario.model) for provider in providers}
    return {window for window in windows if window is not None}


def _is_too_long(assumed: Call, book: PriceBook) -> bool:
    model = assumed.response.model or assumed.request.model
    window = None if model is None else book.context_window(assumed.request.provider, model)
    input_tokens = 0 if assumed.usage is None else assumed.usage.input_tokens or 0
    return window is not None and input_tokens > window


def _modalities(call: Call, book: PriceBook) -> set[str | None]:
    """Those that have a price of their own where the call was made; those of all its tokens, where it has no price."""
    invoices = book.invoices(call)
    if isinstance(invoices, tuple):
        return {line.modality for line in lines_of(invoices)} - {None, "text"}
    return {modality for count, modality in MODALITIES.items() if getattr(call.usage, count)}
