"""What the provider said about its own answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Response:
    """Identity and ending of an answer. None means that the provider did not say."""

    id: str | None = None
    model: str | None = None
    finish_reasons: tuple[str, ...] | None = None
    """One reason per choice, in order; `error` where one was expected and did not come."""
    request_id: str | None = None
    """The provider's id for the HTTP request, from its response headers."""
    status_code: int | None = None
    service_tier: str | None = None
    speed: str | None = None
    """Anthropic's `speed` of the answer: `standard` or `fast`. It changes the price."""
    inference_geo: str | None = None
    """Anthropic's `inference_geo`: where the answer was computed. It can change the price."""
    system_fingerprint: str | None = None
    hidden_reasoning: bool = False
    """True when reasoning tokens were counted in a stream that showed no reasoning: they all came before its start."""
    status: str | None = None
    """How far a stored answer is, in the provider's word: `queued`, `in_progress`, `completed` and so on."""
    counted_tokens: int | None = None
    """The input tokens that the provider counted where it was asked for that alone. Nobody is billed for them."""
    batch_requests: int | None = None
    """How many requests a batch has."""
    batch_failed: int | None = None
    """How many of them have no answer: refused, cancelled or expired."""
    repeated: bool = False
    """True when the answer was read, and its usage counted, before in this process."""
    empty: str | None = None
    """What an answer that ended well had instead of text or a tool call: `no_events`, `no_content` or
    `only_reasoning`. None where it had some, or where that is not known."""
    compacted: bool = False
    """True when the provider shortened the conversation to make room for the answer."""
