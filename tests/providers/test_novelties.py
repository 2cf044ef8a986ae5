"""What a provider says that is newer than we are is named, never an error, and changes nothing else."""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import anthropic.types
import anthropic.types.beta
import openai.types
import pytest
from anthropic.types import raw_content_block_start_event
from anthropic.types.beta import beta_raw_content_block_start_event
from hypothesis import given
from hypothesis import strategies as st
from installed import needs
from openai.types.chat.chat_completion_chunk import Choice, ChoiceDelta

from firsttoken.observe import novelties
from firsttoken.providers import anthropic_messages, message_usage, openai_chat
from firsttoken.providers.novelty import MOST_UNKNOWN
from firsttoken.providers.wire import Reading

Json = dict[str, Any]
Read = Callable[..., Reading]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def discriminators(union: Any) -> set[str]:
    """The `type` of each member of one of the SDK's unions."""
    inner = typing.get_args(union)[0] if typing.get_origin(union) is typing.Annotated else union
    return {word for kind in typing.get_args(inner) for word in typing.get_args(kind.model_fields["type"].annotation)}


def test_every_block_that_the_sdk_knows_is_known() -> None:
    unions = (raw_content_block_start_event.ContentBlock, beta_raw_content_block_start_event.ContentBlock)
    assert set().union(*map(discriminators, unions)) <= anthropic_messages.BLOCKS


@needs("anthropic.types.StopReason", "anthropic.types.beta.BetaStopReason")
def test_every_stop_reason_that_the_sdk_knows_is_known() -> None:
    known = {*typing.get_args(anthropic.types.StopReason), *typing.get_args(anthropic.types.beta.BetaStopReason)}
    assert known <= anthropic_messages.STOP_REASONS


@pytest.mark.parametrize(
    "usage",
    [
        anthropic.types.Usage,
        anthropic.types.MessageDeltaUsage,
        anthropic.types.beta.BetaUsage,
        anthropic.types.beta.BetaMessageDeltaUsage,
    ],
)
def test_every_count_that_the_sdk_knows_is_known(usage: Any) -> None:
    assert usage.model_fields.keys() <= message_usage.KNOWN_COUNTS


START = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 3, "output_tokens": 1, "mood": 7, "plan": None}},
}
BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "hologram", "data": "x"}}
EVENT = {"type": "weather", "degrees": 12}
END = {
    "type": "message_delta",
    "delta": {"stop_reason": "bored"},
    "usage": {"output_tokens": 9, "sighs": {"deep": 2}},
}


def test_unknown_events_blocks_reasons_and_counts_of_a_stream_are_named(read_message: Read) -> None:
    said = read_message(START, BLOCK, EVENT, EVENT, END, {"type": "message_stop"})

    assert {
        "block hologram",
        "event weather",
        "stop_reason bored",
        "usage mood",
        "usage sighs",
    } == said.unknown
    assert said.usage is not None
    assert (said.response.finish_reasons, said.usage.output_tokens, said.finished) == (("bored",), 9, True)


def test_those_of_a_whole_answer_are_named_alike() -> None:
    said = anthropic_messages.AnthropicMessages().read_answer(
        {
            "content": [{"type": "hologram"}, {"type": "text", "text": "Hi"}, 7],
            "stop_reason": "bored",
            "usage": {"input_tokens": 3, "output_tokens": 9, "mood": 7},
        }
    )
    assert {"block hologram", "block (NoneType)", "stop_reason bored", "usage mood"} == said.unknown


def test_a_stream_that_says_only_what_is_known_has_no_news(read_message: Read) -> None:
    stop = {"type": "content_block_stop", "index": 0}
    text = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 3, "output_tokens": 1}}}
    end = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}
    assert read_message(start, {"type": "ping"}, text, stop, end, {"type": "message_stop"}).unknown == frozenset()


def test_a_stream_of_news_does_not_fill_the_memory(read_message: Read) -> None:
    said = read_message(*({"type": f"event {number}"} for number in range(1_000)))
    assert len(said.unknown) == MOST_UNKNOWN


CHAT_USAGE = {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12, "queue_time": 0.1, "plan": None}
ODD_CHUNK = {"index": 0, "delta": {"role": "assistant", "content": "Hi", "mood": 1}, "finish_reason": None}


def chat(*choices: Json, usage: Json | None = None) -> Json:
    return {"id": "c", "model": "m", "object": "chat.completion.chunk", "choices": [*choices], "usage": usage}


def test_unknown_reasons_counts_and_parts_of_a_chat_are_named(read_chat: Read) -> None:
    last = {"index": 0, "delta": {}, "finish_reason": "bored"}
    said = read_chat(chat(ODD_CHUNK), chat(last), chat(usage=CHAT_USAGE))

    assert {"delta mood", "finish_reason bored", "usage queue_time"} == said.unknown
    assert (said.response.finish_reasons, said.finished) == (("bored",), True)


def test_those_of_a_whole_chat_are_named_alike() -> None:
    said = openai_chat.OpenAIChat().read_answer({"choices": [{"finish_reason": "bored"}], "usage": CHAT_USAGE})
    assert {"finish_reason bored", "usage queue_time"} == said.unknown


def test_a_chat_that_says_only_what_is_known_has_no_news(read_chat: Read) -> None:
    delta = {"role": "assistant", "content": None, "reasoning_content": "Hm"}
    said = read_chat(chat({"index": 0, "delta": delta}), chat({"index": 0, "delta": {}, "finish_reason": "stop"}))
    assert said.unknown == frozenset()


def test_every_word_that_the_openai_sdk_knows_is_known() -> None:
    reasons = typing.get_args(typing.get_args(Choice.model_fields["finish_reason"].annotation)[0])
    assert {*reasons} <= openai_chat.FINISH_REASONS
    assert ChoiceDelta.model_fields.keys() <= openai_chat.KNOWN_FIELDS
    assert openai.types.CompletionUsage.model_fields.keys() <= openai_chat.KNOWN_COUNTS


@given(st.lists(JSON | st.dictionaries(st.sampled_from(["type", "delta", "usage", "message", "content_block"]), JSON)))
def test_no_json_at_all_is_an_error(events: list[Any]) -> None:
    tally = anthropic_messages.AnthropicMessages().tally()
    for event in events:
        if isinstance(event, dict):
            tally.note(event)
    tally.reading()
    for event in events:
        anthropic_messages.AnthropicMessages().read_answer(event)


def test_news_is_counted_by_call_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(novelties, "seen", type(novelties.seen)())
    for _ in range(2):
        novelties.note_novelties("a.wire", ["event weather"])
    novelties.note_novelties("a.wire", (f"event {number}" for number in range(1_000)))
    assert novelties.seen["a.wire: event weather"] == 2
    assert len(novelties.seen) == novelties.MOST_KINDS
