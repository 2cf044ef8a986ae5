"""What the replies look like on each provider's wire, as bytes. Nothing here knows a socket or a clock."""

from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.anthropic import ANTHROPIC
from firsttoken.testing.wire.anthropic_platforms import (
    ANTHROPIC_ON_BEDROCK,
    ANTHROPIC_ON_VERTEX,
    ANTHROPIC_STREAMED_ON_BEDROCK,
)
from firsttoken.testing.wire.anthropic_side_calls import (
    ANTHROPIC_BATCH,
    ANTHROPIC_BATCHES,
    ANTHROPIC_COMPLETIONS,
    ANTHROPIC_RESULTS,
    ANTHROPIC_TOKENS,
)
from firsttoken.testing.wire.openai import OPENAI
from firsttoken.testing.wire.openai_completions import OPENAI_COMPLETIONS
from firsttoken.testing.wire.openai_embeddings import OPENAI_EMBEDDINGS
from firsttoken.testing.wire.openai_responses import OPENAI_FETCH, OPENAI_RESPONSES
from firsttoken.testing.wire.openai_socket import OPENAI_SOCKET
from firsttoken.testing.wire.wire import Wire

__all__ = [
    "ANTHROPIC",
    "ANTHROPIC_BATCH",
    "ANTHROPIC_BATCHES",
    "ANTHROPIC_COMPLETIONS",
    "ANTHROPIC_ON_BEDROCK",
    "ANTHROPIC_ON_VERTEX",
    "ANTHROPIC_RESULTS",
    "ANTHROPIC_STREAMED_ON_BEDROCK",
    "ANTHROPIC_TOKENS",
    "OPENAI",
    "OPENAI_COMPLETIONS",
    "OPENAI_EMBEDDINGS",
    "OPENAI_FETCH",
    "OPENAI_RESPONSES",
    "OPENAI_SOCKET",
    "WIRES",
    "Wire",
    "wire_of",
]

WIRES: tuple[Wire, ...] = (
    OPENAI,
    OPENAI_COMPLETIONS,
    OPENAI_EMBEDDINGS,
    OPENAI_RESPONSES,
    OPENAI_FETCH,
    OPENAI_SOCKET,
    ANTHROPIC,
    ANTHROPIC_TOKENS,
    ANTHROPIC_BATCHES,
    ANTHROPIC_BATCH,
    ANTHROPIC_RESULTS,
    ANTHROPIC_COMPLETIONS,
    ANTHROPIC_ON_VERTEX,
    ANTHROPIC_ON_BEDROCK,
    ANTHROPIC_STREAMED_ON_BEDROCK,
)
"""Every wire that the provider server speaks."""


def wire_of(request: ReceivedRequest) -> Wire | None:
    """The wire that a request belongs to, if it does to any."""
    return next((wire for wire in WIRES if wire.fits(request)), None)
