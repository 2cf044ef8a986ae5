"""What OpenAI Responses says, event by event."""

from __future__ import annotations

from typing import Any

import pytest
from installed import needs
from sdk_objects import RESPONSE_EVENT, decoded, response_object

from adapter.reading import Build, Json, completed, read, text_of
from firsttoken.adapter.events import (
    Event,
    Finished,
    Other,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolArgumentDelta,
    ToolCallComplete,
    ToolCallStarted,
    UsageReported,
)
from firsttoken.adapter.responses import ResponsesWire
from firsttoken.adapter.wire import Said
from firsttoken.call import Failure, Usage
from firsttoken.call.content import Reasoning, Refusal, ServerToolCall, ServerToolResponse, Text, ToolCall

FORMS = pytest.mark.parametrize(
    "form", [pytest.param(response_object, marks=needs(RESPONSE_EVENT)), decoded], ids=["object", "dict"]
)
USAGE: Json = {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}


def response(status: str = "in_progress", *output: Json, **more: Any) -> Json:
    return {"id": "resp_1", "object": "response", "model": "m", "status": status, "output": list(output), **more}


def opened() -> Json:
    return {"type": "response.created", "response": response()}


def ended(status: str, *output: Json, **more: Any) -> Json:
    return {"type": f"response.{status}", "response": response(status, *output, **more)}


def added(index: int | None, **item: Any) -> Json:
    return {"type": "response.output_item.added", **_at(index), "item": item}


def done(index: int | None, **item: Any) -> Json:
    return {"type": "response.output_item.done", **_at(index), "item": item}


def delta(index: int | None, of: str, said: Any, **more: Any) -> Json:
    return {"type": f"response.{of}.delta", **_at(index), "delta": said, **more}


def text(said: str, index: int | None = 0, part: int = 0) -> Json:
    return delta(index, "output_text", said, content_index=part, item_id="msg_1")


def piece(index: int | None, said: str, item: str = "fc_1") -> Json:
    return delta(index, "function_call_arguments", said, item_id=item)


def whole(index: int | None, arguments: str, item: str = "fc_1") -> Json:
    return {"type": "response.function_call_arguments.done", **_at(index), "item_id": item, "arguments": arguments}


def function(id_: str, name: str, arguments: str = "") -> Json:
    return {"type": "function_call", "id": f"fc_{id_}", "call_id": id_, "name": name, "arguments": arguments}


def message(*parts: Json) -> Json:
    return {"type": "message", "id": "msg_1", "role": "assistant", "content": list(parts)}


def written(said: str) -> Json:
    return {"type": "output_text", "text": said, "annotations": []}


def _at(index: int | None) -> Json:
    return {} if index is None else {"output_index": index}


def reading(form: Build, *events: Json, approve: tuple[str, ...] = ()) -> tuple[list[Event], Said]:
    return read(ResponsesWire(), [form(event) for event in events], approve)


@FORMS
def test_a_text_comes_piece_by_piece_and_then_its_end(form: Build) -> None:
    events, result = reading(
        form,
        opened(),
        added(0, **message()),
        text("Hel"),
        text("lo"),
        done(0, **message(written("Hello"))),
        ended("completed", message(written("Hello")), usage=USAGE),
    )
    assert [
        Other("response.created", None),
        Other("response.output_item.added", None),
        TextDelta("Hel", None),
        TextDelta("lo", None),
        Other("response.output_item.done", None),
        UsageReported(Usage(9, 4), None),
        Finished("stop", None),
    ] == events
    assert ("Hello", Usage(9, 4), True) == (result.text, result.usage, result.finished)
    assert (result.response.id, result.response.model, result.message_id) == ("resp_1", "m", "msg_1")


@FORMS
@pytest.mark.parametrize(
    ("reason", "last"),
    [
        ("length", ended("incomplete", incomplete_details={"reason": "max_output_tokens"}, usage=USAGE)),
        ("content_filter", ended("incomplete", incomplete_details={"reason": "content_filter"}, usage=USAGE)),
        ("bored", ended("incomplete", incomplete_details={"reason": "bored"}, usage=USAGE)),
        ("incomplete", ended("incomplete", usage=USAGE)),
    ],
    ids=["length", "content filter", "invented", "unsaid"],
)
def test_an_incomplete_answer_is_told_with_its_reason_and_its_counts(form: Build, reason: str, last: Json) -> None:
    events, result = reading(form, opened(), text("a"), last)
    assert [UsageReported(Usage(9, 4), None), Finished(reason, None)] == events[-2:]
    assert ((reason,), Usage(9, 4), "a", None) == (
        result.response.finish_reasons,
        result.usage,
        result.text,
        result.failure,
    )


@FORMS
def test_a_response_that_failed_has_no_end_of_its_own_but_its_counts_and_its_error(form: Build) -> None:
    error = {"code": "rate_limit_exceeded", "message": "Slow down."}
    events, result = reading(form, opened(), text("a"), ended("failed", error=error, usage=USAGE))
    assert UsageReported(Usage(9, 4), None) == events[-1]
    assert not any(isinstance(event, Finished) for event in events)
    assert (Failure("rate_limit_exceeded", "Slow down."), "a") == (result.failure, result.text)
    events, _ = reading(form, opened(), ended("failed", error=error))
    assert Other("response.failed", None) == events[-1]


@FORMS
def test_an_error_event_is_a_failure(form: Build) -> None:
    events, result = reading(form, opened(), text("a"), {"type": "error", "code": "server_error", "message": "Oh."})
    assert Other("error", None) == events[-1]
    assert (Failure("server_error", "Oh."), False) == (result.failure, result.finished)


@FORMS
def test_a_completed_response_whose_error_is_null_has_not_failed(form: Build) -> None:
    assert reading(form, opened(), ended("completed", error=None))[1].failure is None


@FORMS
def test_a_response_that_is_cut_keeps_what_it_had_said(form: Build) -> None:
    _, result = reading(
        form, opened(), added(0, **message()), text("Hel"), added(1, **function("c1", "f")), piece(1, "{")
    )
    assert (result.text, result.usage, result.response.finish_reasons, result.finished) == ("Hel", None, None, False)
    assert (ToolCall("f", "{", valid_json=False, id="c1"),) == result.tool_calls


@FORMS
def test_summaries_reasoning_and_refusals_are_told_apart(form: Build) -> None:
    events, result = reading(
        form,
        added(0, type="reasoning", id="rs_1", summary=[]),
        *(delta(0, "reasoning_summary_text", f"s{part}", summary_index=part) for part in range(3)),
        delta(0, "reasoning_text", "t", content_index=0),
        added(1, **message()),
        delta(1, "refusal", "No.", content_index=0),
    )
    assert [event.text for event in events if isinstance(event, ReasoningDelta) and event.summary] == ["s0", "s1", "s2"]
    assert [event.text for event in events if isinstance(event, ReasoningDelta) and not event.summary] == ["t"]
    assert [event.text for event in events if isinstance(event, RefusalDelta)] == ["No."]
    summaries = [Reasoning(f"s{part}", summary=True) for part in range(3)]
    assert (*summaries, Reasoning("t"), Refusal("No.")) == result.parts


@FORMS
def test_encrypted_reasoning_is_a_part_and_no_event(form: Build) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "eA=="}
    events, result = reading(form, added(0, **item), done(0, **item))
    assert all(isinstance(event, Other) for event in events)
    assert [part.sealed is not None for part in result.reasoning] == [True]


@FORMS
@pytest.mark.parametrize("counted", [True, False], ids=["counted", "by ids alone"])
def test_parallel_calls_begin_grow_and_end_on_their_own(form: Build, counted: bool) -> None:
    first, second = (0, 1) if counted else (None, None)
    events, result = reading(
        form,
        added(first, **function("1", "f")),
        added(second, **function("2", "g")),
        piece(first, '{"a"', "fc_1"),
        piece(second, "{}", "fc_2"),
        piece(first, ": 1}", "fc_1"),
        whole(second, "{}", "fc_2"),
        whole(first, '{"a": 1}', "fc_1"),
        done(first, **function("1", "f", '{"a": 1}')),
        done(second, **function("2", "g", "{}")),
        ended("completed", function("1", "f", '{"a": 1}'), function("2", "g", "{}")),
        approve=("g",),
    )
    assert [
        ToolCallStarted(0, "1", "f", False, None),
        ToolCallStarted(1, "2", "g", True, None),
        ToolArgumentDelta(0, '{"a"', None),
        ToolArgumentDelta(1, "{}", None),
        ToolArgumentDelta(0, ": 1}", None),
        ToolCallComplete(1, "2", "g", "{}", True, True, None),
        ToolCallComplete(0, "1", "f", '{"a": 1}', True, False, None),
    ] == [event for event in events if isinstance(event, ToolCallStarted | ToolArgumentDelta | ToolCallComplete)]
    assert [(call.id, call.arguments) for call in result.tool_calls] == [("1", '{"a": 1}'), ("2", "{}")]
    assert Finished("tool_call", None) == events[-1]


CALL = function("1", "f", "{}")


@FORMS
@pytest.mark.parametrize(
    "events",
    [
        [added(0, **function("1", "f")), piece(0, "{}"), whole(0, "{}")],
        [added(0, **function("1", "f")), whole(0, "{}"), done(0, **CALL)],
        [added(0, **function("1", "f")), piece(0, "{}"), done(0, **CALL)],
        [done(0, **CALL)],
        [opened(), ended("completed", CALL)],
        [added(0, **function("1", "f")), piece(0, "{"), ended("completed", CALL)],
        [piece(0, "{}"), done(0, **CALL), ended("completed", CALL)],
    ],
    ids=["arguments done", "no deltas", "item done", "nothing but it", "only at the end", "never done", "never added"],
)
def test_a_call_is_complete_once_by_whatever_says_so(form: Build, events: list[Json]) -> None:
    found, result = reading(form, *events)
    assert completed(found) == [("f", "{}", True)]
    assert sum(isinstance(event, ToolCallStarted) for event in found) == 1
    assert [(call.name, call.arguments) for call in result.tool_calls] == [("f", "{}")]


@FORMS
def test_a_custom_tool_and_a_tool_of_the_applications_computer_are_calls(form: Build) -> None:
    custom = {"type": "custom_tool_call", "id": "ct_1", "call_id": "c", "name": "sql", "input": ""}
    shell = {"type": "local_shell_call", "id": "ls_1", "call_id": "d", "action": {"command": ["ls"]}}
    events, _ = reading(
        form,
        added(0, **custom),
        delta(0, "custom_tool_call_input", "SELECT 1", item_id="ct_1"),
        {"type": "response.custom_tool_call_input.done", "output_index": 0, "item_id": "ct_1", "input": "SELECT 1"},
        added(1, **shell),
        done(1, **shell),
    )
    assert completed(events) == [("sql", "SELECT 1", False), ("local_shell", '{"command":["ls"]}', True)]


@FORMS
def test_tools_of_the_provider_are_named_while_they_run_and_parts_of_the_result(form: Build) -> None:
    search = {
        "type": "web_search_call",
        "id": "ws_1",
        "status": "completed",
        "action": {"type": "search", "query": "x"},
    }
    mcp = {"type": "mcp_call", "id": "mcp_1", "name": "echo", "server_label": "srv", "arguments": "{}", "output": "x"}
    events, result = reading(
        form,
        added(0, **search),
        {"type": "response.web_search_call.searching", "output_index": 0, "item_id": "ws_1"},
        done(0, **search),
        added(1, **mcp),
        delta(1, "mcp_call_arguments", "{}", item_id="mcp_1"),
        done(1, **mcp),
    )
    assert [event.kind for event in events if isinstance(event, Other)] == [
        "web_search_call",
        "response.web_search_call.searching",
        "web_search_call",
        "mcp_call",
        "response.mcp_call_arguments.delta",
        "mcp_call",
    ]
    assert [ServerToolCall, ServerToolCall, ServerToolResponse] == [type(part) for part in result.parts]
    assert result.tool_calls == ()


@FORMS
def test_what_is_said_may_be_asked_for_at_any_time(form: Build) -> None:
    reader = ResponsesWire().reader()
    seen = []
    for event in (added(0, **message()), text("a"), text("b"), text("c", part=1), text("d")):
        reader.read(form(event))
        seen.append((reader.said().text, reader.said().text))
    assert seen == [("", ""), ("a", "a"), ("ab", "ab"), ("abc", "abc"), ("abdc", "abdc")]
    assert (Text("abd"), Text("c")) == reader.said().parts


ODD: list[Json] = [
    {"type": None},
    {"type": ["response.output_text.delta"]},
    {},
    {"type": "response.output_text.delta"},
    {"type": "response.output_text.delta", "output_index": [0], "content_index": {}, "delta": "!"},
    {"type": "response.output_text.delta", "output_index": -4, "delta": 5},
    {"type": "response.function_call_arguments.delta", "output_index": 99, "delta": "{"},
    {"type": "response.function_call_arguments.done", "output_index": 98, "arguments": 5},
    {"type": "response.custom_tool_call_input.done", "input": ["x"]},
    {"type": "response.output_item.added", "item": None},
    {"type": "response.output_item.added", "output_index": {}, "item": {"type": {}}},
    {"type": "response.output_item.done", "output_index": 5, "item": {"type": "function_call", "arguments": 5}},
    {"type": "response.completed", "response": None},
    {"type": "response.incomplete", "response": {"output": 5, "status": [], "usage": "x", "incomplete_details": 3}},
    {"type": "response.telepathy.delta", "delta": "!"},
]


@FORMS
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_odd_event_never_raises_and_disturbs_nothing(form: Build, odd: Json) -> None:
    events, result = reading(form, added(0, **message()), text("a"), odd, text("b"))
    assert text_of(events).replace("!", "") == "ab"
    assert result.text.replace("!", "") == "ab"
