"""What is said in OpenAI Responses.

Source: OpenAI API reference, "Create a model response": input items, output items and their content parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from firsttoken.call.content import (
    Compaction,
    Content,
    Media,
    Message,
    Part,
    Reasoning,
    ServerToolCall,
    ServerToolResponse,
    Text,
    Tool,
    ToolCall,
    ToolResponse,
    Unknown,
)
from firsttoken.call.opaque import sealed_text
from firsttoken.plain import encodable, is_list
from firsttoken.providers.annotations import citations_in
from firsttoken.providers.content_parts import PartReader, audio, read_part, refusal
from firsttoken.providers.fields import get, items, mapping, text
from firsttoken.providers.piece_lengths import response_length
from firsttoken.providers.responses_transcript import ResponsesTranscript
from firsttoken.providers.sealing import body_of, is_json, media_at, media_of

Json = Mapping[str, Any]

SERVER_CALLS: Final = {
    "web_search_call": ("action", None),
    "file_search_call": ("queries", "results"),
    "code_interpreter_call": ("code", "outputs"),
    "image_generation_call": ("revised_prompt", None),
    "mcp_call": ("arguments", "output"),
}
"""Calls of tools that the provider runs, with the members that say what was asked and what came of it."""

CLIENT_CALLS: Final = {
    "function_call": "arguments",
    "custom_tool_call": "input",
    "computer_call": "action",
    "local_shell_call": "action",
    "shell_call": "action",
    "apply_patch_call": "operation",
}
"""Calls of tools that the application runs, with the member that says what was asked."""


@dataclass(frozen=True, slots=True)
class ResponsesContent:
    """The content of `POST /responses`, and of a response that is fetched."""

    fields: tuple[str, ...] = ("instructions", "input", "tools")

    def transcript(self) -> ResponsesTranscript:
        return ResponsesTranscript()

    def length_of(self, chunk: Any) -> int:
        return response_length(chunk)

    def read_request(self, body: Json) -> Content:
        asked = body.get("input")
        return Content(
            input=tuple(_turns(asked)) if isinstance(asked, str) or is_list(asked) else None,
            system=tuple(_said(body.get("instructions"))),
            tools=tuple(_tool(mapping(tool)) for tool in items(body.get("tools"))),
        )

    def read_answer(self, answer: Any) -> tuple[Message, ...]:
        """One message, however many items it consists of: the API gives one choice."""
        output = items(get(answer, "output"))
        parts = tuple(part for item in output for part in _parts(mapping(item)))
        return (Message("assistant", parts),) if output else ()


def _turns(asked: object) -> Iterator[Message]:
    """Neighbouring items of one role are one message, as they were when the model said them."""
    if isinstance(asked, str):
        yield Message("user", (Text(encodable(asked)),))
    given = [mapping(item) for item in items(asked)]
    for (role, _), neighbours in groupby(enumerate(given), _turn):
        yield Message(role, tuple(part for _, item in neighbours for part in _parts(item)))


def _turn(numbered: tuple[int, Json]) -> tuple[str, int]:
    """The role of an item, and what tells it from its neighbours: a message that has a role of its own stands alone."""
    number, item = numbered
    if role := text(item.get("role")):
        return role, number
    return ("tool" if _kind(item).endswith("_output") else "assistant"), -1


def _parts(item: Json) -> Iterator[Part]:
    kind = _kind(item)
    if kind in SERVER_CALLS:
        yield from _server_call(kind, item)
    elif kind in CLIENT_CALLS:
        yield client_call(kind, item)
    elif kind.endswith("_output"):
        answered = tuple(part for part in _said(item.get("output")) if isinstance(part, Text | Media | Unknown))
        yield ToolResponse(answered, text(item.get("call_id")))
    elif kind == "message":
        yield from _said(item.get("content"))
    elif kind == "reasoning":
        yield from _reasoning(item)
    elif kind == "compaction":
        data = text(item.get("encrypted_content"))
        yield Compaction(sealed=sealed_text(data) if data else None, id=text(item.get("id")))
    else:
        yield Unknown(kind, body_of(item))


def _kind(item: Json) -> str:
    """An item without a type is a message."""
    return text(item.get("type")) or "message"


def _said(content: object) -> Iterator[Part]:
    """One text, one part, or a list of parts."""
    only = mapping(content)
    if isinstance(content, str):
        yield Text(encodable(content))
    elif only:
        yield read_part(only, PARTS)
    elif content is not None and not is_list(content):
        yield Unknown("unread", body_of(content))
    for part in items(content):
        yield Text(encodable(part)) if isinstance(part, str) else read_part(mapping(part), PARTS)


def _text(part: Json) -> Part | None:
    said = part.get("text")
    return Text(encodable(said), tuple(citations_in(part.get("annotations")))) if isinstance(said, str) else None


def _image(part: Json) -> Part | None:
    url, file_id = text(part.get("image_url")), text(part.get("file_id"))
    if url:
        return media_at(url, "image")
    return Media("image", file_id=file_id) if file_id else None


def _file(part: Json) -> Part | None:
    name, data, url, file_id = (text(part.get(member)) for member in ("filename", "file_data", "file_url", "file_id"))
    if data:
        return media_of(data, None, name=name)
    if url:
        return media_at(url, name=name)
    return Media("document", file_id=file_id, name=name) if file_id else None


PARTS: Final[Mapping[str, PartReader]] = {
    "input_text": _text,
    "output_text": _text,
    "text": _text,
    "refusal": refusal,
    "input_image": _image,
    "computer_screenshot": _image,
    "input_file": _file,
    "input_audio": audio,
}
"""What reads a part of each type."""


def _reasoning(item: Json) -> Iterator[Part]:
    """Its summary, its text and its encrypted form, as far as they were asked for."""
    for member, summary in (("summary", True), ("content", False)):
        for part in items(item.get(member)):
            if said := text(get(part, "text")):
                yield Reasoning(said, summary)
    if data := text(item.get("encrypted_content")):
        yield Reasoning(sealed=sealed_text(data))


def client_call(kind: str, item: Json) -> ToolCall:
    """An item that is a call of one of the application's tools; `kind` is one of `CLIENT_CALLS`."""
    arguments = _words(item.get(CLIENT_CALLS[kind]))
    name = text(item.get("name")) or kind.removesuffix("_call")
    called = {"function_call": "function", "custom_tool_call": "custom"}.get(kind, kind)
    return ToolCall(name, arguments, is_json(arguments), text(item.get("call_id")) or text(item.get("id")), called)


def _server_call(kind: str, item: Json) -> Iterator[Part]:
    asked, given = SERVER_CALLS[kind]
    id_, name = text(item.get("id")), text(item.get("name")) or kind.removesuffix("_call")
    yield ServerToolCall(name, kind, _words(item.get(asked)), id_, text(item.get("server_label")))
    if given is not None and item.get(given) is not None:
        yield ServerToolResponse(kind, _words(item.get(given)), id_)
    if item.get("error") is not None:
        yield ServerToolResponse(kind, body_of({"error": item["error"]}), id_)
    if (picture := text(item.get("result"))) is not None:
        form = text(item.get("output_format"))
        yield media_of(picture, f"image/{form}" if form else None, "image")


def _words(said: object) -> str:
    """A text as it is, anything else as JSON."""
    return encodable(said) if isinstance(said, str) else "" if said is None else body_of(said)


def _tool(tool: Json) -> Tool:
    kind = text(tool.get("type")) or "function"
    return Tool(kind, text(tool.get("name")) or text(tool.get("server_label")) or kind)
