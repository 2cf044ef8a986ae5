"""What Chat Completions requests and answers say, part by part, and that no shape of them can do harm."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from firsttoken.call.content import (
    Citation,
    Content,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Sealed,
    Text,
    Tool,
    ToolCall,
    ToolResponse,
    Unknown,
)
from firsttoken.plain import plain
from firsttoken.providers.chat_content import ChatContent

PICTURE = b"\x89PNG picture"
PICTURE_BASE64 = base64.b64encode(PICTURE).decode()
PICTURE_SEAL = Sealed(len(PICTURE), hashlib.sha256(PICTURE).hexdigest())
ENCRYPTED = "encrypted words"
ENCRYPTED_SEAL = Sealed(len(ENCRYPTED), hashlib.sha256(ENCRYPTED.encode()).hexdigest())


def asked(*messages: Any) -> tuple[Message, ...] | None:
    return ChatContent().read_request(plain({"messages": list(messages)})).input


def parts(content: Any) -> tuple[Part, ...]:
    """Those of a user's message with this content."""
    (message,) = asked({"role": "user", "content": content}) or ()
    return message.parts


def answered(**message: Any) -> tuple[Part, ...]:
    (told,) = ChatContent().read_answer({"choices": [{"message": {"role": "assistant", **message}}]})
    return told.parts


@pytest.mark.parametrize("role", ["system", "developer", "user", "assistant", "a role of next year"])
def test_a_message_keeps_its_role_and_its_words(role: str) -> None:
    given = {"role": role, "content": " two\nlines \U0001f600", "name": "ada"}
    assert (Message(role, (Text(" two\nlines \U0001f600"),), "ada"),) == asked(given)


@pytest.mark.parametrize(
    ("expected", "part"),
    [
        (Text("Hi"), {"type": "text", "text": "Hi"}),
        (Text(""), {"type": "text", "text": ""}),
        (Refusal("No."), {"type": "refusal", "refusal": "No."}),
        (
            Media("image", "image/png", PICTURE_SEAL),
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE_BASE64}", "detail": "high"}},
        ),
        (
            Media("image", uri="https://pictures.example/a.png"),
            {"type": "image_url", "image_url": {"url": "https://me:pw@pictures.example/a.png?signature=s3cret#x"}},
        ),
        (Media("image", uri="gs://bucket/a.png"), {"type": "image_url", "image_url": "gs://bucket/a.png"}),
        (
            Media("audio", "audio/wav", PICTURE_SEAL),
            {"type": "input_audio", "input_audio": {"data": PICTURE_BASE64, "format": "wav"}},
        ),
        (Media("video", uri="https://v.example/a"), {"type": "video_url", "video_url": {"url": "https://v.example/a"}}),
        (
            Media("document", "application/pdf", PICTURE_SEAL, name="a.pdf"),
            {
                "type": "file",
                "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PICTURE_BASE64}"},
            },
        ),
        (Media("document", file_id="file-1"), {"type": "file", "file": {"file_id": "file-1"}}),
        (Reasoning("Hm."), {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}),
        (
            Unknown("hologram", '{"type":"hologram","size":3}'),
            {"type": "hologram", "size": 3},
        ),
        (Unknown("text", '{"type":"text"}'), {"type": "text"}),
        (Unknown("image_url", '{"type":"image_url","image_url":null}'), {"type": "image_url", "image_url": None}),
        (Unknown("unknown", "{}"), 7),
        (Text("a bare text"), "a bare text"),
    ],
    ids=str,
)
def test_a_part_is_told_by_its_kind(expected: Part, part: Any) -> None:
    assert (expected,) == parts([part])


@pytest.mark.parametrize(
    "hidden",
    [
        {"type": "hologram", "data": "aGVsbG8="},
        {"type": "hologram", "preview": {"url": "data:image/png;base64,aGVsbG8="}},
        {"type": "hologram", "layers": [{"pixels": base64.b64encode(b"x" * 300).decode() + "aGVsbG8="}]},
        {"type": "hologram", "href": "https://h.example/a?token=aGVsbG8="},
    ],
    ids=str,
)
def test_a_part_that_nobody_knows_gives_no_base64_and_no_query_away(hidden: dict[str, Any]) -> None:
    (part,) = parts([hidden])
    assert "aGVsbG8=" not in repr(part)


def test_calls_of_tools_and_their_responses_belong_together_by_id() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    told = asked(
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "42"},
        {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "43"}]},
        {"role": "function", "name": "old", "content": "44"},
    )
    expected = (
        Message("assistant", (ToolCall("f", '{"a": 1}', valid_json=True, id="call_1"),)),
        Message("tool", (ToolResponse((Text("42"),), "call_1"),)),
        Message("tool", (ToolResponse((Text("43"),), "call_2"),)),
        Message("function", (ToolResponse((Text("44"),)),), "old"),
    )
    assert expected == told


@pytest.mark.parametrize(
    ("arguments", "valid"),
    [("{}", True), ('{"a":1', False), ("", False), ("NaN", False), ('"text"', True), ("[" * 100_000, False)],
)
def test_arguments_are_marked_by_whether_they_are_json(arguments: str, valid: bool) -> None:
    (call,) = answered(tool_calls=[{"id": "1", "function": {"name": "f", "arguments": arguments}}])
    assert ToolCall("f", arguments, valid_json=valid, id="1") == call


def test_a_custom_tool_gets_any_text() -> None:
    given = {"id": "call_1", "type": "custom", "custom": {"name": "sql", "input": "SELECT 1"}}
    assert (ToolCall("sql", "SELECT 1", valid_json=False, id="call_1", kind="custom"),) == answered(tool_calls=[given])


def test_a_function_call_of_the_old_kind_is_a_tool_call() -> None:
    given = {"name": "f", "arguments": "{}"}
    assert (ToolCall("f", "{}", valid_json=True),) == answered(content=None, function_call=given)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_stands_before_the_text(name: str) -> None:
    assert (Reasoning("Hm."), Text("Yes.")) == answered(content="Yes.", **{name: "Hm."})


def test_reasoning_that_a_server_gives_twice_is_told_once() -> None:
    details = [{"type": "reasoning.text", "text": "Hm.", "signature": "sig"}]
    told = answered(content="Yes.", reasoning="Hm.", reasoning_content="Hm.", reasoning_details=details)
    assert (Reasoning("Hm.", signature="sig"), Text("Yes.")) == told


def test_details_of_reasoning_are_told_by_their_kinds() -> None:
    details = [
        {"type": "reasoning.summary", "summary": "In short."},
        {"type": "reasoning.text", "text": "Hm.", "signature": "sig"},
        {"type": "reasoning.encrypted", "data": ENCRYPTED},
    ]
    expected = (
        Reasoning("In short.", summary=True),
        Reasoning("Hm.", signature="sig"),
        Reasoning(sealed=ENCRYPTED_SEAL),
    )
    assert expected == answered(content=None, reasoning_details=details)


def test_annotations_are_citations_of_the_text() -> None:
    cited = {"url": "https://n.example/a?utm=1", "title": "News", "start_index": 0, "end_index": 5}
    told = answered(content="It is.", annotations=[{"type": "url_citation", "url_citation": cited}])
    citation = Citation("url_citation", "https://n.example/a", "News", start=0, end=5)
    assert (Text("It is.", (citation,)),) == told


def test_spoken_answers_keep_their_transcript_and_not_their_sound() -> None:
    told = answered(content=None, audio={"id": "audio_1", "data": PICTURE_BASE64, "transcript": "Hello."})
    assert (Media("audio", sealed=PICTURE_SEAL, file_id="audio_1", transcript="Hello."),) == told


def test_every_choice_is_a_message() -> None:
    answer = {"choices": [{"message": {"content": "a"}}, {"message": {"content": "b"}}, {"message": None}]}
    expected = (Message("assistant", (Text("a"),)), Message("assistant", (Text("b"),)), Message("assistant", ()))
    assert expected == ChatContent().read_answer(answer)


def test_only_the_names_of_tools_are_told() -> None:
    tools = [
        {"type": "function", "function": {"name": "f", "description": "secret", "parameters": {}}},
        {"type": "custom", "custom": {"name": "sql"}},
        {"type": "web_search"},
    ]
    expected = (Tool("function", "f"), Tool("custom", "sql"), Tool("web_search", "web_search"), Tool("function", "old"))
    assert expected == ChatContent().read_request({"tools": tools, "functions": [{"name": "old"}]}).tools


@pytest.mark.parametrize("messages", [iter([1]), (message for message in ()), None, 7, "Hi", {"role": "user"}])
def test_messages_that_are_no_list_are_unknown_and_left_alone(messages: Any) -> None:
    assert Content() == ChatContent().read_request(plain({"messages": messages}))


@pytest.mark.parametrize(
    "odd",
    [
        [None],
        [7, "text", []],
        [{}],
        [{"role": 7, "content": 8}],
        [{"role": "user", "content": {"type": "text"}}],
        [{"role": "user", "content": [None, 7, [], {"type": 7}, {"type": None, "text": 1}]}],
        [{"role": "assistant", "tool_calls": [None, {}, {"function": 7}, {"type": 7, "function": {"name": []}}]}],
        [{"role": "assistant", "tool_calls": 7, "audio": 7, "images": 7, "annotations": 7, "reasoning_details": 7}],
        [{"role": "assistant", "annotations": [7, {}], "reasoning_details": [7, {}], "content": "x"}],
        [{"role": "tool", "content": None}],
    ],
    ids=str,
)
def test_odd_messages_are_read_as_far_as_they_go(odd: list[Any]) -> None:
    told = asked(*odd)
    assert told is not None
    assert len(told) == len(odd)


@pytest.mark.parametrize("answer", [None, {}, [], 7, "<html>", {"choices": None}, {"choices": [None, 7, {}]}])
def test_an_answer_that_is_none_says_nothing(answer: Any) -> None:
    assert {part for message in ChatContent().read_answer(answer) for part in message.parts} == set()


def test_half_a_surrogate_pair_is_made_fit_to_be_sent() -> None:
    assert (Text("a?"),) == parts("a\ud83d")
