"""Responses: https://platform.openai.com/docs/api-reference/responses."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

from firsttoken.call import Usage
from firsttoken.testing.answer import Answer
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.json_value import member
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.openai import CREATED_UNIX_S, ERRORS, error, headers
from firsttoken.testing.wire.response_items import Event, items, streamed_items
from firsttoken.testing.wire.sse import JsonObject, named_event
from firsttoken.testing.wire.wire import Wire

UNFINISHED = ("queued", "in_progress")
LAST_EVENTS = ("completed", "incomplete", "failed")
"""Statuses that have an event of their own; the stream of a response that is cancelled just ends."""
ECHOED = ("instructions", "max_output_tokens", "previous_response_id", "temperature", "top_p")
"""What a response repeats of its request, or null."""


def whole(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """A `response` object. One that is not finished has neither output nor usage yet."""
    status = _status(answer)
    response = _response(answer, request, status)
    if status in UNFINISHED:
        return response
    response["output"] = items(answer, request)
    if status == "failed":
        code, message = answer.finish_reason or "server_error", "The model failed to generate a response."
        response["error"] = {"code": code, "message": message}
    if status == "incomplete":
        response["incomplete_details"] = {"reason": answer.finish_reason or "max_output_tokens"}
    if answer.usage is not None:
        response["usage"] = usage_object(answer.usage)
    return response


def events(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    """Every event of a streamed answer that comes after the one at which the request takes it up again."""
    after = _cursor(request)
    return tuple(named_event(kind, data) for kind, data in numbered_events(answer, request)[after + 1 :])


def numbered_events(answer: Answer, request: ReceivedRequest) -> tuple[Event, ...]:
    """Every event of an answer with its data, type and number included."""
    return tuple(
        (kind, {"type": kind, "sequence_number": number, **data})
        for number, (kind, data) in enumerate(_events(answer, request))
    )


def error_event(failed: ErrorAnswer, request: ReceivedRequest) -> bytes:
    """An error in a stream that has begun with status 200: an event of its own."""
    kind, code, message = ERRORS.get(failed.status, ERRORS[400 if failed.status < 500 else 500])
    event: JsonObject = {
        "type": "error",
        "code": failed.code or code or failed.type or kind,
        "message": failed.message or message,
        "param": failed.param,
        "sequence_number": 0,
    }
    return named_event("error", event)


def usage_object(usage: Usage) -> JsonObject:
    """The API says 0 where nothing was cached or reasoned; `input_tokens` includes the cached ones."""
    given, made = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "input_tokens": given,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read_tokens or 0,
            "cache_write_tokens": usage.cache_write_tokens or 0,
        },
        "output_tokens": made,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
        "total_tokens": given + made,
    }


def _events(answer: Answer, request: ReceivedRequest) -> Iterator[Event]:
    opening = "queued" if request.body.get("background") is True else "in_progress"
    yield "response.created", {"response": _response(answer, request, opening)}
    yield f"response.{opening}", {"response": _response(answer, request, opening)}
    yield from streamed_items(answer, request)
    status = _status(answer)
    if status in LAST_EVENTS:
        yield f"response.{status}", {"response": whole(answer, request)}


def _response(answer: Answer, request: ReceivedRequest, status: str) -> JsonObject:
    body = request.body
    response: JsonObject = {
        "id": answer.id or _fetched_id(request) or f"resp_{request.serial}",
        "object": "response",
        "created_at": CREATED_UNIX_S,
        "status": status,
        "background": body.get("background") is True,
        "error": None,
        "incomplete_details": None,
        "metadata": {},
        "model": answer.model or request.model or "",
        "output": [],
        "parallel_tool_calls": True,
        "reasoning": {"effort": member(body, "reasoning", "effort"), "summary": None},
        "text": {"format": member(body, "text", "format") or {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "truncation": "disabled",
        "usage": None,
    }
    if answer.service_tier is not None:
        response["service_tier"] = answer.service_tier
    return response | {name: body.get(name) for name in ECHOED}


def _status(answer: Answer) -> str:
    return answer.status or ("incomplete" if answer.truncated else "completed")


def _fetched_id(request: ReceivedRequest) -> str | None:
    return request.path.rpartition("/")[2] if request.method == "GET" else None


def _cursor(request: ReceivedRequest) -> int:
    asked = parse_qs(request.query).get("starting_after", ["-1"])[0]
    return int(asked) if asked.isdecimal() else -1


OPENAI_RESPONSES = Wire(
    path="/responses",
    needs={"input": (str, list), "prompt": (dict,)},
    whole=whole,
    events=events,
    error=error,
    error_event=error_event,
    headers=headers,
)
OPENAI_FETCH = Wire(
    path="/responses/[^/]+",
    method="GET",
    needs={},
    whole=whole,
    events=events,
    error=error,
    error_event=error_event,
    headers=headers,
)
"""A response that was made before. What it says is up to the script: the server remembers none."""
