"""Content -> the messages of the conventions, as plain JSON values.

Schemas: `gen-ai-input-messages`, `-output-messages`, `-system-instructions` and `-tool-definitions`, copied to
conventions/schemas. What they have no word for stands under keys of our own, which they allow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
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
from firsttoken.semconv import names

Json = dict[str, Any]
P = TypeVar("P", bound=Part)

ORIGINAL_BYTES: Final = "firsttoken.original_bytes"
ORIGINAL_SHA256: Final = "firsttoken.original_sha256"
CITATIONS: Final = "firsttoken.citations"
SUMMARY: Final = "firsttoken.summary"
SIGNATURE: Final = "firsttoken.signature"
SEALED: Final = "firsttoken.sealed"
RAW_ARGUMENTS: Final = "firsttoken.raw_arguments"
VALID_JSON: Final = "firsttoken.valid_json"
KIND: Final = "firsttoken.kind"
FAILED: Final = "firsttoken.failed"
FILE_NAME: Final = "firsttoken.file_name"
TRANSCRIPT: Final = "firsttoken.transcript"
DROPPED_MESSAGES: Final = "firsttoken.dropped_messages"

OWN_KEYS: Final = {
    ORIGINAL_BYTES: "The text was cut, or left out: how long it was, in UTF-8.",
    ORIGINAL_SHA256: "Of a text that was cut: the digest of all of it, under which a content store has it.",
    CITATIONS: "Where the text comes from: `kind`, `source`, `title`, `quote`, `start`, `end`.",
    SUMMARY: "Only ever true: the text is a summary of the reasoning.",
    SIGNATURE: "The provider's signature of the reasoning.",
    SEALED: "What is not recorded itself: its `size_bytes` and `sha256`.",
    RAW_ARGUMENTS: "The arguments as the model wrote them, where their compact JSON is another text.",
    VALID_JSON: "Whether arguments that stand here as text are JSON.",
    KIND: "The provider's word for a tool call that is no function call.",
    FAILED: "Only ever true: the application says that the tool failed.",
    FILE_NAME: "The name of a file.",
    TRANSCRIPT: "What is said in a sound.",
    DROPPED_MESSAGES: "In the first message: how many older ones were left out.",
}
"""Keys of ours inside messages, with their meaning."""

FINISH_REASON: Final = "finish_reason"
"""Required by the released schema of output messages, and gone from the conventions of today."""
GENERIC: Final = "generic"
GENERIC_TYPE: Final = "generic_type"
REFUSAL: Final = "refusal"
MEDIA: Final = "firsttoken.media"

DEEPEST: Final = 16
"""Levels of nesting that OTLP receivers decode for certain; what is deeper travels as text."""
INT64: Final = range(-(2**63), 2**63)


def content_values(content: Content, ended: Sequence[str] | None = None) -> dict[str, list[Json]]:
    """Each attribute of the conventions that has something to say, as structured values.

    `ended`, for the older conventions alone, says why the model stopped: every message of an answer says so there.
    """
    values = {
        names.GEN_AI_SYSTEM_INSTRUCTIONS: [_part(part) for part in content.system],
        names.GEN_AI_INPUT_MESSAGES: [_message(message) for message in content.input or ()],
        names.GEN_AI_OUTPUT_MESSAGES: [_message(message) for message in content.output],
        names.GEN_AI_TOOL_DEFINITIONS: [_tool(tool) for tool in content.tools],
    }
    if content.dropped_messages and values[names.GEN_AI_INPUT_MESSAGES]:
        values[names.GEN_AI_INPUT_MESSAGES][0][DROPPED_MESSAGES] = content.dropped_messages
    if ended is not None:
        answers = values[names.GEN_AI_OUTPUT_MESSAGES]
        for answer, reason in zip(answers, _one_each(ended, len(answers)), strict=True):
            answer[FINISH_REASON] = reason
    return {name: value for name, value in values.items() if value}


def content_texts(content: Content, ended: Sequence[str] | None = None) -> dict[str, str]:
    """The same as JSON text, for spans."""
    return {name: compact(value) for name, value in content_values(content, ended).items()}


def _one_each(ended: Sequence[str], count: int) -> Sequence[str]:
    """An empty one where it is unknown which of them is whose: the older schema wants one that is a text."""
    if len(ended) == 1:
        return [*ended] * count
    return ended if len(ended) == count else [""] * count


def compact(value: object) -> str:
    """JSON without spaces, and with nothing escaped but what has to be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _message(message: Message) -> Json:
    named = {} if message.name is None else {"name": message.name}
    return {"role": message.role, "parts": [_part(part) for part in message.parts], **named}


def _tool(tool: Tool) -> Json:
    return {"type": tool.type, "name": tool.name}


def _part(part: Part) -> Json:
    written = WRITERS[type(part)](part)
    return written if isinstance(part, ToolResponse) else {**written, **_cut(part)}


def _cut(part: Any) -> Json:
    """What there was before it was cut."""
    return _given(**{ORIGINAL_BYTES: part.original_bytes, ORIGINAL_SHA256: part.original_sha256})


def _given(**values: object) -> Json:
    """Those that are known."""
    return {name: value for name, value in values.items() if value is not None}


def _text(part: Text) -> Json:
    cited = {CITATIONS: [_citation(citation) for citation in part.citations]} if part.citations else {}
    return {"type": "text", "content": part.text, **cited}


def _citation(citation: Citation) -> Json:
    return _given(
        kind=citation.kind,
        source=citation.source,
        title=citation.title,
        quote=citation.quote,
        start=citation.start,
        end=citation.end,
    )


def _refusal(part: Refusal) -> Json:
    return {"type": GENERIC, GENERIC_TYPE: REFUSAL, "content": part.text}


def _reasoning(part: Reasoning) -> Json:
    more = {SUMMARY: part.summary or None, SIGNATURE: part.signature, SEALED: _sealed(part.sealed)}
    return {"type": "reasoning", "content": part.text, **_given(**more)}


def _sealed(seal: Sealed | None) -> Json | None:
    return None if seal is None else {"size_bytes": seal.size_bytes, "sha256": seal.sha256}


def _compaction(part: Compaction) -> Json:
    return {"type": "compaction", **_given(id=part.id, content=part.text, **{SEALED: _sealed(part.sealed)})}


def _tool_call(part: ToolCall) -> Json:
    kind = {} if part.kind == "function" else {KIND: part.kind}
    return {"type": "tool_call", **_given(id=part.id), "name": part.name, **_arguments(part), **kind}


def _arguments(part: ToolCall | ServerToolCall) -> Json:
    """As values where they are JSON that can travel so; the raw text too, where it is not what these values give."""
    value = _sendable(part.arguments)
    if value is None:
        valid = {VALID_JSON: part.valid_json} if isinstance(part, ToolCall) else {}
        return {"arguments": part.arguments, **valid}
    raw = {} if compact(value) == part.arguments else {RAW_ARGUMENTS: part.arguments}
    return {"arguments": value, **raw}


def _tool_response(part: ToolResponse) -> Json:
    """One text stands for itself, as the conventions have it; anything else is a list of parts."""
    only = part.parts[0] if len(part.parts) == 1 else None
    plain_text = isinstance(only, Text) and not only.citations
    cut = _cut(only) if plain_text else {}
    return {
        "type": "tool_call_response",
        **_given(id=part.id),
        "response": cast("Text", only).text if plain_text else [_part(inner) for inner in part.parts],
        **_given(**{FAILED: part.failed or None}),
        **cut,
    }


def _server_tool_call(part: ServerToolCall) -> Json:
    call = {"type": part.kind, **_given(server=part.server), **_arguments(part)}
    return {"type": "server_tool_call", **_given(id=part.id), "name": part.name, "server_tool_call": call}


def _server_tool_response(part: ServerToolResponse) -> Json:
    response = {"type": part.kind, "content": _body(part.body)}
    return {"type": "server_tool_call_response", **_given(id=part.id), "server_tool_call_response": response}


def _media(part: Media) -> Json:
    more = {SEALED: _sealed(part.sealed), FILE_NAME: part.name, TRANSCRIPT: part.transcript}
    return {**_place(part), "modality": part.modality, **_given(mime_type=part.mime_type, **more)}


def _place(part: Media) -> Json:
    """What was sent along with its message is no `blob` of the conventions, which would have to hold it."""
    if part.uri is not None:
        return {"type": "uri", "uri": part.uri, **_given(file_id=part.file_id)}
    if part.file_id is not None and part.sealed is None:
        return {"type": "file", "file_id": part.file_id}
    return {"type": GENERIC, GENERIC_TYPE: MEDIA, **_given(file_id=part.file_id)}


def _unknown(part: Unknown) -> Json:
    return {"type": GENERIC, GENERIC_TYPE: part.kind, "content": _body(part.body)}


def _body(text: str) -> object:
    value = _sendable(text)
    return value if value is not None and compact(value) == text else text


WRITERS: Final[dict[type, Callable[[Any], Json]]] = {
    Text: _text,
    Refusal: _refusal,
    Reasoning: _reasoning,
    Compaction: _compaction,
    ToolCall: _tool_call,
    ToolResponse: _tool_response,
    ServerToolCall: _server_tool_call,
    ServerToolResponse: _server_tool_response,
    Media: _media,
    Unknown: _unknown,
}


def _sendable(text: str) -> Any | None:
    """The object or list that a JSON text stands for, where every receiver of OTLP can take it; else None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if _can_travel(value, DEEPEST) else None


def _can_travel(value: object, levels: int) -> bool:
    """Whether OTLP and UTF-8 can carry it as it is."""
    if isinstance(value, str):
        return _is_utf8(value)
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return value in INT64
    if isinstance(value, float):
        return value - value == 0
    return levels > 0 and _all_can_travel(value, levels - 1)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _all_can_travel(value: object, levels: int) -> bool:
    inside: Iterable[object] = cast("list[object]", value)
    if isinstance(value, dict):
        held = cast("dict[str, object]", value)
        if not all(key and _can_travel(key, 1) for key in held):
            return False
        inside = held.values()
    return all(_can_travel(item, levels) for item in inside)
