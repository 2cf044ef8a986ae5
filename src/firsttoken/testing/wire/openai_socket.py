"""Responses over a WebSocket: each message of the client asks for a response, each event is a message of its own.

Source: OpenAI API reference, "Responses: WebSocket mode".
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import JsonValue

from firsttoken.testing.answer import Answer
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.received import SOCKET, ReceivedRequest
from firsttoken.testing.wire.openai import error
from firsttoken.testing.wire.openai_responses import OPENAI_RESPONSES, numbered_events
from firsttoken.testing.wire.sse import JsonObject, json_bytes


def messages(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    """Every event of an answer, marked with the lane that its request names."""
    return tuple(json_bytes({**data, **lane(request)}) for _, data in numbered_events(answer, request))


def refusal(failed: ErrorAnswer, request: ReceivedRequest) -> JsonObject:
    """A request that is refused: what would be an HTTP error, as an event."""
    return {"type": "error", "status": failed.status, "error": _details(failed, request), **lane(request)}


def error_event(failed: ErrorAnswer, request: ReceivedRequest) -> bytes:
    """An error of a response that has begun: it is numbered among its events."""
    event: JsonObject = {"type": "error", "error": _details(failed, request), "sequence_number": 0, **lane(request)}
    return json_bytes(event)


def lane(request: ReceivedRequest) -> JsonObject:
    """`stream_id` comes back with each event of a response that was asked for with one."""
    return {"stream_id": request.body["stream_id"]} if "stream_id" in request.body else {}


def _details(failed: ErrorAnswer, request: ReceivedRequest) -> JsonValue:
    details = error(failed, request)["error"]
    return {**details, "headers": dict(failed.headers)} if isinstance(details, dict) and failed.headers else details


def _asks(request: ReceivedRequest) -> bool:
    return request.body.get("type") == "response.create"


OPENAI_SOCKET = replace(
    OPENAI_RESPONSES,
    method=SOCKET,
    answers=_asks,
    events=messages,
    error=refusal,
    error_event=error_event,
)
