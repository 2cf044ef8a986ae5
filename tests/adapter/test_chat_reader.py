"""What Chat Completions says, event by event, in the words of OpenAI and of compatible servers."""

from __future__ import annotations

from typing import Any

import pytest
from sdk_objects import chat_object, decoded

from adapter.reading import Build, Json, completed, read, telling
from firsttoken.adapter.chat import ChatWire
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
from firsttoken.adapter.wire import Said
from firsttoken.call import Usage
from firsttoken.call.content import ToolCall

FORMS = pytest.mark.parametrize("form", [chat_object, decoded], ids=["object", "dict"])


def chunk(*choices: Json, **more: Any) -> Json:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": list(choices), **more}


def choice(index: int = 0, finish_reason: str | None = None, **delta: Any) -> Json:
    return {"index": index, "delta": delta, "finish_reason": finish_reason}


def said(index: int = 0, **delta: Any) -> Json:
    return chunk(choice(index, **delta))


def ended(reason: str = "stop", index: int = 0, **more: Any) -> Json:
    return chunk(choice(index, reason), **more)


def call(index: int | None, arguments: Any = "", **given: Any) -> Json:
    named = {"name": given.pop("name")} if "name" in given else {}
    counted = {} if index is None else {"index": index}
    return {**counted, **given, "function": {**named, "arguments": arguments}}


def calls(*pieces: Json) -> Json:
    return said(tool_calls=list(pieces))


def usage(prompt: int, completion: int) -> Json:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def reading(form: Build, *chunks: Json, approve: tuple[str, ...] = ()) -> tuple[list[Event], Said]:
    events, result = read(ChatWire(), [form(piece) for piece in chunks], approve)
    return events, result


@FORMS
def test_a_text_comes_piece_by_piece_and_then_its_end(form: Build) -> None:
    pieces = [said(role="assistant", content=""), said(content="Hel"), said(content="lo"), ended()]
    events, result = reading(form, *pieces)
    assert [Other("chunk", None), TextDelta("Hel", None), TextDelta("lo", None), Finished("stop", None)] == events
    assert (result.text, result.finished, result.response.finish_reasons) == ("Hello", True, ("stop",))
    assert (result.response.id, result.response.model, result.message_id) == ("chatcmpl-1", "m", None)


@FORMS
def test_choices_are_told_apart(form: Build) -> None:
    events, result = reading(
        form,
        said(0, content="a"),
        said(1, content="b"),
        chunk(choice(0, content="c"), choice(1, content="d")),
        ended(index=1, reason="length"),
        ended(index=0),
    )
    assert [
        TextDelta("a", None, 0),
        TextDelta("b", None, 1),
        TextDelta("c", None, 0),
        TextDelta("d", None, 1),
        Finished("length", None, 1),
        Finished("stop", None, 0),
    ] == events
    assert (result.text, result.response.finish_reasons) == ("ac", ("stop", "length"))


@FORMS
@pytest.mark.parametrize(
    ("expected", "delta"),
    [
        ([ReasoningDelta("Hm", None)], {"reasoning_content": "Hm"}),
        ([ReasoningDelta("Hm", None)], {"reasoning": "Hm"}),
        ([ReasoningDelta("Hm", None)], {"reasoning": "Hm", "reasoning_content": "Hm"}),
        (
            [ReasoningDelta("Hm", None)],
            {"reasoning": "Hm", "reasoning_details": [{"type": "reasoning.text", "text": "Hm"}]},
        ),
        ([ReasoningDelta("Hm", None)], {"reasoning_details": [{"type": "reasoning.text", "text": "Hm"}]}),
        (
            [ReasoningDelta("Hm", None, summary=True)],
            {"reasoning_details": [{"type": "reasoning.summary", "summary": "Hm"}]},
        ),
        ([Other("chunk", None)], {"reasoning_details": [{"type": "reasoning.encrypted", "data": "eA=="}]}),
        ([ReasoningDelta("Hm", None), TextDelta("So", None)], {"content": "So", "reasoning_content": "Hm"}),
        (
            [ReasoningDelta("Hm", None)],
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]},
        ),
        ([TextDelta("So", None)], {"content": [{"type": "text", "text": "So"}]}),
        ([ReasoningDelta(" \n", None)], {"content": "", "reasoning_content": " \n"}),
        ([RefusalDelta("No.", None)], {"refusal": "No."}),
        ([Other("chunk", None)], {"annotations": [{"type": "url_citation"}]}),
        ([Other("chunk", None)], {}),
    ],
    ids=str,
)
def test_every_servers_words_for_reasoning_and_refusal_are_known(
    form: Build, expected: list[Event], delta: Json
) -> None:
    assert expected == reading(form, said(**delta))[0]


@FORMS
def test_a_tool_call_begins_grows_and_is_complete_at_the_end(form: Build) -> None:
    pieces = [calls(call(0, id="c1", type="function", name="f")), calls(call(0, '{"a":')), calls(call(0, " 1}"))]
    events, result = reading(form, *pieces, ended("tool_calls"), approve=("f",))
    assert [
        ToolCallStarted(0, "c1", "f", True, None),
        ToolArgumentDelta(0, '{"a":', None),
        ToolArgumentDelta(0, " 1}", None),
        ToolCallComplete(0, "c1", "f", '{"a": 1}', True, True, None),
        Finished("tool_calls", None),
    ] == events
    assert (ToolCall("f", '{"a": 1}', valid_json=True, id="c1"),) == result.tool_calls


@FORMS
@pytest.mark.parametrize(
    "pieces",
    [
        [call(0, "{", id="a", name="f"), call(1, "[", id="b", name="g"), call(0, "}"), call(1, "]")],
        [call(0, "{", id="a", name="f"), call(0, "}"), call(0, "[", id="b", name="g"), call(0, "]")],
        [call(None, "{", id="a", name="f"), call(None, "}", id="a"), call(None, "[]", id="b", name="g")],
        [call(0, "{", id="a", name="f"), call(0, "}", id="a", name="f"), call(1, "[]", id="b", name="g")],
        [call(7, "{}", id="a", name="f"), call(3, "[]", id="b", name="g")],
        [call(0, {}, id="a", name="f"), call(1, "[]", id="b", name="g")],
    ],
    ids=["interleaved", "all at index 0", "no index", "repeating", "odd indexes", "an object"],
)
@pytest.mark.parametrize("at_once", [False, True], ids=["in turn", "in one chunk"])
def test_parallel_calls_are_kept_apart_however_a_server_counts_them(
    form: Build, pieces: list[Json], *, at_once: bool
) -> None:
    chunks = [calls(*pieces)] if at_once else [calls(piece) for piece in pieces]
    events, result = reading(form, *chunks, ended("tool_calls"))
    assert [(event.index, event.id) for event in events if isinstance(event, ToolCallStarted)] == [(0, "a"), (1, "b")]
    assert sorted(completed(events)) == [("f", "{}", True), ("g", "[]", True)]
    assert [(part.name, part.arguments) for part in result.tool_calls] == [("f", "{}"), ("g", "[]")]


@FORMS
def test_the_next_call_completes_one_that_is_a_whole_object_and_no_other(form: Build) -> None:
    whole, open_, last = call(0, "{}", id="a", name="f"), call(1, "{", id="b", name="g"), call(2, "", id="c", name="h")
    events, _ = reading(form, calls(whole), calls(open_), calls(last))
    assert completed(events) == [("f", "{}", True)]
    events, _ = reading(form, calls(whole), calls(open_), calls(last), ended("tool_calls"))
    assert completed(events) == [("f", "{}", True), ("g", "{", False), ("h", "", False)]


@FORMS
def test_arguments_that_may_yet_grow_though_they_are_json_are_not_complete(form: Build) -> None:
    number, other = call(0, "1", id="a", name="f"), call(1, "{}", id="b", name="g")
    events, _ = reading(form, calls(number), calls(other), calls(call(0, "2")), ended("tool_calls"))
    assert completed(events) == [("f", "12", True), ("g", "{}", True)]


@FORMS
def test_what_is_said_may_be_asked_for_at_any_time(form: Build) -> None:
    reader, seen = ChatWire().reader(), []
    part = {"type": "reference", "reference_ids": [1]}
    for piece in (said(content="a"), said(content=[part]), said(content="b", images=[{"type": "x"}])):
        reader.read(form(piece))
        assert reader.said() == reader.said()
        seen.append([type(part).__name__ for part in reader.said().parts])
    assert seen == [["Text"], ["Text", "Unknown"], ["Text", "Unknown", "Unknown"]]
    assert reader.said().text == "ab"


@FORMS
def test_a_call_that_goes_on_after_all_is_completed_again(form: Build) -> None:
    chunks = [calls(call(0, "{}", id="a", name="f")), calls(call(1, "{}", id="b", name="g")), calls(call(0, '{"a":1}'))]
    events, result = reading(form, *chunks, ended("tool_calls"))
    assert completed(events) == [("f", "{}", True), ("f", '{}{"a":1}', False), ("g", "{}", True)]
    assert result.tool_calls[0].arguments == '{}{"a":1}'


@FORMS
def test_the_legacy_function_call_and_a_custom_tool_are_calls_too(form: Build) -> None:
    events, _ = reading(
        form, said(function_call={"name": "f", "arguments": "{"}), said(function_call={"arguments": "}"}), ended()
    )
    assert ToolCallStarted(0, None, "f", False, None) == events[0]
    assert completed(events) == [("f", "{}", True)]
    custom = {"index": 0, "id": "c", "type": "custom", "custom": {"name": "sql", "input": "SELECT"}}
    events, _ = reading(form, calls(custom), calls({"index": 0, "custom": {"input": " 1"}}), ended("tool_calls"))
    assert [ToolArgumentDelta(0, "SELECT", None), ToolArgumentDelta(0, " 1", None)] == events[1:3]
    assert completed(events) == [("sql", "SELECT 1", False)]


@FORMS
def test_a_name_that_comes_late_or_never_still_makes_a_call(form: Build) -> None:
    events, _ = reading(form, calls({"index": 0, "id": "c"}), calls(call(0, "{}", name="f")), ended("tool_calls"))
    assert [Other("chunk", None), ToolCallStarted(0, "c", "f", False, None)] == events[:2]
    events, _ = reading(form, calls(call(0, "{}")), ended("tool_calls"))
    assert [ToolCallStarted(0, None, "", False, None), ToolArgumentDelta(0, "{}", None)] == events[:2]


@FORMS
@pytest.mark.parametrize(
    ("expected", "chunks"),
    [
        ([Usage(9, 2)], [said(content="a"), ended(), chunk(usage=usage(9, 2))]),
        ([Usage(9, 2)], [said(content="a", usage=None), ended(usage=usage(9, 2))]),
        (
            [Usage(9, 1, partial=True), Usage(9, 2)],
            [chunk(choice(content="a"), usage=usage(9, 1)), ended(usage=usage(9, 2))],
        ),
        ([Usage(9, 2)], [chunk(choice(content="a"), usage=usage(0, 0)), ended(), chunk(usage=usage(9, 2))]),
        ([Usage(9, 2)], [said(content="a"), ended(x_groq={"usage": usage(9, 2)})]),
        ([Usage(9, 2)], [said(content="a"), chunk({**choice(finish_reason="stop"), "usage": usage(9, 2)})]),
        ([], [said(content="a"), ended()]),
    ],
    ids=["in a tail", "with the end", "on every chunk", "zero at first", "Groq's", "Moonshot AI's", "never"],
)
def test_usage_is_told_wherever_a_server_puts_it(form: Build, expected: list[Usage], chunks: list[Json]) -> None:
    events, result = reading(form, *chunks)
    assert expected == [event.usage for event in events if isinstance(event, UsageReported)]
    assert (expected[-1] if expected else None) == result.usage


@FORMS
@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter", "function_call", "bored"])
def test_any_finish_reason_is_passed_on_once(form: Build, reason: str) -> None:
    events, result = reading(form, said(content="a"), ended(reason), ended(reason, usage=usage(9, 2)))
    assert [Finished(reason, None)] == [event for event in events if isinstance(event, Finished)]
    assert (reason,) == result.response.finish_reasons


@FORMS
def test_a_stream_that_still_runs_has_no_finish_reason_yet(form: Build) -> None:
    _, result = reading(form, said(content="a"))
    assert (result.response.finish_reasons, result.finished, result.text) == (None, False, "a")


ODD: list[Any] = [
    {"choices": None},
    {"choices": 5},
    {"choices": ["x", None, 3]},
    {"choices": [{"index": 0, "delta": None}]},
    {"choices": [{"index": [0], "delta": {"content": "!"}, "finish_reason": ["stop"]}]},
    {"choices": [{"delta": {"content": 5, "refusal": 5, "reasoning": 5, "reasoning_details": 5}}]},
    {"choices": [{"index": -7, "delta": {"tool_calls": "x"}}]},
    {"choices": [{"index": 0, "delta": {"tool_calls": [None, 3, {"index": {}, "id": [], "type": {}}]}}]},
    {"choices": [{"index": 0, "delta": {"tool_calls": [{"function": "x"}], "function_call": 3}}]},
    {"choices": [], "usage": "many", "model": 5, "id": []},
    {"choices": [{"index": 0, "delta": {"reasoning_details": [{"index": [], "type": {}, "text": "x"}]}}]},
    {"error": {"message": "out of credit"}},
    {},
]


@FORMS
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_an_odd_chunk_never_raises_and_disturbs_nothing(form: Build, odd: Json) -> None:
    events, result = reading(form, said(content="a"), odd, said(content="b"), ended())
    assert "".join(event.text for event in telling(events) if isinstance(event, TextDelta)).replace("!", "") == "ab"
    assert result.text.replace("!", "") == "ab"
