"""A transcript of a stream reads like the whole answer, in both forms in which chunks come, wherever it stops."""

from __future__ import annotations

import base64
import gc
import hashlib
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from firsttoken.call.content import (
    Citation,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    Sealed,
    ServerToolCall,
    Text,
    ToolCall,
)
from firsttoken.providers.chat_content import ChatContent
from firsttoken.providers.content import ContentReader
from firsttoken.providers.message_content import MessageContent

Json = dict[str, Any]
Build = Callable[[Json], Any]

LONG = 4_000


def told(reader: ContentReader, chunks: list[Any]) -> tuple[Message, ...]:
    transcript = reader.transcript()
    for chunk in chunks:
        transcript.note(chunk)
    return reader.read_answer(transcript.answer())


def parts_of(reader: ContentReader, chunks: list[Any]) -> tuple[Part, ...]:
    (message,) = told(reader, chunks)
    return message.parts


def delta(index: int = 0, **said: Any) -> Json:
    head = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**head, "choices": [{"index": index, "delta": said, "finish_reason": None}]}


def piece(index: int | None, arguments: str = "", **call: Any) -> Json:
    named = {"name": call.pop("name")} if "name" in call else {}
    counted = {} if index is None else {"index": index}
    return {**counted, **call, "function": {**named, "arguments": arguments}}


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ((Text("ab"),), [delta(role="assistant", content=""), delta(content="a"), delta(content="b")]),
        ((Text("ab"),), [delta(role="assistant", content="a"), delta(role="assistant", content="b")]),
        ((Refusal("No, sorry."),), [delta(refusal="No,"), delta(refusal=" sorry.")]),
        (
            (Reasoning("ab"), Text("c")),
            [delta(reasoning_content="a"), delta(reasoning_content="b"), delta(content="c")],
        ),
        ((Reasoning("ab"), Text("c")), [delta(reasoning="a"), delta(reasoning="b", content="c")]),
        (
            (Reasoning("aa"),),
            [delta(reasoning="a", reasoning_content="a"), delta(reasoning="a", reasoning_content="a")],
        ),
        (
            (Reasoning("ab", signature="sig"),),
            [
                delta(reasoning="a", reasoning_details=[{"type": "reasoning.text", "index": 0, "text": "a"}]),
                delta(reasoning="b", reasoning_details=[{"type": "reasoning.text", "index": 0, "text": "b"}]),
                delta(reasoning_details=[{"type": "reasoning.text", "index": 0, "signature": "sig"}]),
            ],
        ),
        (
            (Reasoning("ab", summary=True), Reasoning(sealed=Sealed(2, hashlib.sha256(b"xy").hexdigest()))),
            [
                delta(reasoning_details=[{"type": "reasoning.summary", "index": 0, "summary": "a"}]),
                delta(reasoning_details=[{"type": "reasoning.summary", "index": 0, "summary": "b"}]),
                delta(reasoning_details=[{"type": "reasoning.encrypted", "index": 1, "data": "x"}]),
                delta(reasoning_details=[{"type": "reasoning.encrypted", "index": 1, "data": "y"}]),
            ],
        ),
        (
            (Reasoning("Hm."), Text("Yes.")),
            [
                delta(content=[{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]),
                delta(content=[{"type": "text", "text": "Yes"}]),
                delta(content="."),
            ],
        ),
        (
            (Text("It is.", (Citation("url_citation", "https://n.example/a", "News"),)),),
            [
                delta(content="It is."),
                delta(
                    annotations=[
                        {"type": "url_citation", "url_citation": {"url": "https://n.example/a?b", "title": "News"}}
                    ]
                ),
            ],
        ),
        (
            (Media("image", "image/png", Sealed(5, hashlib.sha256(b"hello").hexdigest())),),
            [delta(images=[{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGVsbG8="}}])],
        ),
        (
            (ToolCall("f", '{"a":1}', valid_json=True),),
            [delta(function_call={"name": "f", "arguments": '{"a"'}), delta(function_call={"arguments": ":1}"})],
        ),
        (
            (ToolCall("sql", "SELECT 1", valid_json=False, id="c", kind="custom"),),
            [
                delta(
                    tool_calls=[{"index": 0, "id": "c", "type": "custom", "custom": {"name": "sql", "input": "SEL"}}]
                ),
                delta(tool_calls=[{"index": 0, "custom": {"input": "ECT 1"}}]),
            ],
        ),
    ],
    ids=lambda value: "+".join(type(part).__name__ for part in value) if isinstance(value, tuple) else "",
)
def test_a_chat_stream_adds_up(chat_chunk: Build, expected: tuple[Part, ...], said: list[Json]) -> None:
    assert expected == parts_of(ChatContent(), [chat_chunk(chunk) for chunk in said])


@pytest.mark.parametrize(
    "said",
    [
        [piece(0, "{", id="a", name="f"), piece(1, "[", id="b", name="g"), piece(0, "}"), piece(1, "]")],
        [piece(0, "{", id="a", name="f"), piece(0, "}"), piece(0, "[", id="b", name="g"), piece(0, "]")],
        [piece(None, "{", id="a", name="f"), piece(None, "}", id="a"), piece(None, "[]", id="b", name="g")],
        [piece(0, "{", id="a", name="f"), piece(0, "}", id="a", name="f"), piece(1, "[]", id="b", name="g")],
    ],
    ids=["interleaved", "all at index 0", "without an index", "repeating the name"],
)
def test_parallel_tool_calls_are_kept_apart_however_a_server_counts_them(chat_chunk: Build, said: list[Json]) -> None:
    chunks = [chat_chunk(delta(tool_calls=[call])) for call in said]
    expected = (ToolCall("f", "{}", valid_json=True, id="a"), ToolCall("g", "[]", valid_json=True, id="b"))
    assert expected == parts_of(ChatContent(), chunks)


def test_choices_are_messages_in_the_order_of_their_index(chat_chunk: Build) -> None:
    chunks = [chat_chunk(chunk) for chunk in (delta(1, content="b"), delta(0, content="a"), delta(1, content="b"))]
    assert (Message("assistant", (Text("a"),)), Message("assistant", (Text("bb"),))) == told(ChatContent(), chunks)


def test_sound_in_pieces_is_sealed_as_one(chat_chunk: Build) -> None:
    halves = [base64.b64encode(half).decode() for half in (b"sou", b"nd.")]
    chunks = [
        delta(audio={"id": "audio_1", "transcript": "Hel"}),
        delta(audio={"data": halves[0]}),
        delta(audio={"data": halves[1], "transcript": "lo."}),
        delta(audio={"expires_at": 7}),
    ]
    seal = Sealed(6, hashlib.sha256(b"sound.").hexdigest())
    expected = (Media("audio", sealed=seal, file_id="audio_1", transcript="Hello."),)
    assert expected == parts_of(ChatContent(), [chat_chunk(chunk) for chunk in chunks])


@pytest.mark.parametrize(
    "odd",
    [
        {"choices": None},
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"index": "0", "delta": {"content": "!"}}]},
        {"choices": [{"index": [0], "delta": {"content": "!"}}]},
        {"choices": [{"delta": {"content": "!"}}]},
        delta(content=None, tool_calls=None, reasoning_details=None),
        delta(telepathy=[1], mood={"good": True}),
        {},
    ],
    ids=str,
)
def test_an_odd_chunk_disturbs_nothing(chat_chunk: Build, odd: Json) -> None:
    chunks = [chat_chunk(chunk) for chunk in (delta(content="a"), odd, delta(content="b"))]
    (part,) = parts_of(ChatContent(), chunks)
    assert isinstance(part, Text)
    assert part.text.replace("!", "") == "ab"


def start(index: int, **block: Any) -> Json:
    return {"type": "content_block_start", "index": index, "content_block": block}


def more(index: int, kind: str, **said: Any) -> Json:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **said}}


def stop(index: int) -> Json:
    return {"type": "content_block_stop", "index": index}


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (
            (Reasoning("Hm, so.", signature="sig"), Text("ab")),
            [
                start(0, type="thinking", thinking="", signature=""),
                more(0, "thinking_delta", thinking="Hm,"),
                more(0, "thinking_delta", thinking=" so."),
                more(0, "signature_delta", signature="sig"),
                stop(0),
                start(1, type="text", text="a"),
                more(1, "text_delta", text="b"),
                stop(1),
            ],
        ),
        (
            (Text("It is.", (Citation("page_location", None, "Doc", "quoted", 1, 2),)),),
            [
                start(0, type="text", text="", citations=[]),
                more(0, "text_delta", text="It is."),
                more(
                    0,
                    "citations_delta",
                    citation={
                        "type": "page_location",
                        "cited_text": "quoted",
                        "document_title": "Doc",
                        "start_page_number": 1,
                        "end_page_number": 2,
                    },
                ),
                stop(0),
            ],
        ),
        (
            (ToolCall("f", '{"a": 1}', valid_json=True, id="t1"), ToolCall("g", "{}", valid_json=True, id="t2")),
            [
                start(0, type="tool_use", id="t1", name="f", input={}),
                start(1, type="tool_use", id="t2", name="g", input={}),
                more(0, "input_json_delta", partial_json='{"a"'),
                more(1, "input_json_delta", partial_json=""),
                more(0, "input_json_delta", partial_json=": 1}"),
                stop(1),
                stop(0),
            ],
        ),
        (
            (ToolCall("f", "", valid_json=False, id="t1"),),
            [start(0, type="tool_use", id="t1", name="f", input={})],
        ),
        (
            (ToolCall("f", '{"a":1}', valid_json=True, id="t1"),),
            [start(0, type="tool_use", id="t1", name="f", input={"a": 1})],
        ),
        (
            (ServerToolCall("echo", "mcp_tool_use", '{"a":1}', "m1", "my-server"),),
            [
                start(0, type="mcp_tool_use", id="m1", name="echo", server_name="my-server", input={}),
                more(0, "input_json_delta", partial_json='{"a":1}'),
                stop(0),
            ],
        ),
    ],
    ids=lambda value: "+".join(type(part).__name__ for part in value) if isinstance(value, tuple) else "",
)
def test_a_messages_stream_adds_up(message_event: Build, expected: tuple[Part, ...], said: list[Json]) -> None:
    assert expected == parts_of(MessageContent(), [message_event(event) for event in said])


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "ping"},
        {"type": None},
        {},
        {"type": "content_block_delta", "index": 0},
        {"type": "content_block_delta", "index": 0, "delta": None},
        {"type": "message_start", "message": None},
        {"type": "content_block_start", "index": 9, "content_block": None},
        more(0, "telepathy_delta", thought="x"),
        more(0, "text_delta", text=None),
        more(0, "text_delta"),
        stop(7),
    ],
    ids=str,
)
def test_an_odd_event_disturbs_nothing(message_event: Build, odd: Json) -> None:
    events = [start(0, type="text", text=""), more(0, "text_delta", text="a"), odd, more(0, "text_delta", text="b")]
    assert Text("ab") == parts_of(MessageContent(), [message_event(event) for event in events])[0]


@pytest.mark.parametrize("text", ["words of ascii and ", "Wörter \U0001f600 言葉が続 "])
@pytest.mark.parametrize("of", ["chat", "reasoning", "arguments", "messages"])
def test_a_long_transcript_takes_little_more_than_its_text(of: str, text: str) -> None:
    make: dict[str, Callable[[str], Json]] = {
        "chat": lambda said: delta(content=said),
        "reasoning": lambda said: delta(reasoning_content=said),
        "arguments": lambda said: delta(tool_calls=[piece(0, said)]),
        "messages": lambda said: more(0, "text_delta", text=said),
    }
    transcript = (MessageContent() if of == "messages" else ChatContent()).transcript()
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(LONG):
            transcript.note(make[of](f"{number:04}{text}"))
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1.2 * LONG * (4 + len(text.encode()))
