"""The messages of the conventions -> Content: the inverse of `messages`, forgiving about what others send."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

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
from firsttoken.semconv import messages as own
from firsttoken.semconv import names
from firsttoken.semconv.messages import compact

Json = Mapping[str, Any]
V = TypeVar("V")

CONTENT_ATTRIBUTES: Final = (
    names.GEN_AI_SYSTEM_INSTRUCTIONS,
    names.GEN_AI_INPUT_MESSAGES,
    names.GEN_AI_OUTPUT_MESSAGES,
    names.GEN_AI_TOOL_DEFINITIONS,
)


def read_content(attributes: Mapping[str, object]) -> Content | None:
    """What the attributes of a span or an event say was said; None where they say nothing of it. Never raises."""
    system, asked, answered, tools = (_list(attributes.get(name)) for name in CONTENT_ATTRIBUTES)
    if system is None and asked is None and answered is None and tools is None:
        return None
    return Content(
        input=None if asked is None else tuple(_message(item) for item in asked),
        system=tuple(_part(item) for item in system or ()),
        tools=tuple(_tool(item) for item in tools or ()),
        output=tuple(_message(item) for item in answered or ()),
        dropped_messages=(_whole(asked[0].get(own.DROPPED_MESSAGES)) or 0) if asked else 0,
    )


def without_content(attributes: Mapping[str, V]) -> dict[str, V]:
    """The attributes without those that `read_content` understands."""
    return {name: value for name, value in attributes.items() if name not in CONTENT_ATTRIBUTES or _list(value) is None}


def _list(value: object) -> list[Json] | None:
    """The objects in a list, or in the JSON text of one; None for what is none, as a text that was cut."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return objects(value) if _is_list(value) else None


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def objects(value: object) -> list[Json]:
    """Those in a list; none for what is no list."""
    inside = cast("list[object]", value) if _is_list(value) else []
    return [cast("Json", item) for item in inside if isinstance(item, Mapping)]


def _message(message: Json) -> Message:
    parts = tuple(_part(part) for part in objects(message.get("parts")))
    return Message(_text_of(message, "role") or "", parts, _text_of(message, "name"))


def _tool(tool: Json) -> Tool:
    kind = _text_of(tool, "type") or ""
    return Tool(kind, _text_of(tool, "name") or kind)


def _part(part: Json) -> Part:
    """A part that is not as its type wants it is of an unknown kind: nothing that came is left out."""
    kind = _text_of(part, "type") or ""
    if kind == own.GENERIC:
        kind = _text_of(part, own.GENERIC_TYPE) or own.GENERIC
        read = GENERIC_READERS.get(kind)
    else:
        read = READERS.get(kind)
    found = None if read is None else read(part)
    return found or Unknown(kind, _json(part.get("content", dict(part))), **_cut(part))


def _text(part: Json) -> Part | None:
    said = part.get("content")
    if not isinstance(said, str):
        return None
    return Text(said, tuple(_citation(cited) for cited in objects(part.get(own.CITATIONS))), **_cut(part))


def _citation(cited: Json) -> Citation:
    return Citation(
        kind=_text_of(cited, "kind") or "citation",
        source=_text_of(cited, "source"),
        title=_text_of(cited, "title"),
        quote=_text_of(cited, "quote"),
        start=_whole(cited.get("start")),
        end=_whole(cited.get("end")),
    )


def _refusal(part: Json) -> Part | None:
    said = part.get("content")
    return Refusal(said, **_cut(part)) if isinstance(said, str) else None


def _reasoning(part: Json) -> Part | None:
    said = part.get("content")
    if not isinstance(said, str):
        return None
    summary, signature = part.get(own.SUMMARY) is True, _text_of(part, own.SIGNATURE)
    return Reasoning(said, summary, signature, _sealed(part), **_cut(part))


def _compaction(part: Json) -> Part | None:
    return Compaction(_text_of(part, "content"), _sealed(part), _text_of(part, "id"), **_cut(part))


def _tool_call(part: Json) -> Part | None:
    arguments = _arguments(part)
    valid = part.get(own.VALID_JSON)
    return ToolCall(
        name=_text_of(part, "name") or "",
        arguments=arguments,
        valid_json=valid if isinstance(valid, bool) else _is_json(arguments),
        id=_text_of(part, "id"),
        kind=_text_of(part, own.KIND) or "function",
        **_cut(part),
    )


def _arguments(part: Json) -> str:
    raw, given = part.get(own.RAW_ARGUMENTS), part.get("arguments")
    return raw if isinstance(raw, str) else "" if given is None else _json(given)


def _tool_response(part: Json) -> Part | None:
    if "response" not in part:
        return None
    id_, failed, response = _text_of(part, "id"), part.get(own.FAILED) is True, part["response"]
    if isinstance(response, str):
        return ToolResponse((Text(response, (), **_cut(part)),), id_, failed=failed)
    if _is_list(response) and all("type" in item for item in objects(response)):
        inner = (_part(item) for item in objects(response))
        return ToolResponse(tuple(item for item in inner if isinstance(item, Text | Media | Unknown)), id_, failed)
    return ToolResponse((Text(_json(response), (), **_cut(part)),), id_, failed=failed)


def _server_tool_call(part: Json) -> Part | None:
    call = part.get("server_tool_call")
    if not isinstance(call, Mapping):
        return None
    about = cast("Json", call)
    name, kind = _text_of(part, "name") or "", _text_of(about, "type") or ""
    return ServerToolCall(name, kind, _arguments(about), _text_of(part, "id"), _text_of(about, "server"), **_cut(part))


def _server_tool_response(part: Json) -> Part | None:
    response = part.get("server_tool_call_response")
    if not isinstance(response, Mapping):
        return None
    about = cast("Json", response)
    body = about["content"] if "content" in about else {name: about[name] for name in about if name != "type"}
    return ServerToolResponse(_text_of(about, "type") or "", _json(body), _text_of(part, "id"), **_cut(part))


def _media(part: Json) -> Part | None:
    uri, data = _text_of(part, "uri"), part.get("content")
    return Media(
        modality=_text_of(part, "modality") or "document",
        mime_type=_text_of(part, "mime_type"),
        sealed=_digest(data) if isinstance(data, str) and data else _sealed(part),
        uri=None if uri is not None and uri[:5].lower() == "data:" else uri,
        file_id=_text_of(part, "file_id"),
        name=_text_of(part, own.FILE_NAME),
        transcript=_text_of(part, own.TRANSCRIPT),
        **_cut(part),
    )


READERS: Final[Mapping[str, Callable[[Json], Part | None]]] = {
    "text": _text,
    "reasoning": _reasoning,
    "compaction": _compaction,
    "tool_call": _tool_call,
    "tool_call_response": _tool_response,
    "server_tool_call": _server_tool_call,
    "server_tool_call_response": _server_tool_response,
    "uri": _media,
    "file": _media,
    "blob": _media,
}
"""By the conventions' own types. None: the part is not as its type wants it."""

GENERIC_READERS: Final[Mapping[str, Callable[[Json], Part | None]]] = {own.REFUSAL: _refusal, own.MEDIA: _media}
"""By the types that we give to generic parts."""


def _digest(data: str) -> Sealed:
    """Of what another sender did record."""
    content = data.encode("utf-8", "replace")
    return Sealed(len(content), hashlib.sha256(content).hexdigest())


def _sealed(part: Json) -> Sealed | None:
    about = part.get(own.SEALED)
    if not isinstance(about, Mapping):
        return None
    seal = cast("Json", about)
    size, digest = _whole(seal.get("size_bytes")), _text_of(seal, "sha256")
    return None if size is None or digest is None else Sealed(size, digest)


def _json(value: object) -> str:
    return value if isinstance(value, str) else compact(value)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _cut(part: Json) -> dict[str, Any]:
    """What there was before it was cut, as the fields of a part."""
    size, digest = _whole(part.get(own.ORIGINAL_BYTES)), _text_of(part, own.ORIGINAL_SHA256)
    return {"original_bytes": size, "original_sha256": digest}


def _text_of(holder: Json, name: str) -> str | None:
    value = holder.get(name)
    return value if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
