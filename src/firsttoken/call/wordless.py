"""Content without its words: who spoke, in parts of which kind, how long each was, and the names of tools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from firsttoken.call.content import (
    Compaction,
    Content,
    Media,
    Message,
    Part,
    Reasoning,
    Refusal,
    ServerToolCall,
    ServerToolResponse,
    Text,
    ToolCall,
    Unknown,
)
from firsttoken.call.cutting import size_of
from firsttoken.call.texts import main_text, with_parts

WORDS: Final[Mapping[type, Mapping[str, object]]] = {
    Text: {"text": "", "citations": ()},
    Refusal: {"text": ""},
    Reasoning: {"text": "", "signature": None, "sealed": None},
    Compaction: {"text": "", "sealed": None},
    ToolCall: {"arguments": ""},
    ServerToolCall: {"arguments": ""},
    ServerToolResponse: {"body": ""},
    Media: {"transcript": None, "sealed": None, "uri": None, "file_id": None, "name": None},
    Unknown: {"body": ""},
}
"""What each kind of part says in words, or by which its words can be found or guessed, and what is left of it."""


def without_words(content: Content) -> Content:
    """The shape of the content. There are no digests in it: what is short could be guessed from its digest."""
    bare = with_parts(content, _wordless)
    return replace(bare, input=None if bare.input is None else _nameless(bare.input), output=_nameless(bare.output))


def _wordless(part: Part) -> Part:
    sealed = getattr(part, "sealed", None)
    size = size_of(main_text(part)) + (sealed.size_bytes if sealed is not None else 0)
    changed: dict[str, Any] = {**WORDS[type(part)], "original_bytes": size, "original_sha256": None}
    return replace(part, **changed)


def _nameless(messages: Iterable[Message]) -> tuple[Message, ...]:
    return tuple(replace(message, name=None) for message in messages)
