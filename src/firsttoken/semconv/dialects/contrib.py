"""OpenTelemetry's own instrumentations (`opentelemetry-instrumentation-openai-v2` and the library they share)."""

from __future__ import annotations

from typing import Final

from firsttoken.semconv import names, own
from firsttoken.semconv.dialects.dialect import Dialect, Sent
from firsttoken.semconv.dialects.indexed import json_value
from firsttoken.semconv.read_messages import objects

SCOPES: Final = ("opentelemetry.util.genai", "opentelemetry.instrumentation.openai_v2")
SHORTEST_CACHED_TOKENS: Final = 1_024
"""OpenAI caches no shorter prompt."""
UNKNOWN_CACHE: Final = "unknown_cache"


def _more(sent: Sent) -> dict[str, object]:
    """Streams tell why they ended in the answer alone; and before its version 1.1 nothing tells of cached tokens, so
    that nobody knows what a prompt cost that may have been cached."""
    told: dict[str, object] = {}
    attributes = sent.attributes
    if names.GEN_AI_RESPONSE_FINISH_REASONS not in attributes:
        answers = objects(json_value(attributes.get(names.GEN_AI_OUTPUT_MESSAGES)))
        reasons = [answer["finish_reason"] for answer in answers if isinstance(answer.get("finish_reason"), str)]
        if reasons:
            told[names.GEN_AI_RESPONSE_FINISH_REASONS] = reasons
    prompt = attributes.get(names.GEN_AI_USAGE_INPUT_TOKENS)
    may_be_cached = isinstance(prompt, int) and prompt >= SHORTEST_CACHED_TOKENS
    is_embedding = attributes.get(names.GEN_AI_OPERATION_NAME) == "embeddings"
    if may_be_cached and not is_embedding and names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS not in attributes:
        told[own.COST_UNPRICED] = UNKNOWN_CACHE
    return told


CONTRIB: Final = Dialect("OpenTelemetry contrib", SCOPES, more=_more)
