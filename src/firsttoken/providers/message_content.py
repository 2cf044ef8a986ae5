"""What is said in Anthropic Messages.

Source: Anthropic API reference, "Create a Message", content blocks of requests and answers, the beta ones included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from firsttoken.call.content import (
    Citation,
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
from firsttoken.call.opaque import bare_uri, sealed_text
from firsttoken.plain import encodable, is_list
from firsttoken.providers.fields import get, items, mapping, text, whole
from firsttoken.providers.message_transcript import MessageTranscript
from firsttoken.providers.piece_lengths import message_length
from firsttoken.providers.sealing import body_of, is_json, json_text, media_at, media_of

Json = Mapping[str, Any]

LOCATIONS: Final = ("char_index", "page_number", "block_index")
"""What a citation counts: `start_…` and `end_…` of one of these."""

SERVER_TOOL_RESULT: Final = "_tool_result"
"""How the types of all the results end that a tool of the provider's gives."""


@dataclass(frozen=True, slots=True)
class MessageContent:
    """The content of `POST /v1/messages`."""

    fields: tuple[str, ...] = ("system", "messages", "tools")

    def transcript(self) -> MessageTranscript:
        return MessageTranscript()

    def length_of(self, chunk: Any) -> int:
        return message_length(chunk)

    def read_request(self, body: Json) -> Content:
        messages = body.get("messages")
        return Content(
            input=tuple(_message(mapping(item)) for item in items(messages)) if is_list(messages) else None,
            system=tuple(_parts(body.get("system"))),
            tools=tuple(_tool(mapping(tool)) for tool in items(body.get("tools"))),
        )

    def read_answer(self, answer: Any) -> tuple[Message, ...]:
        message = mapping(answer)
        return (_message(message),) if message.get("content") else ()


def _message(message: Json) -> Message:
    return Message(text(message.get("role")) or "assistant", tuple(_parts(message.get("content"))))


def _parts(content: object) -> Iterator[Part]:
    """One text, or a list of blocks."""
    if isinstance(content, str):
        yield Text(encodable(content))
    elif content is not None and not is_list(content):
        yield Unknown("unread", body_of(content))
    for block in items(content):
        yield read_block(mapping(block))


def read_block(block: Json) -> Part:
    """One block of a request or of an answer."""
    kind = text(block.get("type")) or "unknown"
    read = PARTS.get(kind) or (_server_result if kind.endswith(SERVER_TOOL_RESULT) else None)
    return (read and read(block)) or Unknown(kind, body_of(block))


def _text(block: Json) -> Part | None:
    said = block.get("text")
    if not isinstance(said, str):
        return None
    return Text(encodable(said), tuple(_citation(mapping(cited)) for cited in items(block.get("citations"))))


def _citation(cited: Json) -> Citation:
    unit = next((unit for unit in LOCATIONS if f"start_{unit}" in cited), LOCATIONS[0])
    where = text(cited.get("url")) or text(cited.get("source"))
    return Citation(
        text(cited.get("type")) or "citation",
        source=bare_uri(where) if where else text(cited.get("file_id")),
        title=text(cited.get("title")) or text(cited.get("document_title")),
        quote=text(cited.get("cited_text")),
        start=whole(cited.get(f"start_{unit}")),
        end=whole(cited.get(f"end_{unit}")),
    )


def _thinking(block: Json) -> Part | None:
    return Reasoning(text(block.get("thinking")) or "", signature=text(block.get("signature")))


def _redacted_thinking(block: Json) -> Part | None:
    data = text(block.get("data"))
    return Reasoning(sealed=sealed_text(data)) if data else None


def _compaction(block: Json) -> Part | None:
    sealed = text(block.get("encrypted_content"))
    return Compaction(text(block.get("content")), sealed_text(sealed) if sealed else None)


def _arguments(block: Json) -> str:
    """A stream carries them as text, a whole answer and a request as an object."""
    given = block.get("input")
    return encodable(given) if isinstance(given, str) else json_text({} if given is None else given)


def _tool_use(block: Json) -> Part | None:
    arguments = _arguments(block)
    return ToolCall(text(block.get("name")) or "", arguments, is_json(arguments), text(block.get("id")))


def _server_tool_use(block: Json) -> Part | None:
    return ServerToolCall(
        text(block.get("name")) or "",
        text(block.get("type")) or "server_tool_use",
        _arguments(block),
        text(block.get("id")),
        text(block.get("server_name")),
    )


def _tool_result(block: Json) -> Part | None:
    parts = tuple(part for part in _parts(block.get("content")) if isinstance(part, Text | Media | Unknown))
    return ToolResponse(parts, text(block.get("tool_use_id")), failed=block.get("is_error") is True)


def _server_result(block: Json) -> Part | None:
    return ServerToolResponse(str(block["type"]), body_of(block.get("content")), text(block.get("tool_use_id")))


def _sourced(modality: str | None) -> Callable[[Json], Part | None]:
    """A block whose member `source` says where its content is."""

    def read(block: Json) -> Part | None:
        source, name = mapping(block.get("source")), text(block.get("title"))
        data, url, file_id = (text(source.get(member)) for member in ("data", "url", "file_id"))
        mime_type = text(source.get("media_type"))
        if data and source.get("type") == "text":
            return Media(modality or "document", mime_type, sealed_text(data), name=name)
        if data:
            return media_of(data, mime_type, modality, name=name)
        if url:
            return media_at(url, modality, name=name)
        return Media(modality or "document", file_id=file_id, name=name) if file_id else None

    return read


def _upload(block: Json) -> Part | None:
    file_id = text(block.get("file_id"))
    return Media("document", file_id=file_id) if file_id else None


PARTS: Final[Mapping[str, Callable[[Json], Part | None]]] = {
    "text": _text,
    "thinking": _thinking,
    "redacted_thinking": _redacted_thinking,
    "compaction": _compaction,
    "tool_use": _tool_use,
    "server_tool_use": _server_tool_use,
    "mcp_tool_use": _server_tool_use,
    "tool_result": _tool_result,
    "image": _sourced("image"),
    "document": _sourced("document"),
    "container_upload": _upload,
}
"""What reads a block of each type. None: it is not as it should be."""


def _tool(tool: Json) -> Tool:
    kind = text(tool.get("type")) or "custom"
    name = text(tool.get("name")) or text(get(tool, "mcp_server_name")) or kind
    return Tool("function" if kind == "custom" else kind, name)
