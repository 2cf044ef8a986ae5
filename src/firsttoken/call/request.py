"""What was asked of a provider, known before the first byte is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from firsttoken.call.context import NOTHING_SAID, CallContext


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the caller set for this call. None means "not set", never a default."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop_sequences: tuple[str, ...] | None = None
    seed: int | None = None
    choice_count: int | None = None
    reasoning_level: str | None = None
    output_type: str | None = None
    service_tier: str | None = None
    previous_response_id: str | None = None
    """The answer that this one goes on from."""
    conversation_id: str | None = None
    """The conversation, kept by the provider, that the call belongs to."""
    stream_cursor: str | None = None
    """The event after which a stream is taken up again."""
    encoding_formats: tuple[str, ...] | None = None
    dimension_count: int | None = None
    """How many dimensions an embedding is to have."""


@dataclass(frozen=True, slots=True)
class Request:
    """One logical call as the application made it; retries inside the SDK belong to it."""

    operation: str
    """`gen_ai.operation.name`, for example `chat`."""
    provider: str
    """`gen_ai.provider.name`, for example `openai`."""
    api: str
    """The wire that carried it, for example `openai.chat_completions`."""
    model: str | None = None
    stream: bool = False
    server_address: str | None = None
    server_port: int | None = None
    parameters: Parameters = field(default_factory=Parameters)
    context: CallContext = NOTHING_SAID
