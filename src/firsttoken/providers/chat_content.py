"""What is said in Chat Completions, as OpenAI and compatible servers word it.

Source: OpenAI API reference, "Create chat completion"; for the extensions, the documentation of OpenRouter (reasoning
details, images), vLLM and DeepSeek (reasoning content), Mistral (thinking chunks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from firsttoken.call.content import (
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
from firsttoken.call.opaque import sealed, sealed_text
from firsttoken.plain import encodable, is_list
from firsttoken.providers.annotations import citations_in
from firsttoken.providers.chat_transcript import ChatTranscript
from firsttoken.providers.content_parts import PartReader, audio, read_part, refusal
from firsttoken.providers.fields import get, items, mapping, text
from firsttoken.providers.piece_lengths import chat_length
from firsttoken.providers.sealing import body_of, is_json, media_at, media_of

Json = Mapping[str, Any]

REASONING_TEXTS: Final = ("reasoning_content", "reasoning")
"""Two names for the same: a server that sends both means one."""


@dataclass(frozen=True, slots=True)
class ChatContent:
    """The content of `POST /chat/completions`."""

    fields: tuple[str, ...] = ("messages", "tools", "functions")

    def transcript(self) -> ChatTranscript:
        return ChatTranscript()

    def length_of(self, chunk: Any) -> int:
        return chat_length(chunk)

    def read_request(self, body: Json) -> Content:
        messages = body.get("messages")
        tools = [*items(body.get("tools")), *items(body.get("functions"))]
        return Content(
            input=tuple(read_message(mapping(item)) for item in items(messages)) if is_list(messages) else None,
            tools=tuple(_tool(mapping(tool)) for tool in tools),
        )

    def read_answer(self, answer: Any) -> tuple[Message, ...]:
        choices = [mapping(choice) for choice in items(get(answer, "choices"))]
        return tuple(read_message(mapping(choice.get("message"))) for choice in choices)


def read_message(message: Json) -> Message:
    """One message of a request, or of an answer."""
    role = text(message.get("role")) or "assistant"
    said = tuple(_content(message.get("content"), message))
    if role in ("tool", "function"):
        answered = tuple(part for part in said if isinstance(part, Text | Media | Unknown))
        return Message(role, (ToolResponse(answered, text(message.get("tool_call_id"))),), text(message.get("name")))
    parts = (*_reasoning(message), *said, *_refusal(message), *_media(message), *_tool_calls(message))
    return Message(role, parts, text(message.get("name")))


def _content(content: object, message: Json) -> Iterator[Part]:
    """One text, or a list of parts."""
    if isinstance(content, str):
        if content:
            yield Text(encodable(content), tuple(citations_in(message.get("annotations"))))
    elif content is not None and not is_list(content):
        yield Unknown("unread", body_of(content))
    for part in items(content):
        yield Text(encodable(part)) if isinstance(part, str) else read_part(mapping(part), PARTS)


def _text(part: Json) -> Part | None:
    said = part.get("text")
    return Text(encodable(said)) if isinstance(said, str) else None


def _located(name: str, modality: str) -> Callable[[Json], Part | None]:
    """A part whose member `name` is a URI, or an object with one."""

    def read(part: Json) -> Part | None:
        uri = text(get(part, name, "url")) if isinstance(part.get(name), Mapping) else text(part.get(name))
        return media_at(uri, modality) if uri else None

    return read


def _file(part: Json) -> Part | None:
    file = mapping(part.get("file"))
    name, file_id, data = (text(file.get(member)) for member in ("filename", "file_id", "file_data"))
    if data:
        return media_of(data, None, name=name)
    return Media("document", file_id=file_id, name=name) if file_id else None


def _thinking(part: Json) -> Part | None:
    thought = part.get("thinking")
    said = [thought] if isinstance(thought, str) else [get(piece, "text") for piece in items(thought)]
    return Reasoning("".join(encodable(piece) for piece in said if isinstance(piece, str)))


PARTS: Final[Mapping[str, PartReader]] = {
    "text": _text,
    "refusal": refusal,
    "image_url": _located("image_url", "image"),
    "video_url": _located("video_url", "video"),
    "audio_url": _located("audio_url", "audio"),
    "input_audio": audio,
    "file": _file,
    "thinking": _thinking,
}
"""What reads a part of each type."""


def _reasoning(message: Json) -> Iterator[Part]:
    shown = next((said for name in REASONING_TEXTS if (said := text(message.get(name)))), None)
    details = [mapping(detail) for detail in items(message.get("reasoning_details"))]
    signature = next((sign for detail in details if (sign := text(detail.get("signature")))), None)
    if shown:
        yield Reasoning(shown, signature=signature)
    for detail in details:
        said, summary, data = (text(detail.get(name)) for name in ("text", "summary", "data"))
        if data:
            yield Reasoning(sealed=sealed_text(data))
        elif not shown and (said or summary):
            yield Reasoning(said or summary or "", summary=not said, signature=text(detail.get("signature")))


def _refusal(message: Json) -> Iterator[Part]:
    if said := text(message.get("refusal")):
        yield Refusal(said)


def _media(message: Json) -> Iterator[Part]:
    audio = mapping(message.get("audio"))
    if audio:
        data, said = audio.get("data"), text(audio.get("transcript"))
        seal = data if isinstance(data, Sealed) else sealed(data) if isinstance(data, str) and data else None
        yield Media("audio", sealed=seal, file_id=text(audio.get("id")), transcript=said)
    for image in items(message.get("images")):
        yield read_part(mapping(image), PARTS)


def _tool_calls(message: Json) -> Iterator[Part]:
    for call in items(message.get("tool_calls")):
        yield tool_call(mapping(call))
    if function := mapping(message.get("function_call")):
        yield tool_call({"function": function})


def tool_call(call: Json) -> ToolCall:
    """A call as the model gave it, in an answer or as it is sent back."""
    kind = text(call.get("type")) or "function"
    said = mapping(call.get(kind)) or mapping(call.get("function"))
    given = said.get("arguments") if kind == "function" else said.get("input")
    arguments = encodable(given) if isinstance(given, str) else body_of(given) if given is not None else ""
    return ToolCall(text(said.get("name")) or "", arguments, is_json(arguments), text(call.get("id")), kind)


def _tool(tool: Json) -> Tool:
    kind = text(tool.get("type")) or "function"
    return Tool(kind, text(get(tool, kind, "name")) or text(tool.get("name")) or kind)
