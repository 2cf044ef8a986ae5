"""What Responses requests and answers say, item by item, whole and as a stream that may be cut anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openai._models
import pytest

from firsttoken.call.content import (
    Citation,
    Compaction,
    Content,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Sealed,
    ServerToolCall,
    ServerToolResponse,
    Text,
    Tool,
    ToolCall,
    ToolResponse,
    Unknown,
)
from firsttoken.plain import plain
from firsttoken.providers.responses_content import ResponsesContent

Response = pytest.importorskip("openai.types.responses", reason="not offered by this openai").Response

Json = dict[str, Any]
Build = Callable[[Json], Any]

PICTURE = b"\x89PNG picture"
PICTURE_BASE64 = base64.b64encode(PICTURE).decode()


def seal(content: bytes) -> Sealed:
    return Sealed(len(content), hashlib.sha256(content).hexdigest())


def said(*parts: Json) -> Json:
    return {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": list(parts)}


def thought(**members: Any) -> Json:
    return {"id": "rs_1", "type": "reasoning", "summary": [], **members}


ITEMS: list[tuple[tuple[Part, ...], Json]] = [
    ((Text("Hi"),), said({"type": "output_text", "text": "Hi", "annotations": []})),
    ((Text("Hi "), Text("you")), said({"type": "output_text", "text": "Hi "}, {"type": "output_text", "text": "you"})),
    (
        (Text("Hi", (Citation("url_citation", "https://n.example/a", "News", None, 0, 2),)),),
        said(
            {
                "type": "output_text",
                "text": "Hi",
                "annotations": [
                    {
                        "type": "url_citation",
                        "url": "https://n.example/a?key=1",
                        "title": "News",
                        "start_index": 0,
                        "end_index": 2,
                    }
                ],
            }
        ),
    ),
    ((Refusal("No."),), said({"type": "refusal", "refusal": "No."})),
    (
        (Reasoning("In short.", summary=True), Reasoning("Hm."), Reasoning(sealed=seal(b"gAAA"))),
        thought(
            summary=[{"type": "summary_text", "text": "In short."}],
            content=[{"type": "reasoning_text", "text": "Hm."}],
            encrypted_content="gAAA",
        ),
    ),
    (
        (ToolCall("f", '{"a": 1}', valid_json=True, id="call_1"),),
        {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a": 1}'},
    ),
    (
        (ToolCall("f", '{"a": ', valid_json=False, id="call_1"),),
        {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": '{"a": '},
    ),
    (
        (ToolCall("g", "SELECT 1", valid_json=False, id="call_1", kind="custom"),),
        {"id": "ct_1", "type": "custom_tool_call", "call_id": "call_1", "name": "g", "input": "SELECT 1"},
    ),
    (
        (
            ServerToolCall("echo", "mcp_call", '{"a":1}', "mcp_1", "my-server"),
            ServerToolResponse("mcp_call", "1", "mcp_1"),
        ),
        {
            "id": "mcp_1",
            "type": "mcp_call",
            "name": "echo",
            "server_label": "my-server",
            "arguments": '{"a":1}',
            "output": "1",
        },
    ),
    (
        (
            ServerToolCall("echo", "mcp_call", "{}", "mcp_1", "my-server"),
            ServerToolResponse("mcp_call", '{"error":"down"}', "mcp_1"),
        ),
        {
            "id": "mcp_1",
            "type": "mcp_call",
            "name": "echo",
            "server_label": "my-server",
            "arguments": "{}",
            "error": "down",
        },
    ),
    (
        (ServerToolCall("web_search", "web_search_call", '{"query":"x","type":"search"}', "ws_1"),),
        {"id": "ws_1", "type": "web_search_call", "action": {"query": "x", "type": "search"}, "status": "completed"},
    ),
    (
        (
            ServerToolCall("file_search", "file_search_call", '["x"]', "fs_1"),
            ServerToolResponse("file_search_call", '[{"file_id":"f","text":"t"}]', "fs_1"),
        ),
        {"id": "fs_1", "type": "file_search_call", "queries": ["x"], "results": [{"file_id": "f", "text": "t"}]},
    ),
    (
        (
            ServerToolCall("code_interpreter", "code_interpreter_call", "1+1", "ci_1"),
            ServerToolResponse("code_interpreter_call", '[{"type":"logs","logs":"2"}]', "ci_1"),
        ),
        {
            "id": "ci_1",
            "type": "code_interpreter_call",
            "code": "1+1",
            "container_id": "c",
            "outputs": [{"type": "logs", "logs": "2"}],
        },
    ),
    (
        (
            ServerToolCall("image_generation", "image_generation_call", "A cat.", "ig_1"),
            Media("image", "image/png", seal(PICTURE)),
        ),
        {
            "id": "ig_1",
            "type": "image_generation_call",
            "revised_prompt": "A cat.",
            "result": PICTURE_BASE64,
            "output_format": "png",
        },
    ),
    (
        (Compaction(sealed=seal(b"gAAA"), id="cmp_1"),),
        {"id": "cmp_1", "type": "compaction", "encrypted_content": "gAAA"},
    ),
    (
        (Unknown("telepathy", '{"id":"t_1","type":"telepathy","thought":1}'),),
        {"id": "t_1", "type": "telepathy", "thought": 1},
    ),
]

EVERY_ITEM = pytest.mark.parametrize(
    ("expected", "item"), ITEMS, ids=[f"{index} {item['type']}" for index, (_, item) in enumerate(ITEMS)]
)


def comparable(parts: tuple[Part, ...]) -> list[Part]:
    """With JSON in the order of the alphabet: the SDK has an order of its own."""
    return [_in_order(part) for part in parts]


def _in_order(part: Part) -> Part:
    match part:
        case ServerToolCall():
            return replace(part, arguments=_sorted(part.arguments))
        case ServerToolResponse() | Unknown():
            return replace(part, body=_sorted(part.body))
        case _:
            return part


def _sorted(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True) if text.startswith(("{", "[")) else text


def parts_of(messages: tuple[Message, ...]) -> tuple[Part, ...]:
    (message,) = messages
    assert message.role == "assistant"
    return message.parts


def _as_object(response: Json) -> Any:
    return openai._models.construct_type(value=response, type_=Response)


@EVERY_ITEM
@pytest.mark.parametrize("form", [_as_object, dict], ids=["object", "dict"])
def test_an_item_is_told_by_its_kind(form: Build, expected: tuple[Part, ...], item: Json) -> None:
    answer = plain(form({"id": "resp_1", "object": "response", "output": [item]}))
    assert comparable(expected) == comparable(parts_of(ResponsesContent().read_answer(answer)))


@EVERY_ITEM
@pytest.mark.parametrize("until", ["response.output_item.done", "response.completed"])
def test_a_stream_of_it_says_the_same(
    response_event: Build, until: str, expected: tuple[Part, ...], item: Json
) -> None:
    events = [
        {"type": "response.output_item.added", "output_index": 0, "item": {"id": item["id"], "type": item["type"]}},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": {"id": "resp_1", "object": "response", "output": [item]}},
    ]
    transcript = ResponsesContent().transcript()
    for event in events:
        transcript.note(response_event(event))
        if event["type"] == until:
            break
    assert comparable(expected) == comparable(parts_of(ResponsesContent().read_answer(transcript.answer())))


def delta(kind: str, text: str, index: int = 0, **more: Any) -> Json:
    return {"type": f"response.{kind}.delta", "output_index": index, "item_id": f"i_{index}", "delta": text, **more}


def added(index: int = 0, **item: Any) -> Json:
    return {"type": "response.output_item.added", "output_index": index, "item": item}


CUT: dict[str, tuple[tuple[Part, ...], list[Json]]] = {
    "text": (
        (Text("Hi you"),),
        [
            added(type="message", id="m", role="assistant", content=[]),
            delta("output_text", "Hi ", content_index=0),
            delta("output_text", "you", content_index=0),
        ],
    ),
    "text without an item": ((Text("Hi"),), [delta("output_text", "Hi", content_index=0)]),
    "refusal": (
        (Refusal("No."),),
        [added(type="message", id="m", role="assistant", content=[]), delta("refusal", "No.", content_index=0)],
    ),
    "two summaries": (
        (Reasoning("One.", summary=True), Reasoning("Two.", summary=True)),
        [
            added(type="reasoning", id="r", summary=[]),
            delta("reasoning_summary_text", "One.", summary_index=0),
            delta("reasoning_summary_text", "Two.", summary_index=1),
        ],
    ),
    "reasoning": (
        (Reasoning("Hm."),),
        [added(type="reasoning", id="r", summary=[]), delta("reasoning_text", "Hm.", content_index=0)],
    ),
    "calls that come interleaved": (
        (
            ToolCall("f", '{"a": 1', valid_json=False, id="call_1"),
            ToolCall("g", '{"b": 2}', valid_json=True, id="call_2"),
        ),
        [
            added(0, type="function_call", id="fc_1", call_id="call_1", name="f", arguments=""),
            added(1, type="function_call", id="fc_2", call_id="call_2", name="g", arguments=""),
            delta("function_call_arguments", '{"a"', 0),
            delta("function_call_arguments", '{"b": 2}', 1),
            delta("function_call_arguments", ": 1", 0),
        ],
    ),
    "custom call": (
        (ToolCall("g", "SELECT", valid_json=False, id="call_1", kind="custom"),),
        [
            added(type="custom_tool_call", id="ct_1", call_id="call_1", name="g", input=""),
            delta("custom_tool_call_input", "SELECT"),
        ],
    ),
    "MCP call": (
        (ServerToolCall("echo", "mcp_call", '{"a":1}', "mcp_1", "my-server"),),
        [
            added(type="mcp_call", id="mcp_1", name="echo", server_label="my-server", arguments=""),
            delta("mcp_call_arguments", '{"a":1}'),
        ],
    ),
    "code": (
        (ServerToolCall("code_interpreter", "code_interpreter_call", "1+1", "ci_1"),),
        [added(type="code_interpreter_call", id="ci_1", container_id="c"), delta("code_interpreter_call_code", "1+1")],
    ),
}


@pytest.mark.parametrize("what", CUT)
def test_what_is_under_way_when_a_stream_is_cut_is_told_as_far_as_it_came(response_event: Build, what: str) -> None:
    expected, events = CUT[what]
    transcript = ResponsesContent().transcript()
    for event in events:
        transcript.note(response_event(event))
    assert expected == parts_of(ResponsesContent().read_answer(transcript.answer()))


@pytest.mark.parametrize(
    ("expected", "part"),
    [
        (Text("Hi"), {"type": "input_text", "text": "Hi"}),
        (
            Media("image", "image/png", seal(PICTURE)),
            {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE_BASE64}"},
        ),
        (
            Media("image", uri="https://n.example/a.png"),
            {"type": "input_image", "image_url": "https://n.example/a.png?sig=1"},
        ),
        (Media("image", file_id="file_1"), {"type": "input_image", "file_id": "file_1"}),
        (
            Media("audio", "audio/wav", seal(PICTURE)),
            {"type": "input_audio", "input_audio": {"data": PICTURE_BASE64, "format": "wav"}},
        ),
        (Media("document", file_id="file_1"), {"type": "input_file", "file_id": "file_1"}),
        (Unknown("telepathy", '{"type":"telepathy"}'), {"type": "telepathy"}),
    ],
)
def test_a_part_of_what_is_asked_is_told_by_its_kind(expected: Part, part: Json) -> None:
    asked = ResponsesContent().read_request({"input": [{"role": "user", "content": [part]}]})
    assert Content(input=(Message("user", (expected,)),)) == asked


def test_turns_instructions_and_tools_of_a_request_are_told() -> None:
    asked = ResponsesContent().read_request(
        {
            "instructions": "Be terse.",
            "input": [
                {"role": "user", "content": "Hi"},
                {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "call_1", "output": "42"},
            ],
            "tools": [{"type": "function", "name": "f", "description": "secret"}, {"type": "mcp", "server_label": "s"}],
        }
    )
    assert asked == Content(
        input=(
            Message("user", (Text("Hi"),)),
            Message("assistant", (ToolCall("f", "{}", valid_json=True, id="call_1"),)),
            Message("tool", (ToolResponse((Text("42"),), "call_1"),)),
        ),
        system=(Text("Be terse."),),
        tools=(Tool("function", "f"), Tool("mcp", "s")),
    )


@pytest.mark.parametrize("odd", [None, 7, {"a": 1}, object()])
def test_an_input_that_is_no_list_is_unknown_and_left_alone(odd: object) -> None:
    assert ResponsesContent().read_request(plain({"input": odd})).input is None


@pytest.mark.parametrize("odd", [None, [], {}, {"output": None}, {"output": "x"}, 7])
def test_an_answer_that_is_none_says_nothing(odd: Any) -> None:
    assert ResponsesContent().read_answer(odd) == ()
