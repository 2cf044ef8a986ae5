"""What Anthropic Messages says, event by event."""

from __future__ import annotations

from typing import Any

import pytest
from sdk_objects import decoded, message_object

from adapter.reading import Build, Json, completed, read
from firsttoken.adapter.events import (
    Event,
    Finished,
    Other,
    ReasoningDelta,
    TextDelta,
    ToolArgumentDelta,
    ToolCallComplete,
    ToolCallStarted,
    UsageReported,
)
from firsttoken.adapter.messages import MessagesWire
from firsttoken.adapter.wire import Said
from firsttoken.call import Usage
from firsttoken.call.content import Reasoning, ServerToolCall, ServerToolResponse, Text, ToolCall, Unknown

FORMS = pytest.mark.parametrize("form", [message_object, decoded], ids=["object", "dict"])


def opening(**usage: int) -> Json:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None}
    return {"type": "message_start", "message": {**message, "usage": usage or None}}


def start(index: int | None, **block: Any) -> Json:
    return {"type": "content_block_start", "index": index, "content_block": block}


def more(index: int | None, kind: str, **said: Any) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **said}}


def stop(index: int | None) -> Json:
    return {"type": "content_block_stop", "index": index}


def tool(index: int, id_: str, name: str, **given: Any) -> Json:
    return start(index, type="tool_use", id=id_, name=name, input=given)


def piece(index: int, text: str) -> Json:
    return more(index, "input_json_delta", partial_json=text)


def ending(reason: str | None = "end_turn", **usage: Any) -> Json:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage or None}


LAST: Json = {"type": "message_stop"}


def reading(form: Build, *events: Json, approve: tuple[str, ...] = ()) -> tuple[list[Event], Said]:
    return read(MessagesWire(), [form(event) for event in events], approve)


@FORMS
def test_a_message_is_told_from_its_input_to_its_end(form: Build) -> None:
    events, result = reading(
        form,
        opening(input_tokens=10, output_tokens=1, cache_read_input_tokens=5),
        start(0, type="text", text=""),
        more(0, "text_delta", text="Hel"),
        more(0, "text_delta", text="lo"),
        stop(0),
        ending(output_tokens=7),
        LAST,
    )
    assert [
        UsageReported(Usage(15, None, cache_read_tokens=5, partial=True), None),
        Other("content_block_start", None),
        TextDelta("Hel", None),
        TextDelta("lo", None),
        Other("content_block_stop", None),
        UsageReported(Usage(15, 7, cache_read_tokens=5), None),
        Finished("end_turn", None),
        Other("message_stop", None),
    ] == events
    assert (result.text, result.response.finish_reasons, result.finished) == ("Hello", ("end_turn",), True)
    assert ("msg_1", "m", Usage(15, 7, cache_read_tokens=5)) == (
        result.response.id,
        result.response.model,
        result.usage,
    )


@FORMS
def test_a_stream_that_is_cut_still_knows_its_input(form: Build) -> None:
    _, result = reading(form, opening(input_tokens=10, output_tokens=1))
    assert Usage(10, None, partial=True) == result.usage
    assert (result.response.finish_reasons, result.finished) == (None, False)


@FORMS
def test_interleaved_thinking_stays_in_its_blocks_with_its_signatures_and_white_space(form: Build) -> None:
    events, result = reading(
        form,
        start(0, type="thinking", thinking="", signature=""),
        more(0, "thinking_delta", thinking=" \n"),
        start(1, type="thinking", thinking="", signature=""),
        more(1, "thinking_delta", thinking="b"),
        more(0, "thinking_delta", thinking="a"),
        more(1, "signature_delta", signature="s1"),
        more(0, "signature_delta", signature="s0"),
        start(2, type="redacted_thinking", data="eA=="),
        stop(2),
        start(3, type="text", text="So"),
        more(3, "text_delta", text="."),
        ending(),
    )
    assert [ReasoningDelta(" \n", None), ReasoningDelta("b", None), ReasoningDelta("a", None)] == [
        event for event in events if isinstance(event, ReasoningDelta)
    ]
    kinds = [event.kind for event in events if isinstance(event, Other)]
    assert (kinds.count("redacted_thinking"), kinds.count("signature_delta")) == (2, 2)
    assert [Reasoning(" \na", signature="s0"), Reasoning("b", signature="s1")] == list(result.reasoning[:2])
    assert (result.reasoning[2].sealed is not None, "So.") == (True, result.text)


@FORMS
def test_parallel_tool_calls_begin_grow_and_end_on_their_own(form: Build) -> None:
    events, result = reading(
        form,
        tool(1, "t1", "f"),
        tool(2, "t2", "g"),
        piece(1, ""),
        piece(1, '{"a"'),
        piece(2, "{}"),
        piece(1, ": 1}"),
        stop(2),
        stop(1),
        ending("tool_use"),
        approve=("g",),
    )
    assert [
        ToolCallStarted(0, "t1", "f", False, None),
        ToolCallStarted(1, "t2", "g", True, None),
        Other("input_json_delta", None),
        ToolArgumentDelta(0, '{"a"', None),
        ToolArgumentDelta(1, "{}", None),
        ToolArgumentDelta(0, ": 1}", None),
        ToolCallComplete(1, "t2", "g", "{}", True, True, None),
        ToolCallComplete(0, "t1", "f", '{"a": 1}', True, False, None),
        Finished("tool_use", None),
    ] == events
    assert [(call.id, call.arguments) for call in result.tool_calls] == [("t1", '{"a": 1}'), ("t2", "{}")]


@FORMS
@pytest.mark.parametrize(
    ("expected", "events"),
    [
        (("f", "{}", True), [tool(0, "t", "f"), piece(0, ""), stop(0)]),
        (("f", "{}", True), [tool(0, "t", "f"), stop(0)]),
        (("f", '{"a":1}', True), [tool(0, "t", "f", a=1), stop(0)]),
        (("f", '{"a": ', False), [tool(0, "t", "f"), piece(0, '{"a": '), stop(0), ending("max_tokens")]),
        (("f", '{"a": ', False), [tool(0, "t", "f"), piece(0, '{"a": '), ending("max_tokens")]),
        (("f", "{}", True), [start(None, type="tool_use", id="t", name="f", input={}), stop(None)]),
    ],
    ids=["no arguments", "no deltas", "whole as it opens", "truncated", "never closed", "no index"],
)
def test_a_call_is_complete_with_what_the_result_says_of_it(
    form: Build, expected: tuple[str, str, bool], events: list[Json]
) -> None:
    found, result = reading(form, *events)
    assert [expected] == completed(found)
    assert [expected] == [(call.name, call.arguments, call.valid_json) for call in result.tool_calls]


@FORMS
def test_a_call_that_was_cut_is_not_complete(form: Build) -> None:
    events, result = reading(form, tool(0, "t", "f"), piece(0, '{"a'))
    assert completed(events) == []
    assert (ToolCall("f", '{"a', valid_json=False, id="t"),) == result.tool_calls


@FORMS
def test_tools_of_the_provider_are_named_while_they_run_and_parts_of_the_result(form: Build) -> None:
    found = [{"type": "web_search_result", "url": "https://n.example", "title": "News"}]
    events, result = reading(
        form,
        start(0, type="server_tool_use", id="s1", name="web_search", input={}),
        piece(0, '{"query": "x"}'),
        stop(0),
        start(1, type="web_search_tool_result", tool_use_id="s1", content=found),
        stop(1),
        start(2, type="mcp_tool_use", id="m1", name="echo", server_name="srv", input={}),
        stop(2),
        ending(),
    )
    kinds = [event.kind for event in events if isinstance(event, Other)]
    assert kinds == ["server_tool_use"] * 3 + ["web_search_tool_result"] * 2 + ["mcp_tool_use"] * 2
    assert not any(isinstance(event, ToolCallStarted | ToolArgumentDelta | ToolCallComplete) for event in events)
    assert [ServerToolCall, ServerToolResponse, ServerToolCall] == [type(part) for part in result.parts]
    assert result.tool_calls == ()


@FORMS
def test_citations_are_kept_with_their_text(form: Build) -> None:
    cited = {"type": "page_location", "cited_text": "q", "document_title": "D", "start_page_number": 1}
    events, result = reading(
        form,
        start(0, type="text", text="", citations=[]),
        more(0, "text_delta", text="It is."),
        more(0, "citations_delta", citation=cited),
        stop(0),
    )
    assert Other("citations_delta", None) == events[2]
    (part,) = result.parts
    assert isinstance(part, Text)
    assert [citation.title for citation in part.citations] == ["D"]


@FORMS
def test_an_empty_message_has_an_end_and_nothing_else(form: Build) -> None:
    events, result = reading(form, opening(input_tokens=3, output_tokens=1), ending(output_tokens=0), LAST)
    assert (Usage(3, 0), (), True) == (result.usage, result.parts, result.finished)
    assert Finished("end_turn", None) in events


@FORMS
@pytest.mark.parametrize("reason", ["end_turn", "pause_turn", "refusal", "model_context_window_exceeded", "bored"])
def test_any_stop_reason_is_passed_on_once(form: Build, reason: str) -> None:
    events, result = reading(form, opening(), ending(reason), ending(reason, output_tokens=3), LAST)
    assert [Finished(reason, None)] == [event for event in events if isinstance(event, Finished)]
    assert (reason,) == result.response.finish_reasons


@FORMS
def test_counts_are_those_of_the_end_however_late_they_come(form: Build) -> None:
    """MiniMax says 0 at first, and all at the end."""
    final = {"input_tokens": 20, "output_tokens": 9, "cache_read_input_tokens": 4}
    events, result = reading(form, opening(input_tokens=0, output_tokens=0), ending(**final))
    expected = Usage(24, 9, cache_read_tokens=4)
    assert [expected] == [event.usage for event in events if isinstance(event, UsageReported)]
    assert expected == result.usage


@FORMS
def test_a_block_of_an_unknown_kind_is_named_and_kept(form: Build) -> None:
    events, result = reading(form, start(0, type="hologram", depth=3), more(0, "depth_delta", depth=4), stop(0))
    assert [Other("hologram", None)] * 3 == events
    assert [Unknown] == [type(part) for part in result.parts]


ODD: list[Json] = [
    {"type": "ping"},
    {"type": None},
    {"type": ["content_block_delta"]},
    {},
    {"type": "content_block_delta", "index": 0},
    {"type": "content_block_delta", "index": 0, "delta": None},
    {"type": "content_block_delta", "index": [0], "delta": {"type": "text_delta", "text": "!"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": ["text_delta"], "text": "!"}},
    {"type": "content_block_delta", "index": 99, "delta": {"type": "input_json_delta", "partial_json": "{"}},
    {"type": "message_start", "message": None},
    {"type": "message_delta", "delta": None, "usage": 5},
    {"type": "content_block_start", "index": 9, "content_block": None},
    {"type": "content_block_start", "index": {}, "content_block": {"type": {}}},
    more(0, "text_delta", text=None),
    more(0, "text_delta", text=5),
    more(0, "citations_delta", citation=5),
    stop(7),
    {"type": "message_telepathy", "thought": 1},
]


@FORMS
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_odd_event_never_raises_and_disturbs_nothing(form: Build, odd: Json) -> None:
    body = [start(0, type="text", text=""), more(0, "text_delta", text="a"), odd, more(0, "text_delta", text="b")]
    events, result = reading(form, *body)
    assert "".join(event.text for event in events if isinstance(event, TextDelta)).replace("!", "") == "ab"
    assert result.text.replace("!", "") == "ab"
