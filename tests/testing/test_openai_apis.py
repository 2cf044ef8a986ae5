"""Responses, Embeddings and legacy Completions of the provider server, as the real SDK reads them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import openai
import pytest
from openai.types import Completion, CreateEmbeddingResponse
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from firsttoken.call import Usage
from firsttoken.testing import (
    Answer,
    ErrorAnswer,
    ProviderServer,
    ReceivedRequest,
    cached_answer,
    reasoning_answer,
    text_answer,
    tool_call_answer,
    truncated_answer,
    unmetered_answer,
)
from firsttoken.testing.wire import OPENAI_COMPLETIONS, OPENAI_EMBEDDINGS, OPENAI_RESPONSES
from testing.callers import async_openai_client, openai_client
from testing.test_wire_shapes import data_of, request, unknown_fields

ASKED: dict[str, Any] = {"model": "gpt-4o", "input": "Hello?"}
ANSWERS = {
    "text": text_answer("Grüß", " Gott"),
    "tools": tool_call_answer(text=("Let", " me")),
    "cached": cached_answer("Hi"),
    "truncated": truncated_answer("Hel"),
    "reasoning": reasoning_answer("Hi", reasoning=("Say", " hi")),
    "unmetered": unmetered_answer("Hi"),
    "queued": replace(text_answer("Hi"), status="queued"),
    "failed": replace(text_answer("Hi"), status="failed", finish_reason="rate_limit_exceeded"),
    "filtered": replace(text_answer("Hi"), status="incomplete", finish_reason="content_filter"),
    "cancelled": replace(text_answer("Hi"), status="cancelled"),
    "nothing": Answer(),
}
EVENTS = TypeAdapter[Any](ResponseStreamEvent)
EVERY_ANSWER = pytest.mark.parametrize("name", ANSWERS)


class Weather(BaseModel):
    city: str
    days: int


def streamed(server: ProviderServer, **more: Any) -> list[Any]:
    with openai_client(server, max_retries=0) as client:
        return list(client.responses.create(**ASKED | more, stream=True))


def streamed_async(server: ProviderServer, **more: Any) -> list[Any]:
    async def ask() -> list[Any]:
        async with async_openai_client(server, max_retries=0) as client:
            return [event async for event in await client.responses.create(**ASKED | more, stream=True)]

    return asyncio.run(ask())


@EVERY_ANSWER
def test_every_response_validates(name: str) -> None:
    parsed = Response.model_validate(OPENAI_RESPONSES.whole(ANSWERS[name], request(input="Hello?")))
    assert set() == set(unknown_fields(parsed))


@EVERY_ANSWER
def test_every_event_of_a_response_validates_and_is_numbered(name: str) -> None:
    assert OPENAI_RESPONSES.events is not None
    events = data_of(OPENAI_RESPONSES.events(ANSWERS[name], request(input="Hello?")))
    parsed = [EVENTS.validate_python(data) for data in events]
    assert set() == set(unknown_fields(parsed))
    assert [data["type"] for data in events] == [event.type for event in parsed]
    assert [event.sequence_number for event in parsed] == list(range(len(events)))


@pytest.mark.parametrize("name", [name for name in ANSWERS if name not in ("queued", "cancelled")])
@pytest.mark.parametrize("read", [streamed, streamed_async])
def test_a_stream_ends_with_the_response_that_comes_whole(server: ProviderServer, read: Any, name: str) -> None:
    answer = replace(ANSWERS[name], id="resp_1")
    server.enqueue(answer, answer)
    with openai_client(server) as client:
        whole = client.responses.create(**ASKED)
    streamed_response = read(server)[-1].response
    assert (whole.output_text, whole.status) == (streamed_response.output_text, streamed_response.status)
    assert [item.type for item in whole.output] == [item.type for item in streamed_response.output]
    assert whole.usage == streamed_response.usage
    assert whole.error == streamed_response.error


def test_the_deltas_of_a_stream_are_the_pieces_of_the_answer(server: ProviderServer) -> None:
    server.enqueue(replace(reasoning_answer("Grüß", " Gott", reasoning=("Hm", "."))))
    deltas = [(event.type, event.delta) for event in streamed(server) if event.type.endswith(".delta")]
    thought, said = "response.reasoning_summary_text.delta", "response.output_text.delta"
    assert [(thought, "Hm"), (thought, "."), (said, "Grüß"), (said, " Gott")] == deltas


def test_usage_counts_every_token_once(server: ProviderServer) -> None:
    server.enqueue(cached_answer("Hi", read=100))
    with openai_client(server) as client:
        usage = client.responses.create(**ASKED).usage
    assert usage is not None
    assert (usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.total_tokens) == (112, 100, 113)


def test_the_helpers_read_responses_to_their_end(server: ProviderServer) -> None:
    server.enqueue(tool_call_answer(), text_answer('{"city": "Bern", "days": 2}'))
    with openai_client(server) as client:
        with client.responses.stream(**ASKED) as stream:
            (call,) = stream.get_final_response().output
        parsed = client.responses.parse(**ASKED, text_format=Weather).output_parsed
    assert (call.type, parsed) == ("function_call", Weather(city="Bern", days=2))


def test_an_error_event_is_handed_to_the_caller(server: ProviderServer) -> None:
    failed = ErrorAnswer(status=500, message="It broke.")
    server.enqueue(replace(text_answer("Hi"), error=failed, error_after=2))
    last = streamed(server)[-1]
    assert (last.type, last.code, last.message) == ("error", "server_error", "It broke.")


def test_a_stream_is_taken_up_after_the_event_that_was_seen_last(server: ProviderServer) -> None:
    answer = replace(text_answer("One", " two"), id="resp_1")
    server.enqueue(answer, answer)
    with openai_client(server) as client:
        all_events = streamed(server)
        rest = list(client.responses.retrieve("resp_1", stream=True, starting_after=3))
    assert [event.sequence_number for event in rest] == [event.sequence_number for event in all_events[4:]]
    assert all_events[-1].response.id == rest[-1].response.id == "resp_1"


def test_by_default_a_background_response_is_queued_and_found_complete_later(server: ProviderServer) -> None:
    with openai_client(server) as client:
        made = client.responses.create(**ASKED, background=True)
        found = client.responses.retrieve(made.id)
    assert (made.status, made.usage, made.output) == ("queued", None, [])
    assert (found.id, found.status, bool(found.output_text)) == (made.id, "completed", True)


def test_a_tool_result_is_answered_with_text(server: ProviderServer) -> None:
    tool: Any = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}, "strict": False}
    result: Any = [{"type": "function_call_output", "call_id": "call_1", "output": "4"}]
    with openai_client(server) as client:
        called = client.responses.create(**ASKED, tools=[tool])
        answered = client.responses.create(model="gpt-4o", input=result, tools=[tool])
    assert [item.type for item in called.output] == ["function_call"]
    assert [item.type for item in answered.output] == ["message"]


@pytest.mark.parametrize("encoding", ["float", "base64", None])
def test_embeddings_are_the_same_in_either_form(server: ProviderServer, encoding: Any) -> None:
    more = {} if encoding is None else {"encoding_format": encoding}
    with openai_client(server) as client:
        answer = client.embeddings.create(model="text-embedding-3-small", input=["a", "b", "a"], dimensions=4, **more)
    if encoding == "base64":
        assert all(isinstance(each.embedding, str) for each in answer.data)
        return
    first, other, again = (each.embedding for each in answer.data)
    assert (len(first), first == again, first == other) == (4, True, False)
    assert first == pytest.approx([-0.328503, -0.726908, 0.468688, 0.601404])


@pytest.mark.parametrize(("given", "count"), [("a", 1), ([1, 2, 3], 1), ([[1], [2]], 2), (["a", "b"], 2)])
def test_every_input_has_an_embedding(given: Any, count: int) -> None:
    body = OPENAI_EMBEDDINGS.whole(Answer(usage=Usage(input_tokens=3)), request(input=given))
    parsed = CreateEmbeddingResponse.model_validate(body)
    assert (set(), count, 3) == (set(unknown_fields(parsed)), len(parsed.data), parsed.usage.prompt_tokens)


def test_embeddings_are_never_streamed(server: ProviderServer) -> None:
    with openai_client(server) as client:
        answer = client.embeddings.create(model="m", input="a", extra_body={"stream": True})
    assert len(answer.data[0].embedding) == 8


@pytest.mark.parametrize("name", ["text", "cached", "truncated", "unmetered", "nothing"])
def test_every_completion_validates_streamed_and_whole(name: str) -> None:
    assert OPENAI_COMPLETIONS.events is not None
    chunks = [Completion.model_validate(_reasoned(data)) for data in data_of(_completion_events(name))]
    whole = Completion.model_validate(OPENAI_COMPLETIONS.whole(ANSWERS[name], request(prompt="Once")))
    assert set() == set(unknown_fields([*chunks, whole]))
    assert whole.choices[0].text == "".join(choice.text for chunk in chunks for choice in chunk.choices)


def test_the_sdk_reads_completions_to_their_end(server: ProviderServer) -> None:
    server.enqueue(truncated_answer("Once", " upon"))
    options: Any = {"include_usage": True}
    with openai_client(server) as client:
        chunks = list(client.completions.create(model="m", prompt="Once", stream=True, stream_options=options))
    assert [choice.text for chunk in chunks for choice in chunk.choices] == ["Once", " upon", ""]
    assert (chunks[-2].choices[0].finish_reason, chunks[-1].usage is not None) == ("length", True)


@pytest.mark.parametrize(
    ("path", "content", "lack"),
    [
        ("/v1/responses", b'{"model": "m"}', "input or prompt"),
        ("/v1/embeddings", b'{"input": "a"}', "input"),
        ("/v1/completions", b'{"model": "m", "messages": []}', "prompt"),
    ],
)
def test_a_body_without_what_an_api_needs_is_a_bad_request(
    server: ProviderServer, path: str, content: bytes, lack: str
) -> None:
    with openai_client(server, max_retries=0) as client, pytest.raises(openai.BadRequestError, match=lack):
        client.post(path.removeprefix("/v1"), cast_to=object, body=json.loads(content))


def _completion_events(name: str) -> tuple[bytes, ...]:
    assert OPENAI_COMPLETIONS.events is not None
    return OPENAI_COMPLETIONS.events(ANSWERS[name], request(prompt="Once"))


def _reasoned(data: dict[str, Any]) -> dict[str, Any]:
    """With a finish reason in every choice: the SDK's type has none that is missing, and the API sends null."""
    return {
        **data,
        "choices": [{**choice, "finish_reason": choice["finish_reason"] or "stop"} for choice in data["choices"]],
    }


def test_a_request_without_a_body_says_in_its_query_whether_it_streams() -> None:
    def fetch(query: str) -> ReceivedRequest:
        return replace(request(), method="GET", query=query, body={})

    assert [fetch(query).stream for query in ("stream=true&a=1", "stream=false", "")] == [True, False, False]
