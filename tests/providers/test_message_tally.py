"""What a stream of Messages events has said, whole or cut anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.call import Response, Usage
from firsttoken.providers.anthropic_messages import AnthropicMessages, MessageTally
from firsttoken.providers.wire import Reading

Json = dict[str, Any]
Read = Callable[..., Reading]
Build = Callable[[Json], Any]

OPENING_USAGE = {
    "input_tokens": 10,
    "cache_read_input_tokens": 200,
    "cache_creation_input_tokens": 30,
    "cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10},
    "output_tokens": 1,
    "service_tier": "standard",
}
INPUT = {
    "input_tokens": 240,
    "cache_read_tokens": 200,
    "cache_write_tokens": 30,
    "cache_write_5m_tokens": 20,
    "cache_write_1h_tokens": 10,
}


def start(usage: Json | None = OPENING_USAGE, **more: Any) -> Json:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": []}
    return {"type": "message_start", "message": {**message, "stop_reason": None, "usage": usage, **more}}


def block(**content_block: Any) -> Json:
    return {"type": "content_block_start", "index": 0, "content_block": content_block}


def delta(**content: Any) -> Json:
    return {"type": "content_block_delta", "index": 0, "delta": content}


def end(reason: object = "end_turn", usage: Json | None = None) -> Json:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}


EMPTY_TEXT = block(type="text", text="")
WORD = delta(type="text_delta", text="Hello")
BLOCK_STOP = {"type": "content_block_stop", "index": 0}
STOP = {"type": "message_stop"}
BODY = (EMPTY_TEXT, WORD, BLOCK_STOP)


def response(reason: str, **more: str | None) -> Response:
    said = {"id": "msg_1", "model": "claude-sonnet-4-5", "service_tier": "standard", **more}
    return Response(finish_reasons=(reason,), **said)  # type: ignore[arg-type]


def test_a_stream_without_an_event_ended_in_an_error(read_message: Read) -> None:
    assert Reading(Response(finish_reasons=("error",))) == read_message()


def test_a_whole_stream_says_who_answered_why_it_ended_and_what_it_used(read_message: Read) -> None:
    final = {"output_tokens": 40, "output_tokens_details": {"thinking_tokens": 15}}
    said = response("end_turn", hidden_reasoning=True)
    expected = Reading(said, Usage(**INPUT, output_tokens=40, reasoning_tokens=15), finished=True)
    assert expected == read_message(start(), *BODY, end(usage=final), STOP)


@pytest.mark.parametrize("reason", ["tool_use", "max_tokens", "pause_turn", "a reason of next year"])
def test_the_finish_reason_is_the_providers_own_word(read_message: Read, reason: str) -> None:
    assert (reason,) == read_message(start(), end(reason)).response.finish_reasons


@pytest.mark.parametrize("said", [(), (EMPTY_TEXT,), BODY, (*BODY, STOP)])
def test_the_placeholder_of_a_cut_stream_is_no_output_count(read_message: Read, said: tuple[Json, ...]) -> None:
    assert Reading(response("error"), Usage(**INPUT, partial=True)) == read_message(start(), *said)


def test_the_cumulative_counts_at_the_end_replace_those_of_the_opening(read_message: Read) -> None:
    final = {
        "input_tokens": 50,
        "cache_read_input_tokens": 500,
        "cache_creation_input_tokens": 0,
        "output_tokens": 40,
    }
    usage = read_message(start(), *BODY, end(usage=final)).usage
    assert usage is not None
    expected = (550, 500, 0, 40)
    assert expected == (usage.input_tokens, usage.cache_read_tokens, usage.cache_write_tokens, usage.output_tokens)


def test_the_tools_that_the_provider_used_are_counted_once(read_message: Read) -> None:
    opened = {**OPENING_USAGE, "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0}}
    used = [{"web_search_requests": searches, "web_fetch_requests": 1} for searches in (1, 3)]
    said = [
        end(None, {"output_tokens": 5, "server_tool_use": used[0]}),
        end(usage={"output_tokens": 9, "server_tool_use": used[1]}),
    ]
    usage = read_message(start(opened), *BODY, *said).usage
    assert usage is not None
    assert (usage.web_search_requests, usage.web_fetch_requests) == (3, 1)


def test_the_last_of_several_cumulative_counts_stands(read_message: Read) -> None:
    said = (end(None, {"output_tokens": 10}), end("end_turn", {"output_tokens": 25}))
    usage = Usage(**INPUT, output_tokens=25)
    expected = Reading(response("end_turn"), usage, finished=True, empty="no_content")
    assert expected == read_message(start(), *said)


def test_a_count_that_came_before_the_end_is_partial(read_message: Read) -> None:
    expected = Usage(**INPUT, output_tokens=10, partial=True)
    assert expected == read_message(start(), end(None, {"output_tokens": 10})).usage


def test_a_later_event_without_usage_does_not_undo_an_earlier_one(read_message: Read) -> None:
    said = (end(None, {"output_tokens": 25}), end("end_turn", None))
    assert Usage(**INPUT, output_tokens=25) == read_message(start(), *said).usage


@pytest.mark.parametrize("usage", [None, {}, {"input_tokens": 10}])
def test_an_end_without_an_output_count_leaves_it_unknown(read_message: Read, usage: Json | None) -> None:
    expected = Reading(response("end_turn"), Usage(**INPUT, partial=True), finished=True)
    assert expected == read_message(start(), *BODY, end(usage=usage))


def test_zeros_at_the_opening_are_no_count(read_message: Read) -> None:
    zeros = {"input_tokens": 0, "output_tokens": 0}
    assert read_message(start(zeros), *BODY).usage is None
    final = {"input_tokens": 12, "output_tokens": 3}
    assert Usage(input_tokens=12, output_tokens=3) == read_message(start(zeros), *BODY, end(usage=final)).usage


def test_a_server_that_counts_nothing_leaves_usage_unknown(read_message: Read) -> None:
    expected = Reading(response("end_turn", service_tier=None), usage=None, finished=True)
    assert expected == read_message(start(None), *BODY, end())


def test_an_end_without_an_opening_still_counts_the_output(read_message: Read) -> None:
    expected = Reading(Response(finish_reasons=("end_turn",)), Usage(output_tokens=3), finished=True)
    assert expected == read_message(*BODY, end(usage={"output_tokens": 3}))


def test_what_changes_the_price_is_read(read_message: Read) -> None:
    usage = {**OPENING_USAGE, "service_tier": "priority", "speed": "fast", "inference_geo": "us"}
    expected = response("error", service_tier="priority", speed="fast", inference_geo="us")
    assert expected == read_message(start(usage)).response


@pytest.mark.parametrize("broken", [{"id": 7, "model": ["m"]}, {"id": "", "model": None}])
def test_an_identity_of_a_wrong_type_is_unknown(read_message: Read, broken: Json) -> None:
    assert Response(finish_reasons=("error",)) == read_message(start(None, **broken)).response


@pytest.mark.parametrize(
    "unknown",
    [
        {"type": "ping"},
        {"type": "an_event_of_next_year", "message": {"id": "msg_2"}, "usage": {"output_tokens": 99}},
        {"type": None},
        {},
        {"type": "content_block_delta"},
        {"type": "content_block_delta", "delta": {"type": "a_delta_of_next_year", "value": "x"}},
        {"type": "content_block_stop"},
        {"type": "message_delta"},
        {"type": "message_delta", "delta": None, "usage": None},
        {"type": "message_delta", "delta": {"stop_reason": 7}},
    ],
)
def test_an_event_that_nobody_knows_changes_nothing(read_message: Read, unknown: Json) -> None:
    said = (start(), *BODY, end(usage={"output_tokens": 4}))
    among = read_message(said[0], unknown, *said[1:], unknown)
    assert read_message(*said) == replace(among, unknown=frozenset())


@pytest.mark.parametrize(
    "content",
    [
        WORD,
        delta(type="thinking_delta", thinking="Hm"),
        delta(type="input_json_delta", partial_json="{"),
        block(type="text", text="Hello"),
        block(type="tool_use", id="toolu_1", name="f", input={}),
        block(type="server_tool_use", id="toolu_1", name="web_search", input={}),
        block(type="redacted_thinking", data="x"),
        block(type="a_block_of_next_year"),
    ],
    ids=lambda event: str({**event.get("delta", {}), **event.get("content_block", {})}["type"]),
)
def test_content_is_text_reasoning_or_a_call_of_a_tool(message_event: Build, content: Json) -> None:
    tally = MessageTally()
    assert [tally.note(message_event(event)) for event in (start(), content)] == [False, True]


@pytest.mark.parametrize(
    "empty",
    [
        start(),
        EMPTY_TEXT,
        block(type="thinking", thinking="", signature=""),
        delta(type="text_delta", text=""),
        delta(type="input_json_delta", partial_json=""),
        delta(type="signature_delta", signature="c2ln"),
        BLOCK_STOP,
        end(usage={"output_tokens": 1}),
        STOP,
    ],
)
def test_an_event_without_content_is_not_the_first_token(message_event: Build, empty: Json) -> None:
    assert not MessageTally().note(message_event(empty))


@pytest.mark.parametrize("answer", [None, {}, "<html>", b"{}", 7, [], {"usage": None}])
def test_an_answer_that_is_none_says_only_that_it_did_not_end_well(answer: object) -> None:
    assert Reading(Response(finish_reasons=("error",))) == AnthropicMessages().read_answer(answer)


def test_a_whole_answer_is_read_like_a_stream_of_it(read_message: Read) -> None:
    final = {**OPENING_USAGE, "output_tokens": 40}
    whole = start(final)["message"] | {"stop_reason": "end_turn"} | {"content": [{"type": "text", "text": "Hello"}]}
    assert read_message(start(), *BODY, end(usage={"output_tokens": 40})) == AnthropicMessages().read_answer(whole)
