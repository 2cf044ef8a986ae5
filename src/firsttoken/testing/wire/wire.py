"""The shape of a wire: how one provider's API words an answer or an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firsttoken.testing.answer import Answer
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.sse import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One API of one provider."""

    path: str
    """A request belongs to this wire when its path ends in what this expression finds, whatever a gateway puts in
    front."""
    method: str = "POST"
    needs: Mapping[str, tuple[type, ...]]
    """What a body has to have beside a model, any one of these. Empty where the request has no body."""
    whole: Callable[[Answer, ReceivedRequest], JsonObject]
    events: Callable[[Answer, ReceivedRequest], tuple[bytes, ...]] | None
    """None where answers are never streamed, whatever the request asks for."""
    streams_always: bool = False
    """Whether an answer is streamed without being asked for."""
    stream_type: str = "text/event-stream; charset=utf-8"
    """The content type of a stream."""
    error: Callable[[ErrorAnswer, ReceivedRequest], JsonObject]
    error_event: Callable[[ErrorAnswer, ReceivedRequest], bytes]
    headers: Callable[[ReceivedRequest], Mapping[str, str]]
    """What comes with every reply, the request id first."""
    answers: Callable[[ReceivedRequest], bool] = lambda request: True
    """Whether a request gets a reply at all: over a WebSocket, not every message does."""

    def streams(self, request: ReceivedRequest) -> bool:
        return self.events is not None and (self.streams_always or request.stream)

    def fits(self, request: ReceivedRequest) -> bool:
        return request.method == self.method and re.search(f"{self.path}$", request.path) is not None
