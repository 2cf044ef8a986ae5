"""What an Anthropic message used: its own run of the model, and other runs that the same request made.

Source: Anthropic API reference, "Create a Message" (`usage`), and "Compaction" and "Advisor tool" for `iterations`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from firsttoken.call import Portion, Response, Usage, total_of
from firsttoken.providers.fields import count, get, items, text
from firsttoken.providers.wire import reported

KNOWN_COUNTS: Final = frozenset(
    {
        "cache_creation",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "fallback_credit",
        "inference_geo",
        "input_tokens",
        "iterations",
        "output_tokens",
        "output_tokens_details",
        "server_tool_use",
        "service_tier",
        "speed",
    }
)
"""Every member of `usage` that we know, be it read or not."""

SIDE_RUNS: Final = frozenset({"compaction", "advisor_message"})
"""Iterations whose tokens are not in the totals of `usage`."""


@dataclass(frozen=True, slots=True)
class Used:
    """The usage of a message in all, and what is billed apart, where anything is."""

    usage: Usage | None
    portions: tuple[Portion, ...] = ()


def read_usage(usage: object, response: Response) -> Used:
    """Everything that the request is billed for. An advisor is another model, and each run has its own price tier."""
    own = own_usage(usage)
    sides = [run for run in items(get(usage, "iterations")) if text(get(run, "type")) in SIDE_RUNS]
    if own is None or not sides:
        return Used(own)
    portions = [Portion(own_usage(run) or Usage(), _served(run, response)) for run in sides]
    side = total_of(portion.usage for portion in portions)
    whole = total_of([own, side])
    sided = replace(whole, side_input_tokens=side.input_tokens, side_output_tokens=side.output_tokens)
    return Used(sided, (Portion(own, response), *portions))


def own_usage(usage: object) -> Usage | None:
    """The counts of one run. The input total is the sum of the three parts that Anthropic counts apart (conventions,
    Anthropic refinement)."""
    uncached = count(get(usage, "input_tokens"))
    cache_read = count(get(usage, "cache_read_input_tokens"))
    cache_write = count(get(usage, "cache_creation_input_tokens"))
    return reported(
        Usage(
            input_tokens=None if uncached is None else uncached + (cache_read or 0) + (cache_write or 0),
            output_tokens=count(get(usage, "output_tokens")),
            cache_read_tokens=cache_read,
            cache_write_tokens=cache_write,
            cache_write_5m_tokens=count(get(usage, "cache_creation", "ephemeral_5m_input_tokens")),
            cache_write_1h_tokens=count(get(usage, "cache_creation", "ephemeral_1h_input_tokens")),
            reasoning_tokens=count(get(usage, "output_tokens_details", "thinking_tokens")),
            web_search_requests=count(get(usage, "server_tool_use", "web_search_requests")),
            web_fetch_requests=count(get(usage, "server_tool_use", "web_fetch_requests")),
        )
    )


def _served(run: object, response: Response) -> Response:
    """The terms of the request, and the model of the run where that is another."""
    return replace(response, model=text(get(run, "model")) or response.model)
