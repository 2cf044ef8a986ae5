"""What Messages requests and answers say, block by block, and that no shape of them can do harm."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from firsttoken.call.content import (
    Citation,
    Compaction,
    Content,
    Media,
    Message,
    Part,
    Reasoning,
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
from firsttoken.providers.message_content import MessageContent

PICTURE = b"\x89PNG picture"
PICTURE_BASE64 = base64.b64encode(PICTURE).decode()


def seal(content: bytes) -> Sealed:
    return Sealed(len(content), hashlib.sha256(content).hexdigest())


def parts(*blocks: Any) -> tuple[Part, ...]:
    (message,) = MessageContent().read_answer(plain({"role": "assistant", "content": list(blocks)}))
    return message.parts


@pytest.mark.parametrize(
    ("expected", "block"),
    [
        (Text("Hi"), {"type": "text", "text": "Hi", "citations": None}),
        (
            Text("Hi", (Citation("char_location", "file_1", "Doc", "quoted", 3, 9),)),
            {
                "type": "text",
                "text": "Hi",
                "citations": [
                    {
                        "type": "char_location",
                        "cited_text": "quoted",
                        "document_index": 0,
                        "document_title": "Doc",
                        "file_id": "file_1",
                        "start_char_index": 3,
                        "end_char_index": 9,
                    }
                ],
            },
        ),
        (
            Text("Hi", (Citation("web_search_result_location", "https://n.example/a", "News", "quoted"),)),
            {
                "type": "text",
                "text": "Hi",
                "citations": [
                    {
                        "type": "web_search_result_location",
                        "cited_text": "quoted",
                        "encrypted_index": "sealed",
                        "title": "News",
                        "url": "https://n.example/a?utm=1",
                    }
                ],
            },
        ),
        (Reasoning("Hm.", signature="sig"), {"type": "thinking", "thinking": "Hm.", "signature": "sig"}),
        (Reasoning("", signature="sig"), {"type": "thinking", "thinking": "", "signature": "sig"}),
        (Reasoning(sealed=seal(b"sealed")), {"type": "redacted_thinking", "data": "sealed"}),
        (Compaction("In short."), {"type": "compaction", "content": "In short."}),
        (Compaction(None, seal(b"sealed")), {"type": "compaction", "encrypted_content": "sealed"}),
        (
            ToolCall("f", '{"a":[1,"ü"]}', valid_json=True, id="toolu_1"),
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": [1, "ü"]}},
        ),
        (
            ToolCall("f", "{}", valid_json=True, id="toolu_1"),
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}},
        ),
        (
            ServerToolCall("web_search", "server_tool_use", '{"query":"x"}', "srvtoolu_1"),
            {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
        ),
        (
            ServerToolCall("echo", "mcp_tool_use", '{"a":1}', "mcptoolu_1", "my-server"),
            {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "echo", "server_name": "my-server", "input": {"a": 1}},
        ),
        (
            ServerToolResponse("mcp_tool_result", '[{"type":"text","text":"1"}]', "mcptoolu_1"),
            {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "content": [{"type": "text", "text": "1"}]},
        ),
        (
            ToolResponse((Text("42"),), "toolu_1"),
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"},
        ),
        (
            ToolResponse((Text("Look:"), Media("image", "image/png", seal(PICTURE))), "toolu_1", failed=True),
            {
                "type": "tool_result",
                "tool_use_id": "toolu_1",
                "is_error": True,
                "content": [
                    {"type": "text", "text": "Look:"},
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": PICTURE_BASE64},
                    },
                ],
            },
        ),
        (
            Media("image", uri="https://p.example/a.png"),
            {"type": "image", "source": {"type": "url", "url": "https://p.example/a.png?token=s3cret"}},
        ),
        (Media("image", file_id="file_1"), {"type": "image", "source": {"type": "file", "file_id": "file_1"}}),
        (
            Media("document", "application/pdf", seal(PICTURE), name="Doc"),
            {
                "type": "document",
                "title": "Doc",
                "source": {"type": "base64", "media_type": "application/pdf", "data": PICTURE_BASE64},
            },
        ),
        (
            Media("document", "text/plain", seal(b"aGVsbG8=")),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "aGVsbG8="}},
        ),
        (Media("document", file_id="file_2"), {"type": "container_upload", "file_id": "file_2"}),
        (Unknown("hologram", '{"type":"hologram","size":3}'), {"type": "hologram", "size": 3}),
        (Unknown("text", '{"type":"text","text":7}'), {"type": "text", "text": 7}),
        (Unknown("unknown", "{}"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_block_is_told_by_its_kind(expected: Part, block: Any) -> None:
    assert (expected,) == parts(block)


def test_results_of_the_providers_tools_give_nothing_encrypted_away() -> None:
    found = {
        "type": "web_search_result",
        "title": "News",
        "url": "https://n.example/a?x=1",
        "encrypted_content": "hidden",
    }
    (part,) = parts({"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": [found]})
    assert isinstance(part, ServerToolResponse)
    assert ("hidden" in part.body, "News" in part.body, "?x=1" in part.body) == (False, True, False)


@pytest.mark.parametrize(
    "system", ["Be terse.", [{"type": "text", "text": "Be terse.", "cache_control": {"type": "ephemeral"}}]]
)
def test_instructions_are_told_apart_from_the_messages(system: Any) -> None:
    body = {"system": system, "messages": [{"role": "user", "content": "Hi"}]}
    expected = Content(input=(Message("user", (Text("Hi"),)),), system=(Text("Be terse."),))
    assert expected == MessageContent().read_request(plain(body))


def test_only_the_names_of_tools_are_told() -> None:
    tools = [
        {"name": "f", "description": "secret", "input_schema": {}},
        {"type": "custom", "name": "g", "input_schema": {}},
        {"type": "web_search_20250305", "name": "web_search"},
        {"type": "mcp_toolset", "mcp_server_name": "my-server"},
    ]
    expected = (
        Tool("function", "f"),
        Tool("function", "g"),
        Tool("web_search_20250305", "web_search"),
        Tool("mcp_toolset", "my-server"),
    )
    assert expected == MessageContent().read_request({"tools": tools}).tools


@pytest.mark.parametrize("messages", [iter([1]), None, 7, "Hi"])
def test_messages_that_are_no_list_are_unknown_and_left_alone(messages: Any) -> None:
    assert Content() == MessageContent().read_request(plain({"messages": messages}))


@pytest.mark.parametrize("answer", [None, {}, [], 7, "<html>", {"content": None}, {"content": []}])
def test_an_answer_that_is_none_says_nothing(answer: Any) -> None:
    assert MessageContent().read_answer(answer) == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "tool_result", "content": 7},
        {"type": "tool_use"},
        {"type": "tool_use", "input": 7, "name": 7, "id": 7},
        {"type": "image", "source": 7},
        {"type": "thinking", "thinking": 7},
        {"type": "text", "text": "x", "citations": [7, {}]},
        {"type": "_tool_result"},
        [],
        7,
    ],
    ids=str,
)
def test_an_odd_block_is_read_as_far_as_it_goes(odd: Any) -> None:
    assert len(parts(odd)) == 1
