"""Everything on the wire is of a shape that the SDK's own types describe, to the last field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.shared import ErrorResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.shared import ErrorObject
from pydantic import BaseModel, TypeAdapter

from firsttoken.testing import (
    Answer,
    ErrorAnswer,
    ReceivedRequest,
    cached_answer,
    reasoning_answer,
    text_answer,
    tool_call_answer,
    truncated_answer,
)
from firsttoken.testing.wire import ANTHROPIC, OPENAI
from firsttoken.testing.wire.anthropic import ERRORS

ANSWERS = {
    "text": text_answer("Hi"),
    "tools": tool_call_answer(text=("Let", " me")),
    "cached": cached_answer("Hi", write_5m=5, write_1h=1),
    "truncated": replace(truncated_answer("Hi"), obfuscated=True, system_fingerprint="fp_1"),
    "reasoning": reasoning_answer("Hi"),
    "nothing": Answer(),
}
REASONING_CONTENT = "reasoning_content"
"""A field of compatible servers, which OpenAI's own types do not have."""
# anthropic 2.12 has no type for it, and the API has sent it for a long time.
UNTYPED_STATUS = 413


def request(**body: Any) -> ReceivedRequest:
    body = {"model": "a-model", "stream": True, "stream_options": {"include_usage": True}, **body}
    return ReceivedRequest(
        number=1, serial="0001", method="POST", path="/", query="", headers={}, content=b"", body=body
    )


def data_of(events: tuple[bytes, ...]) -> list[dict[str, Any]]:
    lines = [line for event in events for line in event.decode().splitlines() if line.startswith("data: {")]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def unknown_fields(value: object) -> Iterator[str]:
    """The names that the type of a parsed value does not know, at any depth."""
    if isinstance(value, BaseModel):
        yield from value.model_extra or ()
        for name in value.model_fields_set:
            yield from unknown_fields(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from unknown_fields(item)


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_chat_chunk_validates(answer: Answer) -> None:
    chunks = [ChatCompletionChunk.model_validate(data) for data in data_of(OPENAI.events(answer, request()))]
    assert len(chunks) >= 2
    assert set() == set(unknown_fields(chunks)) - {REASONING_CONTENT}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_chat_completion_validates(answer: Answer) -> None:
    assert set() == set(unknown_fields(ChatCompletion.model_validate(OPENAI.whole(answer, request())))) - {
        REASONING_CONTENT
    }


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "nothing"])
def test_every_message_event_validates(name: str) -> None:
    events = data_of(ANTHROPIC.events(ANSWERS[name], request()))
    adapter = TypeAdapter[Any](RawMessageStreamEvent)
    parsed = [adapter.validate_python(data) for data in events if data["type"] != "ping"]
    assert set() == set(unknown_fields(parsed))
    assert [data["type"] for data in events if data["type"] != "ping"] == [event.type for event in parsed]


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "nothing"])
def test_every_message_validates(name: str) -> None:
    assert set() == set(unknown_fields(Message.model_validate(ANTHROPIC.whole(ANSWERS[name], request()))))


def test_every_event_says_in_its_name_what_its_data_says() -> None:
    for event in ANTHROPIC.events(reasoning_answer("Hi"), request()):
        name, data = event.decode().strip().split("\n")
        assert name.removeprefix("event: ") == json.loads(data.removeprefix("data: "))["type"]


def test_a_message_stream_opens_blocks_in_order_with_a_ping_in_the_first() -> None:
    kinds = [data["type"] for data in data_of(ANTHROPIC.events(reasoning_answer("Hi", reasoning=("Hm",)), request()))]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    thinking = [block[0], "ping", "content_block_delta", *block[1:]]  # the second delta is the signature
    assert ["message_start", *thinking, *block, "message_delta", "message_stop"] == kinds


@pytest.mark.parametrize("status", [status for status in ERRORS if status != UNTYPED_STATUS])
def test_every_anthropic_error_is_of_a_known_type(status: int) -> None:
    body = ANTHROPIC.error(ErrorAnswer(status=status), request())
    parsed = ErrorResponse.model_validate(body)
    assert (ERRORS[status][0], set()) == (parsed.error.type, set(unknown_fields(parsed)))


@pytest.mark.parametrize("status", [400, 401, 404, 418, 429, 500, 502, 503])
def test_every_openai_error_has_a_message_and_a_type(status: int) -> None:
    parsed = ErrorObject.model_validate(OPENAI.error(ErrorAnswer(status=status), request())["error"])
    assert parsed.message
    assert set() == set(unknown_fields(parsed))
