"""How much of its rate limits a provider said was left."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateLimits:
    """As the headers of an answer tell. None means that they did not."""

    requests_limit: int | None = None
    requests_remaining: int | None = None
    requests_reset_ns: int | None = None
    """From the answer to the moment when the whole limit is there again. So too below."""
    tokens_limit: int | None = None
    tokens_remaining: int | None = None
    tokens_reset_ns: int | None = None
    input_tokens_limit: int | None = None
    input_tokens_remaining: int | None = None
    input_tokens_reset_ns: int | None = None
    output_tokens_limit: int | None = None
    output_tokens_remaining: int | None = None
    output_tokens_reset_ns: int | None = None
