"""What a call is billed by: its tokens in parts that do not overlap, its tools, and the terms that it was served on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from firsttoken.call import Call, Unpriced, Usage, operation_called

STANDARD_TIERS: Final = frozenset({"auto", "default", "on_demand", "standard", "standard_only"})
"""Words of the providers for "no special terms". `auto` is what was asked for where the answer names no tier."""

STANDARD_REGIONS: Final = frozenset({"global", "not_available"})
"""Values of Anthropic's `inference_geo` that carry no surcharge."""


SHORT_COUNTS: Final = frozenset({"unknown_cache"})
"""Why a call was left without a price by who read it: what its counts do not tell, nobody can price later."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A call reduced to what its price depends on."""

    provider: str
    at: datetime
    """When the request was made, in UTC: prices change with the date and with the time of day."""
    terms: frozenset[str]
    """Everything about the service that is not standard, for example `flex`. Empty is the standard service."""
    usage: Usage
    """As reported, with no part larger than its total."""
    uncached_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    """Writes without the one-hour ones: the provider's default lifetime, five minutes."""
    cache_write_1h_tokens: int
    output_tokens: int
    web_searches: int
    asked_model: str | None = None
    server_address: str | None = None
    largest_input_tokens: int | None = None
    """The largest input, where the usage is that of several runs: no price depends on the sum of their prompts."""

    @property
    def cache_write_kind(self) -> Literal["cache_write", "cache_write_5m"]:
        """What its writes but for the one-hour ones are: of five minutes, where the provider says so."""
        told = self.usage.cache_write_5m_tokens
        return "cache_write" if told is None or told != self.cache_write_tokens else "cache_write_5m"


def bill_of(call: Call, largest_input_tokens: int | None = None) -> Bill | Unpriced:
    """Only what the provider counted itself, whole and without contradiction, is billed."""
    usage = call.usage
    if isinstance(call.cost, Unpriced) and call.cost.reason in SHORT_COUNTS:
        return call.cost
    if usage is None:
        return Unpriced("unknown_usage")
    if usage.partial:
        return Unpriced("partial_usage")
    output_tokens = usage.output_tokens
    if output_tokens is None and not operation_called(call.request.operation).is_inference:
        output_tokens = 0
    if usage.input_tokens is None or output_tokens is None:
        return Unpriced("unknown_usage")
    read = usage.cache_read_tokens or 0
    write_1h = usage.cache_write_1h_tokens or 0
    write = usage.cache_write_tokens
    if write is None:
        write = (usage.cache_write_5m_tokens or 0) + write_1h
    bill = Bill(
        provider=call.request.provider,
        at=datetime.fromtimestamp(call.timing.started_unix_ns / 1e9, UTC),
        terms=terms_of(call),
        usage=usage,
        uncached_tokens=usage.input_tokens - read - write,
        cache_read_tokens=read,
        cache_write_tokens=write - write_1h,
        cache_write_1h_tokens=write_1h,
        output_tokens=output_tokens,
        web_searches=usage.web_search_requests or 0,
        asked_model=call.request.model,
        server_address=call.request.server_address,
        largest_input_tokens=largest_input_tokens,
    )
    return bill if _adds_up(bill) else Unpriced("unknown_usage")


def _adds_up(bill: Bill) -> bool:
    """False where a part is negative or exceeds its total: such counts follow other rules than ours."""
    usage = bill.usage
    in_kinds = (usage.input_text_tokens, usage.input_image_tokens, usage.input_audio_tokens)
    out_kinds = (usage.output_text_tokens, usage.output_image_tokens, usage.output_audio_tokens)
    remainders = (
        bill.uncached_tokens,
        bill.cache_write_tokens,
        bill.cache_write_tokens - (usage.cache_write_5m_tokens or 0),
        (usage.input_tokens or 0) - sum(known or 0 for known in in_kinds),
        bill.output_tokens - (usage.reasoning_tokens or 0),
        bill.output_tokens - sum(known or 0 for known in out_kinds),
    )
    counts = (bill.cache_read_tokens, bill.cache_write_1h_tokens, bill.output_tokens)
    return all(count >= 0 for count in (*remainders, *counts))


def terms_of(call: Call) -> frozenset[str]:
    """Everything about the service that is not standard."""
    response = call.response
    terms = {response.service_tier or call.request.parameters.service_tier, response.speed} - STANDARD_TIERS
    if response.inference_geo and response.inference_geo not in STANDARD_REGIONS:
        terms.add(f"geo:{response.inference_geo}")
    return frozenset(term for term in terms if term)
