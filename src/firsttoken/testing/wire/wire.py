"""The shape of a wire: how one provider's API words an answer or an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from firsttoken.testing.answer import Answer
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.sse import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One API of one provider."""

    path_ending: str
    """A request belongs to this wire when its path ends so, whatever a gateway puts in front."""
    whole: Callable[[Answer, ReceivedRequest], JsonObject]
    events: Callable[[Answer, ReceivedRequest], tuple[bytes, ...]]
    error: Callable[[ErrorAnswer, ReceivedRequest], JsonObject]
    error_event: Callable[[ErrorAnswer, ReceivedRequest], bytes]
    headers: Callable[[ReceivedRequest], Mapping[str, str]]
    """What comes with every reply, the request id first."""
