"""How large what was sent and what came back were."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes. None is unknown: a size is read off where somebody has counted it already, and nothing is held for it."""

    request_bytes: int | None = None
    """The body of the HTTP request, as the SDK wrote it."""
    response_bytes: int | None = None
    """As much of the body of the answer as came, packed as it came. Unknown for a stream that was dropped."""
    request_text_bytes: int | None = None
    """The text that was sent to the model, in UTF-8. Known where messages are captured; so too the next."""
    response_text_bytes: int | None = None
    """The text that the model wrote, its reasoning and the arguments of its tool calls included."""
