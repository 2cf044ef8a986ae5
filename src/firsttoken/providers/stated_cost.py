"""What a provider itself says that a call cost, where its usage object tells.

Sources: OpenRouter, "Usage accounting"; xAI, "Cost tracking"; Perplexity API reference, `Cost` and `ResponsesCost`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from firsttoken.call import Call, Cost, Ledger, Unpriced, stated_in_one
from firsttoken.call.ledger import STATED, ZERO
from firsttoken.providers.fields import get

TICKS_EXPONENT: Final = -10
"""An xAI tick is 10^-10 US dollars."""

PERPLEXITY_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "input": ("input_tokens_cost", "citation_tokens_cost", "input_cost"),
    "cache_read": ("cache_read_cost",),
    "cache_write": ("cache_creation_cost",),
    "output": ("output_tokens_cost", "reasoning_tokens_cost", "output_cost"),
    "tools": ("request_cost", "search_queries_cost", "tool_calls_cost"),
}
"""Which members of the cost make up a part of ours: those of Chat Completions, and of the Responses API."""


def stated_cost(call: Call) -> Cost | None:
    """None where the provider says nothing, or nothing final: a stream that was cut tells its cost so far."""
    read = READERS.get(call.request.provider)
    if read is None or call.raw_usage is None or call.usage is None or call.usage.partial:
        return None
    try:
        usage = json.loads(call.raw_usage, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return read(usage, f"{call.request.provider}{STATED}")


def _openrouter(usage: object, source: str) -> Cost | None:
    """Credits, each a US dollar. With a key of one's own, the upstream provider's bill comes on top of the fee."""
    charged = _amount(get(usage, "cost"))
    if charged is None:
        return None
    upstream = _amount(get(usage, "cost_details", "upstream_inference_cost"))
    own_key = get(usage, "is_byok")
    if own_key is False or (own_key is None and upstream is None):
        return stated_in_one(charged, "USD", source)
    return Unpriced("unknown_tier") if upstream is None else stated_in_one(charged + upstream, "USD", source)


def _xai(usage: object, source: str) -> Cost | None:
    ticks = _amount(get(usage, "cost_in_usd_ticks"))
    return None if ticks is None else stated_in_one(ticks.scaleb(TICKS_EXPONENT), "USD", source)


def _perplexity(usage: object, source: str) -> Cost | None:
    """Split as far as told. Parts that do not add up to the total are not taken for it."""
    cost = get(usage, "cost")
    total, currency = _amount(get(cost, "total_cost")), get(cost, "currency") or "USD"
    if total is None or not isinstance(currency, str):
        return None
    parts = {
        part: sum((_amount(get(cost, name)) or ZERO for name in names), ZERO)
        for part, names in PERPLEXITY_PARTS.items()
    }
    if sum(parts.values(), ZERO) != total:
        return stated_in_one(total, currency, source)
    return Ledger(**parts, currency=currency, source=source)  # pyright: ignore[reportArgumentType]


READERS: Final[Mapping[str, Callable[[object, str], Cost | None]]] = {
    "openrouter": _openrouter,
    "perplexity": _perplexity,
    "x_ai": _xai,
}
"""`gen_ai.provider.name` of those that say it. What others call an estimate is not taken for a bill."""


def _amount(value: object) -> Decimal | None:
    """A number of 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    return amount if amount.is_finite() and amount >= 0 else None
