"""What one stream came to, complete or cut."""

from __future__ import annotations

from dataclasses import dataclass, field

from firsttoken.call import Outcome, Response, Usage
from firsttoken.call.content import Part, Reasoning, ToolCall


@dataclass(frozen=True, slots=True)
class StreamTiming:
    """Seconds after the request was made, on one monotonic clock. None means "did not happen"."""

    headers_s: float | None = None
    first_event_s: float | None = None
    first_token_s: float | None = None
    """The first event with content: text, reasoning, a refusal or a tool call."""
    duration_s: float | None = None
    """Up to the end, however it came; None while the stream runs."""


@dataclass(frozen=True, slots=True)
class StreamResult:
    """As much as is known. Of a stream that still runs, so far."""

    requested_model: str | None = None
    text: str = ""
    reasoning: tuple[Reasoning, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    parts: tuple[Part, ...] = ()
    """All of the answer, in order; the above are taken from it."""
    usage: Usage | None = None
    """None when the provider reported nothing."""
    response: Response = field(default_factory=Response)
    """Id, served model, finish reasons, request id and status, as the provider gave them."""
    message_id: str | None = None
    timing: StreamTiming = field(default_factory=StreamTiming)
    outcome: Outcome | None = None
    """How it ended; None while it runs."""
    error: Exception | None = None
    """An LLMError, where it failed."""
    trace_id: str | None = None
    span_id: str | None = None
    """Of the call's span, in lower-case hexadecimal; None where there is none."""

    @property
    def finish_reason(self) -> str | None:
        """Of the first choice, in the provider's word."""
        return next(iter(self.response.finish_reasons or ()), None)
