"""What the provider server received, and what became of the reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from pydantic import JsonValue

SOCKET = "WEBSOCKET"
"""What stands for the method of a request that is a message on a WebSocket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """One HTTP request, or one message on a WebSocket, with the target and the headers of the request that opened it.

    A snapshot: the last two fields are settled when the reply has ended.
    """

    number: int
    """Counts the requests to this server from 1."""
    serial: str
    """Stands in the ids of the reply and is never used twice, by any server."""
    method: str
    path: str
    query: str
    """What follows the question mark, empty without one."""
    headers: Mapping[str, str]
    """Names in lower case, in the order received."""
    content: bytes
    body: dict[str, JsonValue]
    """`content` as JSON; empty where it is no JSON object."""
    chunks_sent: int = 0
    """How many chunks of the reply went out."""
    client_disconnected: bool | None = None
    """Whether the client left before the last chunk was sent; None while the reply is under way."""

    @property
    def model(self) -> str | None:
        model = self.body.get("model")
        return model if isinstance(model, str) else None

    @property
    def stream(self) -> bool:
        """As the body says, or the query of a request without one. Over a WebSocket everything is streamed."""
        if self.method == SOCKET:
            return True
        return self.body.get("stream") is True or parse_qs(self.query).get("stream") == ["true"]

    @property
    def retry_count(self) -> int:
        """How many times the SDK has sent this request before, by its own account."""
        count = self.headers.get("x-stainless-retry-count", "0")
        return int(count) if count.isdecimal() else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a reply ended: the part of a ReceivedRequest that is known last."""

    chunks_sent: int
    client_disconnected: bool
