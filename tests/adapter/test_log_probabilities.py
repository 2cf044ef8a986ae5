"""The log-probabilities of an answer are counted and averaged, the same from a stream as from the whole."""

from __future__ import annotations

import json
from typing import Any, Final

import openai
import pytest
from installed import needs

from firsttoken.adapter.log_probabilities import LogProbabilities, LogProbabilitySummary
from firsttoken.testing import ProviderServer, RawAnswer, data_event

VALUES: Final = (-0.5, -1.5, -9999.0, -1.0)
SUMMARY: Final = LogProbabilitySummary(count=3, mean=-1.0, unlisted=1)


def tokens(*values: float) -> list[dict[str, Any]]:
    return [{"token": "a", "bytes": None, "logprob": value, "top_logprobs": []} for value in values]


def chat(choices: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return {"id": "c", "object": kind, "created": 1, "model": "m", "choices": choices}


def response(*content: dict[str, Any]) -> dict[str, Any]:
    message = {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": list(content)}
    return {
        "id": "r",
        "object": "response",
        "created_at": 1,
        "model": "m",
        "status": "completed",
        "output": [message],
        "parallel_tool_calls": False,
        "tool_choice": "auto",
        "tools": [],
    }


TEXT: Final = {"type": "output_text", "text": "aaaa", "annotations": [], "logprobs": tokens(*VALUES)}
CHUNKS: Final = [
    chat([{"index": 0, "delta": delta, "finish_reason": None, "logprobs": logprobs}], "chat.completion.chunk")
    for delta, logprobs in (
        ({"role": "assistant"}, None),
        ({"content": "aa"}, {"content": tokens(*VALUES[:2]), "refusal": None}),
        ({"refusal": "a"}, {"content": None, "refusal": tokens(VALUES[2])}),
        ({"content": "a"}, {"content": tokens(VALUES[3])}),
    )
]
WHOLE: Final = chat(
    [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "aaa", "refusal": "a"},
            "finish_reason": "stop",
            "logprobs": {"content": tokens(*VALUES[:2], VALUES[3]), "refusal": tokens(VALUES[2])},
        }
    ],
    "chat.completion",
)
PLACE: Final = {"item_id": "m", "output_index": 0, "content_index": 0, "sequence_number": 1}
EVENTS: Final = [
    {**PLACE, "type": "response.output_text.delta", "delta": "aa", "logprobs": tokens(*VALUES[:2])},
    {**PLACE, "type": "response.output_text.delta", "delta": "aa", "logprobs": tokens(*VALUES[2:])},
    {**PLACE, "type": "response.output_text.done", "text": "aaaa", "logprobs": tokens(*VALUES)},
    {"type": "response.completed", "response": response(TEXT), "sequence_number": 2},
]


def raw(*events: dict[str, Any]) -> RawAnswer:
    return RawAnswer(chunks=(*(data_event(event) for event in events), data_event("[DONE]")))


def whole(answer: dict[str, Any]) -> RawAnswer:
    return RawAnswer(chunks=(json.dumps(answer).encode(),), content_type="application/json")


def summed(server: ProviderServer, api: str, reply: RawAnswer, *, stream: bool) -> LogProbabilitySummary:
    server.enqueue(reply)
    found = LogProbabilities()
    with openai.OpenAI(api_key="key", base_url=server.openai_base_url) as client:
        asked: dict[str, Any] = {"model": "m", "stream": stream}
        if api == "chat":
            answer = client.chat.completions.create(messages=[], logprobs=True, **asked)
        else:
            answer = client.responses.create(input="x", include=["message.output_text.logprobs"], **asked)
        for said in answer if stream else [answer]:
            found.add(said)
            found.add(said)  # as where one chunk carries two events
    return found.summary()


def test_a_chat_says_the_same_streamed_and_whole() -> None:
    with ProviderServer() as server:
        assert summed(server, "chat", raw(*CHUNKS), stream=True) == SUMMARY
        assert summed(server, "chat", whole(WHOLE), stream=False) == SUMMARY


@needs("openai.resources.responses")
def test_a_response_says_the_same_streamed_and_whole() -> None:
    with ProviderServer() as server:
        assert summed(server, "responses", raw(*EVENTS), stream=True) == SUMMARY
        assert summed(server, "responses", whole(response(TEXT)), stream=False) == SUMMARY


@pytest.mark.parametrize("said", [None, "x", {}, {"choices": [{"logprobs": 1}]}, {"output": [{"content": "x"}]}, WHOLE])
def test_what_says_nothing_of_it_adds_nothing(said: Any) -> None:
    found = LogProbabilities()
    found.add({**said, "choices": [{"logprobs": None}]} if said is WHOLE else said)
    assert found.summary() == LogProbabilitySummary(count=0, mean=None, unlisted=0)
