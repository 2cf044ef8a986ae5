"""What a stream of Responses events has said, whole or cut anywhere, made or fetched."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from installed import found, needs

from firsttoken.call import Failure, Response, Usage
from firsttoken.providers import response_words
from firsttoken.providers.novelty import MOST_UNKNOWN
from firsttoken.providers.openai_responses import (
    FetchTally,
    OpenAIFetchResponse,
    OpenAIResponses,
    ResponseTally,
)
from firsttoken.providers.wire import Reading
from providers.test_novelties import discriminators

Json = dict[str, Any]
Build = Callable[[Json], Any]
Read = Callable[..., Reading]

USAGE = {
    "input_tokens": 12,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 6},
    "total_tokens": 21,
}
COUNTED = Usage(input_tokens=12, output_tokens=9, cache_read_tokens=4, cache_write_tokens=0, reasoning_tokens=6)
MESSAGE = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": []}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}
HOSTED = {
    "type": "shell_call",
    "id": "sh_1",
    "call_id": "call_2",
    "action": {"commands": ["ls"]},
    "status": "completed",
}
HOSTED_OUTPUT = {"type": "shell_call_output", "id": "so_1", "call_id": "call_2", "output": []}
OPENED_PAGE = {"type": "web_search_call", "id": "ws_2", "status": "completed", "action": {"type": "open_page"}}
SEARCH = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search", "query": "q"}}


def response(status: str = "completed", **more: Any) -> Json:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "gpt-5-2025-08-07",
        "status": status,
        "output": [],
        "usage": None,
        "service_tier": "default",
        **more,
    }


def moment(status: str, kind: str | None = None, **more: Any) -> Json:
    """An event that carries the response as it then stands."""
    return {"type": f"response.{kind or status}", "sequence_number": 0, "response": response(status, **more)}


def said(reason: str | None, status: str, **more: Any) -> Response:
    reasons = None if reason is None else (reason,)
    known = {"id": "resp_1", "model": "gpt-5-2025-08-07", "service_tier": "default"}
    return Response(**known, finish_reasons=reasons, status=status, **more)  # type: ignore[arg-type]


CREATED = moment("in_progress", "created")
OPENED = {"type": "response.output_item.added", "output_index": 0, "item": MESSAGE, "sequence_number": 1}
WORD = {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": "Hi"}
THOUGHT = {"type": "response.reasoning_summary_text.delta", "item_id": "rs_1", "summary_index": 0, "delta": "Hm"}
DONE = moment("completed", output=[MESSAGE], usage=USAGE)
ERROR = {"type": "error", "code": "server_error", "message": "It broke.", "param": None, "sequence_number": 2}


@pytest.fixture
def read(response_event: Build) -> Read:
    """What a tally says after these events."""

    def reading(*events: Json, tally: type[ResponseTally] = ResponseTally) -> Reading:
        tallied = tally()
        for event in events:
            tallied.note(response_event(event))
        return tallied.reading()

    return reading


def test_a_stream_without_an_event_ended_in_an_error(read: Read) -> None:
    assert Reading(response=Response(finish_reasons=("error",))) == read()


def test_a_whole_stream_says_who_answered_why_it_ended_and_what_it_used(read: Read) -> None:
    expected = Reading(said("stop", "completed"), COUNTED, finished=True)
    assert expected == read(CREATED, OPENED, THOUGHT, WORD, DONE)


def test_reasoning_that_is_counted_but_not_shown_is_hidden(read: Read) -> None:
    assert read(CREATED, OPENED, WORD, DONE).response.hidden_reasoning
    assert not read(CREATED, THOUGHT, WORD, DONE).response.hidden_reasoning


@pytest.mark.parametrize("events", [(CREATED,), (CREATED, moment("in_progress"), OPENED, WORD)])
def test_a_stream_cut_before_its_end_ended_in_an_error(read: Read, events: tuple[Json, ...]) -> None:
    assert Reading(said("error", "in_progress")) == read(*events)


def test_a_background_stream_that_stops_early_is_cut_as_well(read: Read) -> None:
    assert Reading(said("error", "queued")) == read(moment("queued", "created", background=True))


@pytest.mark.parametrize(
    ("reason", "details"),
    [
        ("length", {"reason": "max_output_tokens"}),
        ("content_filter", {"reason": "content_filter"}),
        ("a reason of next year", {"reason": "a reason of next year"}),
        ("incomplete", None),
    ],
)
def test_an_incomplete_response_is_no_failure_and_says_why(read: Read, reason: str, details: Json | None) -> None:
    expected = Reading(said(reason, "incomplete", hidden_reasoning=True), COUNTED, finished=True)
    found = read(CREATED, WORD, moment("incomplete", incomplete_details=details, usage=USAGE))
    assert expected == replace(found, unknown=frozenset())


def test_a_failed_response_fails_with_the_providers_code_and_keeps_its_usage(read: Read) -> None:
    error = {"code": "rate_limit_exceeded", "message": "Slow down."}
    expected = Reading(
        said("error", "failed"), COUNTED, finished=True, failure=Failure("rate_limit_exceeded", "Slow down.")
    )
    assert expected == read(CREATED, THOUGHT, moment("failed", error=error, usage=USAGE))


def test_a_failure_without_a_code_is_still_one(read: Read) -> None:
    assert Failure("_OTHER", "") == read(CREATED, moment("failed")).failure


def test_an_error_event_is_a_failure(read: Read) -> None:
    expected = Reading(said("error", "in_progress"), failure=Failure("server_error", "It broke."))
    assert expected == read(CREATED, WORD, ERROR)


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("_OTHER", {**ERROR, "code": None}),
        ("overloaded", {"type": "error", "error": {"code": "overloaded", "message": "It broke."}}),
        ("server_error", {"type": "error", "error": {"type": "server_error", "message": "It broke."}}),
    ],
)
def test_an_error_event_may_say_less_or_say_it_deeper(read: Read, kind: str, event: Json) -> None:
    assert Failure(kind, "It broke.") == read(CREATED, event).failure


@pytest.mark.parametrize(
    ("reason", "output"),
    [
        ("tool_call", [MESSAGE, CALL]),
        ("tool_call", [HOSTED, HOSTED_OUTPUT, CALL]),
        ("tool_call", [HOSTED]),
        ("stop", [HOSTED, HOSTED_OUTPUT, MESSAGE]),
        ("stop", [SEARCH, MESSAGE]),
        ("stop", [{"type": "an item of next year", "call_id": "call_9"}]),
        ("stop", []),
        ("stop", None),
        ("stop", [None, 7, "text", {}]),
    ],
)
def test_a_call_that_the_provider_did_not_answer_is_for_the_caller_to_make(reason: str, output: object) -> None:
    assert (reason,) == OpenAIResponses().read_answer(response(output=output)).response.finish_reasons


def test_a_conversation_that_was_shortened_says_so() -> None:
    answer = response(output=[{"type": "compaction", "id": "cmp_1", "encrypted_content": "…"}, MESSAGE])
    assert OpenAIResponses().read_answer(answer).response.compacted


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_a_response_made_in_the_background_has_no_reason_to_end_yet(status: str) -> None:
    assert Reading(said(None, status)) == OpenAIResponses().read_answer(response(status, background=True))


def test_a_whole_response_that_failed_is_a_failure() -> None:
    answer = response("failed", error={"code": "invalid_prompt", "message": "No."})
    assert Failure("invalid_prompt", "No.") == OpenAIResponses().read_answer(answer).failure


@pytest.mark.parametrize("answer", [None, {}, "<html>", b"{}", 7, [], {"output": 3, "usage": "x", "status": []}])
def test_an_answer_that_is_none_says_nothing(answer: object) -> None:
    assert Reading() == OpenAIResponses().read_answer(answer) == OpenAIFetchResponse().read_answer(answer)


@pytest.mark.parametrize("status", ["completed", "failed", "incomplete", "cancelled", "queued"])
def test_a_fetch_has_no_usage_and_is_not_to_blame_for_what_it_fetched(status: str) -> None:
    answer = response(status, usage=USAGE, error={"code": "server_error", "message": "It broke."})
    fetched = OpenAIFetchResponse().read_answer(answer)
    reason = {"completed": "stop", "incomplete": "incomplete", "queued": None}.get(status, "error")
    assert Reading(said(reason, status), finished=status != "queued") == fetched


def test_a_fetched_stream_has_no_first_token_and_no_usage(response_event: Build, read: Read) -> None:
    tally = FetchTally()
    for event in (CREATED, THOUGHT, WORD, DONE):
        tally.note(response_event(event))
    assert Reading(said("stop", "completed"), finished=True) == tally.reading()
    failed = moment("failed", error={"code": "server_error", "message": "It broke."})
    assert read(CREATED, failed, tally=FetchTally).failure is None


def test_a_fetched_stream_fails_by_an_error_event(read: Read) -> None:
    expected = Reading(said(None, "in_progress"), failure=Failure("server_error", "It broke."))
    assert expected == read(CREATED, ERROR, tally=FetchTally)


@pytest.mark.parametrize(
    "event",
    [
        WORD,
        THOUGHT,
        {"type": "response.reasoning_text.delta", "delta": "Hm"},
        {"type": "response.refusal.delta", "delta": "I cannot"},
        {"type": "response.audio.delta", "delta": "UklG"},
        {"type": "response.function_call_arguments.delta", "delta": "{"},
        {"type": "response.a_thing_of_next_year.delta", "delta": "x"},
        {**OPENED, "item": CALL},
        {**OPENED, "item": SEARCH},
    ],
    ids=lambda event: event["type"].removeprefix("response."),
)
def test_content_is_text_reasoning_or_a_call_of_a_tool(response_event: Build, event: Json) -> None:
    tally = ResponseTally()
    assert [tally.note(response_event(CREATED)), tally.note(response_event(event))] == [False, True]
    assert tally.note(response_event(DONE))


@pytest.mark.parametrize(
    "event",
    [
        CREATED,
        OPENED,
        DONE,
        ERROR,
        {**WORD, "delta": ""},
        {**OPENED, "item": {"type": "reasoning", "id": "rs_1", "summary": []}},
        {**OPENED, "item": {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": []}},
        {"type": "response.output_text.done", "text": ""},
        {"type": "keepalive", "sequence_number": 3},
        {"type": None},
        {},
    ],
)
def test_an_event_without_content_is_not_the_first_token(response_event: Build, event: Json) -> None:
    assert not ResponseTally().note(response_event(event))


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"type": 7},
        {"type": "response.completed"},
        {"type": "response.in_progress", "response": None},
        {"type": "response.output_item.added"},
        {"type": "response.output_text.delta"},
        {"type": "response.next_year", "response": {"status": "completed"}},
    ],
    ids=str,
)
def test_odd_and_unknown_events_do_no_harm(read: Read, odd: Json) -> None:
    found = read(odd, CREATED, THOUGHT, odd, WORD, DONE)
    assert Reading(said("stop", "completed"), COUNTED, finished=True) == replace(found, unknown=frozenset())


def test_what_is_new_in_a_stream_is_named(read: Read) -> None:
    new = [{"type": "response.hologram.delta", "delta": "x"}, {"type": "weather"}, {"type": 7}, {"type": "weather"}]
    end = moment(
        "incomplete",
        incomplete_details={"reason": "bored"},
        output=[MESSAGE, {"type": "hologram_call", "id": "h_1"}],
        usage={**USAGE, "sighs": 2, "plan": None},
    )
    names = {"event response.hologram.delta", "event weather", "event (int)"}
    names |= {"reason bored", "item hologram_call", "usage sighs"}
    assert names == read(CREATED, *new, end).unknown
    assert names == read(CREATED, *new, end, tally=FetchTally).unknown


def test_so_many_new_events_are_told_apart_and_no_more(read: Read) -> None:
    assert len(read(*({"type": f"event {number}"} for number in range(100))).unknown) == MOST_UNKNOWN


@needs("openai.types.responses")
def test_every_word_of_the_sdk_is_known() -> None:
    types = found("openai.types.responses")
    assert discriminators(types.ResponseStreamEvent) <= response_words.EVENTS
    assert discriminators(types.ResponseOutputItem) <= response_words.ITEMS
    assert set(typing.get_args(types.ResponseStatus)) <= response_words.STATUSES
    assert types.ResponseUsage.model_fields.keys() <= response_words.KNOWN_COUNTS
    (reasons, _) = typing.get_args(types.response.IncompleteDetails.model_fields["reason"].annotation)
    assert set(typing.get_args(reasons)) <= response_words.REASONS


@pytest.mark.parametrize(
    ("searches", "more"),
    [
        (3, {"tool_usage": {"web_search": {"num_requests": 3}}, "output": [SEARCH]}),
        (0, {"tool_usage": {"web_search": {"num_requests": 0}}}),
        (2, {"output": [SEARCH, MESSAGE, SEARCH, OPENED_PAGE]}),
        (0, {"output": [OPENED_PAGE]}),
        (None, {"output": [MESSAGE]}),
    ],
)
def test_searches_are_those_that_are_billed(searches: int | None, more: Json) -> None:
    usage = OpenAIResponses().read_answer(response(usage=USAGE, **more)).usage
    assert replace(COUNTED, web_search_requests=searches) == usage


def test_text_that_cannot_be_sent_is_made_so(read: Read) -> None:
    assert read(moment("completed", model="gpt-\ud83d")).response.model == "gpt-?"
