"""The texts in content, each by itself: how long they are, and content with every one of them changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
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
    ServerToolCall,
    ServerToolResponse,
    Text,
    ToolCall,
    ToolResponse,
    Unknown,
)

P = TypeVar("P", bound=Part)

MAIN_TEXT: Final[dict[type, str]] = {
    Text: "text",
    Refusal: "text",
    Reasoning: "text",
    Compaction: "text",
    ToolCall: "arguments",
    ServerToolCall: "arguments",
    ServerToolResponse: "body",
    Media: "transcript",
    Unknown: "body",
}
"""The field of each part that can be long. A ToolResponse has parts of its own instead."""

MORE_TEXTS: Final[dict[type, tuple[str, ...]]] = {Media: ("uri", "name")}
CITED_TEXTS: Final = ("source", "title", "quote")


def leaves(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, those inside a tool's response in its place."""
    for part in parts:
        if isinstance(part, ToolResponse):
            yield from part.parts
        else:
            yield part


def main_text(part: Part) -> str:
    """Empty where the part has none."""
    return getattr(part, MAIN_TEXT[type(part)]) or ""


def with_parts(content: Content, change: Callable[[Part], Part]) -> Content:
    """The content with every leaf changed."""

    def in_messages(messages: Iterable[Message]) -> tuple[Message, ...]:
        return tuple(replace(message, parts=_changed(message.parts, change)) for message in messages)

    return replace(
        content,
        input=None if content.input is None else in_messages(content.input),
        system=_changed(content.system, change),
        output=in_messages(content.output),
    )


def with_texts(content: Content, change: Callable[[str], str]) -> Content:
    """The content with every text changed, whatever `change` raises."""
    return with_parts(content, lambda part: _with_texts(part, change))


def with_leaves(part: P, change: Callable[[Any], Any]) -> P:
    """The part changed, or what is inside it."""
    if isinstance(part, ToolResponse):
        return cast("P", replace(part, parts=tuple(change(inner) for inner in part.parts)))
    return change(part)


def _changed(parts: Iterable[Part], change: Callable[[Part], Part]) -> tuple[Part, ...]:
    return tuple(with_leaves(part, change) for part in parts)


def _with_texts(part: Part, change: Callable[[str], str]) -> Part:
    names = (MAIN_TEXT[type(part)], *MORE_TEXTS.get(type(part), ()))
    changed: dict[str, Any] = _texts(part, names, change)
    if isinstance(part, Text) and part.citations:
        changed["citations"] = tuple(_cited(citation, change) for citation in part.citations)
    return replace(part, **changed)


def _cited(citation: Citation, change: Callable[[str], str]) -> Citation:
    return replace(citation, **_texts(citation, CITED_TEXTS, change))


def _texts(value: object, names: Iterable[str], change: Callable[[str], str]) -> dict[str, Any]:
    found = {name: getattr(value, name) for name in names}
    return {name: change(text) for name, text in found.items() if text}
