"""What a stream of Chat Completions chunks has said, whole or cut anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.call import Response, Usage
from firsttoken.providers.openai_chat import ChatTally, OpenAIChat
from firsttoken.providers.wire import Reading

Json = dict[str, Any]
Read = Callable[..., Reading]
Build = Callable[[Json], Any]

HEAD = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o-2024-08-06"}
SAID = Response(id="chatcmpl-1", model="gpt-4o-2024-08-06")
USAGE = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15}


def chunk(delta: Json | None = None, reason: object = None, index: object = 0, **more: Any) -> Json:
    choice = {"index": index, "delta": delta or {}, "finish_reason": reason, "logprobs": None}
    return {**HEAD, "choices": [choice], **more}


ROLE = chunk({"role": "assistant", "content": "", "refusal": None})
WORD = chunk({"content": "Hello"})
STOP = chunk(reason="stop")
TAIL = {**HEAD, "choices": [], "usage": USAGE}


def response(*reasons: str, **more: str | None) -> Response:
    return Response(**{"id": SAID.id, "model": SAID.model, "finish_reasons": reasons, **more})  # type: ignore[arg-type]


def test_a_stream_without_a_chunk_ended_in_an_error(read_chat: Read) -> None:
    assert Reading(response=Response(finish_reasons=("error",))) == read_chat()


def test_a_whole_stream_says_who_answered_why_it_ended_and_what_it_used(read_chat: Read) -> None:
    expected = Reading(response("stop"), Usage(input_tokens=12, output_tokens=3), finished=True)
    assert expected == read_chat(ROLE, WORD, STOP, TAIL)


@pytest.mark.parametrize(("shown", "hidden"), [({"reasoning_content": "hm"}, False), ({"content": "Hi"}, True)])
def test_reasoning_that_is_counted_but_not_shown_is_hidden(read_chat: Read, shown: Json, hidden: bool) -> None:
    tail = {**TAIL, "usage": {**USAGE, "completion_tokens_details": {"reasoning_tokens": 2}}}
    assert read_chat(ROLE, chunk(shown), STOP, tail).response.hidden_reasoning is hidden


def test_without_the_usage_chunk_usage_is_unknown(read_chat: Read) -> None:
    assert Reading(response("stop"), usage=None, finished=True) == read_chat(ROLE, WORD, STOP)


@pytest.mark.parametrize("said", [(ROLE,), (ROLE, WORD), (WORD, WORD)])
def test_a_stream_cut_before_its_finish_reason_ended_in_an_error(read_chat: Read, said: tuple[Json, ...]) -> None:
    assert Reading(response("error")) == read_chat(*said)


@pytest.mark.parametrize("reason", ["length", "tool_calls", "content_filter", "a reason of next year"])
def test_the_finish_reason_is_the_providers_own_word(read_chat: Read, reason: str) -> None:
    said = read_chat(WORD, chunk(reason=reason))
    assert Reading(response(reason), finished=True) == replace(said, unknown=frozenset())


@pytest.mark.parametrize("blank", ["", None, 0, [], {}])
def test_a_blank_finish_reason_is_none_yet(read_chat: Read, blank: object) -> None:
    assert Reading(response("error")) == read_chat(chunk({"content": "a"}, reason=blank))


def test_a_finish_reason_of_a_wrong_type_is_none(read_chat: Read) -> None:
    assert Reading(response("error")) == read_chat(WORD, chunk(reason=7))


def test_each_choice_has_its_own_reason_in_order(read_chat: Read) -> None:
    said = (
        *(chunk({"role": "assistant"}, index=index) for index in range(3)),
        chunk({"content": "c"}, index=2),
        chunk(reason="length", index=2),
        chunk(reason="stop", index=0),
        chunk(reason="content_filter", index=1),
    )
    assert Reading(response("stop", "content_filter", "length"), finished=True) == read_chat(*said)


def test_choices_that_share_a_chunk_are_told_apart(read_chat: Read) -> None:
    shared = {
        **HEAD,
        "choices": [
            {"index": 1, "delta": {}, "finish_reason": "length"},
            {"index": 0, "delta": {"content": "a"}, "finish_reason": None},
        ],
    }
    assert Reading(response("error", "length")) == read_chat(shared)


def test_a_choice_that_began_after_the_first_content_and_was_cut_is_not_forgotten(read_chat: Read) -> None:
    said = (WORD, chunk(reason="stop"), chunk({"content": "b"}, index=1))
    assert Reading(response("stop", "error")) == read_chat(*said)


@pytest.mark.parametrize("index", [None, "0", [0]])
def test_a_choice_without_a_usable_index_is_the_first(read_chat: Read, index: object) -> None:
    said = (chunk({"content": "a"}, index=index), chunk(reason="stop", index=index))
    assert Reading(response("stop"), finished=True) == read_chat(*said)


def test_usage_counted_on_every_chunk_is_replaced_and_never_added_up(read_chat: Read) -> None:
    counted = [{**USAGE, "completion_tokens": count} for count in (0, 1, 2)]
    said = (
        chunk({"role": "assistant"}, usage=counted[0]),
        chunk({"content": "a"}, usage=counted[1]),
        chunk(reason="stop", usage=counted[2]),
        {**HEAD, "choices": [], "usage": counted[2]},
    )
    assert Usage(input_tokens=12, output_tokens=2) == read_chat(*said).usage


def test_usage_counted_as_it_goes_is_partial_when_the_stream_is_cut(read_chat: Read) -> None:
    said = (chunk({"content": "a"}, usage={**USAGE, "completion_tokens": 1}),)
    assert Usage(input_tokens=12, output_tokens=1, partial=True) == read_chat(*said).usage


def test_zeros_that_stand_in_for_usage_give_way_to_the_real_one(read_chat: Read) -> None:
    zeros = dict.fromkeys(USAGE, 0)
    said = (chunk({"content": "a"}, usage=zeros), chunk(reason="stop", usage=zeros))
    assert read_chat(*said).usage is None
    assert Usage(input_tokens=12, output_tokens=3) == read_chat(*said, TAIL).usage


def test_usage_on_the_last_choice_counts_as_well(read_chat: Read) -> None:
    assert Usage(input_tokens=12, output_tokens=3) == read_chat(WORD, chunk(reason="stop", usage=USAGE)).usage


@pytest.mark.parametrize("choices", [None, []])
def test_a_usage_tail_has_no_choices_to_speak_of(read_chat: Read, choices: object) -> None:
    expected = Reading(response("stop"), Usage(input_tokens=12, output_tokens=3), finished=True)
    assert expected == read_chat(WORD, STOP, {**HEAD, "choices": choices, "usage": USAGE})


def test_a_chunk_with_nothing_in_it_says_nothing(read_chat: Read) -> None:
    assert read_chat(WORD, STOP) == read_chat({}, WORD, {"choices": None}, STOP, {})


def test_azures_opening_chunk_that_names_nothing_does_not_hide_who_answered(read_chat: Read) -> None:
    opening = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": []}
    assert Reading(response("stop"), finished=True) == read_chat(opening, WORD, STOP)


def test_tier_and_fingerprint_are_found_wherever_the_stream_gives_them(read_chat: Read) -> None:
    late = {**STOP, "service_tier": "priority", "system_fingerprint": "fp_1"}
    expected = response("stop", service_tier="priority", system_fingerprint="fp_1")
    assert expected == read_chat(WORD, late).response


@pytest.mark.parametrize(
    "broken", [{"id": 7, "model": ["m"]}, {"id": None, "model": None}, {"id": {}, "model": {"a": 1}}]
)
def test_an_identity_of_a_wrong_type_is_unknown(read_chat: Read, broken: Json) -> None:
    expected = Reading(Response(finish_reasons=("stop",)), finished=True, empty="no_content")
    assert expected == read_chat({**STOP, **broken})


def test_text_that_cannot_be_sent_is_made_so(read_chat: Read) -> None:
    assert read_chat({**STOP, "model": "gpt-\ud83d"}).response.model == "gpt-?"


@pytest.mark.parametrize(
    "delta",
    [
        {"content": "a"},
        {"refusal": "I cannot"},
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}}]},
        {"function_call": {"name": "f"}},
        {"audio": {"id": "audio_1", "data": "UklG"}},
    ],
    ids=lambda delta: next(iter(delta)),
)
def test_content_is_text_reasoning_or_a_call_of_a_tool(chat_chunk: Build, delta: Json) -> None:
    tally = ChatTally()
    assert [tally.note(chat_chunk(ROLE)), tally.note(chat_chunk(chunk(delta)))] == [False, True]


@pytest.mark.parametrize(
    "empty",
    [
        ROLE,
        STOP,
        TAIL,
        chunk({"content": ""}),
        chunk({"content": None, "tool_calls": []}),
        {**HEAD, "choices": [{"index": 0, "delta": None, "finish_reason": None}]},
        {**HEAD, "choices": [{"index": 0}]},
        {**HEAD, "choices": None},
        {},
    ],
)
def test_a_chunk_without_content_is_not_the_first_token(chat_chunk: Build, empty: Json) -> None:
    assert not ChatTally().note(chat_chunk(empty))


@pytest.mark.parametrize(
    "usage_only", [TAIL, {**TAIL, "choices": None}, {"usage": USAGE}], ids=["empty", "null", "missing"]
)
def test_the_chunk_that_only_brings_usage_is_known(chat_chunk: Build, usage_only: Json) -> None:
    assert OpenAIChat().is_usage_only(chat_chunk(usage_only))


@pytest.mark.parametrize("other", [ROLE, STOP, chunk({}, usage=USAGE), {**HEAD, "choices": []}, {}])
def test_no_other_chunk_is_taken_for_it(chat_chunk: Build, other: Json) -> None:
    assert not OpenAIChat().is_usage_only(chat_chunk(other))


def test_a_tally_does_not_grow_with_its_stream(chat_chunk: Build) -> None:
    tally = ChatTally()
    for number in range(100):
        tally.note(chat_chunk(chunk({"content": str(number)})))
    assert {
        name: len(value) for name in ChatTally.__slots__ if isinstance(value := getattr(tally, name), dict | list)
    } == {"_reasons": 1}


@pytest.mark.parametrize(
    "answer", [None, {}, "<html>", b"{}", 7, [], {"choices": None, "usage": None}, {"choices": {}}]
)
def test_an_answer_that_is_none_says_nothing(answer: object) -> None:
    assert Reading() == OpenAIChat().read_answer(answer)


def test_a_whole_answer_has_a_reason_for_each_choice() -> None:
    answer = {
        **HEAD,
        "choices": [{"index": 0, "finish_reason": "stop"}, {"index": 1, "finish_reason": None}],
        "usage": USAGE,
        "service_tier": "default",
        "system_fingerprint": "fp_1",
    }
    expected = Reading(
        response("stop", "error", service_tier="default", system_fingerprint="fp_1"),
        Usage(input_tokens=12, output_tokens=3),
    )
    assert expected == OpenAIChat().read_answer(answer)


def test_moonshots_place_for_usage_in_the_last_choice_is_read_where_the_usual_one_is_empty(read_chat: Read) -> None:
    ending = chunk(reason="stop")
    ending["choices"][0]["usage"] = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    assert Usage(7, 3) == read_chat(ROLE, WORD, ending).usage
    tail = {**TAIL, "usage": {"prompt_tokens": 8, "completion_tokens": 4}}
    assert Usage(8, 4) == read_chat(ROLE, WORD, ending, tail).usage


def test_groqs_own_place_for_usage_is_read_where_the_usual_one_is_empty(read_chat: Read) -> None:
    counts = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    assert Usage(7, 3) == read_chat(ROLE, WORD, chunk(reason="stop", x_groq={"id": "req_1", "usage": counts})).usage
