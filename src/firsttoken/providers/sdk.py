"""Where each SDK is patched: the one method through which all its calls go, and the wires behind its paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.wire import Wire


@dataclass(frozen=True, slots=True)
class Sdk:
    """One provider SDK. Both known ones are generated alike, so their seams have the same names."""

    distribution: str
    oldest: str
    """The oldest version that is tested."""
    provider: str
    """The provider's name when the client says nothing more precise."""
    wires: dict[str, Wire]
    """By the path of the request, without its query."""
    request_id_header: str
    module: str
    """The module that holds the two base clients."""
    sync_client: str = "SyncAPIClient"
    async_client: str = "AsyncAPIClient"
    seam: str = "request"
    retry_seam: str = "_calculate_retry_timeout"
    """Called once before each retry; only counted, so its absence costs the count alone."""
    span_seam: str | None = None
    """The function that starts the SDK's own span, where it has one."""


OPENAI: Final = Sdk(
    distribution="openai",
    oldest="1.60",
    provider="openai",
    wires={"/chat/completions": OpenAIChat()},
    request_id_header="x-request-id",
    module="openai._base_client",
)

ANTHROPIC: Final = Sdk(
    distribution="anthropic",
    oldest="0.49",
    provider="anthropic",
    wires={"/v1/messages": AnthropicMessages()},
    request_id_header="request-id",
    module="anthropic._base_client",
    span_seam="start_api_call_span",
)
