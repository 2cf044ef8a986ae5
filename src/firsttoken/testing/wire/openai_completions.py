"""Legacy Completions: https://platform.openai.com/docs/api-reference/completions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue

from firsttoken.testing.answer import Answer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.openai import (
    DONE,
    choice_count,
    error,
    error_event,
    finish_reason,
    headers,
    identity,
    includes_usage,
    usage_object,
)
from firsttoken.testing.wire.sse import JsonObject, data_event
from firsttoken.testing.wire.wire import Wire

KIND = "text_completion"


def whole(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """A `text_completion` object."""
    text = "".join(answer.text)
    body = _identity(answer, request)
    body["choices"] = [_choice(index, text, finish_reason(answer)) for index in range(choice_count(request))]
    if answer.usage is not None:
        body["usage"] = usage_object(answer.usage)
    return body


def events(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    """Every event of a streamed answer, `[DONE]` included. Each is a `text_completion` object too."""
    return (*(data_event(chunk) for chunk in _chunks(answer, request)), DONE)


def _chunks(answer: Answer, request: ReceivedRequest) -> Iterator[JsonObject]:
    head = _identity(answer, request)
    pieces = [*((piece, None) for piece in answer.text), ("", finish_reason(answer))]
    for text, reason in pieces:
        for index in range(choice_count(request)):
            yield {**head, "choices": [_choice(index, text, reason)]}
    if answer.usage is not None and includes_usage(request):
        yield {**head, "choices": [], "usage": usage_object(answer.usage)}


def _choice(index: int, text: str, reason: str | None) -> JsonValue:
    return {"index": index, "text": text, "logprobs": None, "finish_reason": reason}


def _identity(answer: Answer, request: ReceivedRequest) -> JsonObject:
    named = replace(answer, id=answer.id or f"cmpl-{request.serial}", service_tier=None)
    return identity(named, request, KIND)


OPENAI_COMPLETIONS = Wire(
    path=r"(?<!/chat)/completions",
    needs={"prompt": (str, list)},
    whole=whole,
    events=events,
    error=error,
    error_event=error_event,
    headers=headers,
)
