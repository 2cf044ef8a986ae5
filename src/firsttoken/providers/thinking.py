"""Thinking that only a total tells of: Google's Chat Completions leave it out of the completion they bill it with.

Source: Gemini API, "OpenAI compatibility", where `total_tokens` is of input, output and thinking.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from firsttoken.call import Usage
from firsttoken.providers.fields import count, get

UNTOLD: Final = frozenset({"gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai"})
"""`gen_ai.provider.name` of those whose total counts more than the prompt and the completion beside it."""


def with_thinking(provider: str, usage: Usage | None, raw_usage: str | None) -> Usage | None:
    """The usage with the output that the provider's total has and no count of its own tells. Never raises."""
    if provider not in UNTOLD or usage is None or raw_usage is None or usage.reasoning_tokens is not None:
        return usage
    if usage.partial or usage.input_tokens is None or usage.output_tokens is None:
        return usage
    try:
        total = count(get(json.loads(raw_usage), "total_tokens"))
    except (ValueError, RecursionError):
        return usage
    thinking = (total or 0) - usage.input_tokens - usage.output_tokens
    if thinking <= 0:
        return usage
    return replace(usage, output_tokens=usage.output_tokens + thinking, reasoning_tokens=thinking)
