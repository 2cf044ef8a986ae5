"""What a model answers, apart from any wire: the `wire` modules put it in the words of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from firsttoken.call import Usage
from firsttoken.testing.delivery import Delivery
from firsttoken.testing.failure import ErrorAnswer


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool that the model asks for."""

    name: str
    arguments: tuple[str, ...] = ("{}",)
    """JSON text in fragments, one per streamed chunk. Nothing checks that it is JSON: models do not either."""
    id: str | None = None
    """None makes one in the provider's style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer, streamed or whole as the request asks. Every piece is one streamed delta."""

    text: tuple[str, ...] = ()
    reasoning: tuple[str, ...] = ()
    """Chat Completions: `reasoning_content`, as compatible servers send it. Responses: the summary. Anthropic: a
    `thinking` block."""
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    """None reports nothing, as some compatible servers do."""
    truncated: bool = False
    """The answer ran into its token limit."""
    finish_reason: str | None = None
    """The wire's own word; None derives it from what the answer holds. Responses: why one is incomplete, or the code of
    the error for which it failed."""
    status: str | None = None
    """Responses: `queued`, `in_progress`, `completed`, `incomplete`, `failed` or `cancelled`; None derives it."""
    error: ErrorAnswer | None = None
    """A streamed answer breaks off with this error event, a whole one is this HTTP error."""
    error_after: int = 0
    """How many events precede `error`, as the end of a slice."""
    id: str | None = None
    """None makes one that no other reply shares."""
    model: str | None = None
    """None repeats the model of the request."""
    service_tier: str | None = "default"
    system_fingerprint: str | None = None
    obfuscated: bool = False
    """Pads OpenAI chunks with an `obfuscation` field."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Response headers beside the provider's usual ones."""
    delivery: Delivery = field(default_factory=Delivery)

    @property
    def piece_count(self) -> int:
        """How many pieces of content there are, of every kind."""
        return len(self.text) + len(self.reasoning) + sum(len(call.arguments) for call in self.tool_calls)
