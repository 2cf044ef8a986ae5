"""Where each SDK is patched: the one method through which all its calls go, and the wires behind its paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from firsttoken.providers.anthropic_batches import AnthropicBatchCreation, AnthropicBatchResults
from firsttoken.providers.anthropic_completions import AnthropicCompletions
from firsttoken.providers.anthropic_messages import AnthropicMessages
from firsttoken.providers.anthropic_tokens import AnthropicTokenCount
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.providers.openai_completions import OpenAICompletions
from firsttoken.providers.openai_embeddings import OpenAIEmbeddings
from firsttoken.providers.openai_responses import OpenAIFetchResponse, OpenAIResponses
from firsttoken.providers.wire import Wire


@dataclass(frozen=True, slots=True)
class Route:
    """Requests of one kind, and the wire that they go by."""

    path: re.Pattern[str]
    """Fits the whole path of the request, without its query."""
    wire: Callable[..., Wire]
    """Makes the wire of one request from the named groups of `path`."""
    method: str = "post"


@dataclass(frozen=True, slots=True)
class SocketSeam:
    """A module of an SDK with connections over which responses are asked for and come. Each holds one WebSocket."""

    module: str
    since: str
    """The version of the SDK from which on there is one."""
    connections: tuple[str, ...] = ("ResponsesConnection", "AsyncResponsesConnection")
    socket: str = "_connection"
    """Where a connection holds its WebSocket."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """One provider SDK. Both known ones are generated alike, so their seams have the same names."""

    distribution: str
    oldest: str
    """The oldest version that is tested."""
    provider: str
    """The provider's name when the client says nothing more precise."""
    routes: tuple[Route, ...]
    """The requests that are calls. The first one that fits decides."""
    request_id_header: str
    module: str
    """The module that holds the two base clients."""
    peeks: Mapping[str, str] = field(default_factory=dict[str, str])
    """Modules of some versions that take what `sys.modules` has under a name for whole, and raise in the middle of a
    call where it is still being imported. The price list brings such a one with it."""
    sync_client: str = "SyncAPIClient"
    async_client: str = "AsyncAPIClient"
    seam: str = "request"
    retry_seam: str = "_calculate_retry_timeout"
    """Gives how long to wait before each retry. Its absence costs what is known of retries, and nothing else."""
    pause_seam: str = "_sleep_for_retry"
    """Given the answer that is followed by a retry. SDKs that lack it retry while they handle its exception."""
    answer_seam: str = "_process_response"
    """Given an HTTP response to parse; its absence costs the status and the request's id of calls that went well."""
    span_seam: str | None = None
    """The function that starts the SDK's own span, where it has one."""
    trace_seam: str | None = None
    """The name of `opentelemetry.trace` there, by which the SDK makes its own span current."""
    sockets: tuple[SocketSeam, ...] = ()

    def wire_for(self, method: str, url: str) -> Wire | None:
        """How a request is read; None for one that is no call. The address of what was stored may be a whole URL."""
        path, method = urlsplit(url).path, method.lower()
        for route in self.routes:
            if route.method == method and (match := route.path.fullmatch(path)):
                return route.wire(**match.groupdict())
        return None


OPENAI: Final = Sdk(
    distribution="openai",
    oldest="1.60",
    provider="openai",
    routes=(
        Route(re.compile("/chat/completions"), OpenAIChat),
        Route(re.compile("/responses"), OpenAIResponses),
        Route(re.compile("/responses/(?P<fetched>[^/]+)"), OpenAIFetchResponse, method="get"),
        Route(re.compile("/embeddings"), OpenAIEmbeddings),
        Route(re.compile("/completions"), OpenAICompletions),
    ),
    request_id_header="x-request-id",
    module="openai._base_client",
    peeks={"openai._httpx2": "httpx2"},
    sockets=(
        SocketSeam("openai.resources.responses.responses", since="2.22"),
        SocketSeam("openai.resources.beta.responses.responses", since="3.0"),
    ),
)

ANTHROPIC: Final = Sdk(
    distribution="anthropic",
    oldest="0.49",
    provider="anthropic",
    routes=(
        Route(re.compile("/v1/messages"), AnthropicMessages),
        Route(re.compile("/v1/messages/count_tokens"), AnthropicTokenCount),
        Route(re.compile("/v1/messages/batches"), AnthropicBatchCreation),
        Route(re.compile(".*/v1/messages/batches/(?P<batch>[^/]+)/results"), AnthropicBatchResults, method="get"),
        Route(re.compile("/v1/complete"), AnthropicCompletions),
    ),
    request_id_header="request-id",
    module="anthropic._base_client",
    span_seam="start_api_call_span",
    trace_seam="trace",
)
