"""Content that is too long is cut text by text, so that its structure stays and every cut says what was there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from firsttoken.call.content import Content, Message, Part, Reasoning, Text
from firsttoken.call.texts import MAIN_TEXT, leaves, main_text, with_parts

PART_BYTES: Final = 64
"""What a part takes besides its text: its type, names and ids."""


def bounded(content: Content, limit_bytes: int) -> Content:
    """The content with texts of `limit_bytes` in all, counted in UTF-8. A text within its share stays whole.

    The longest texts are cut first, all to the same length. The answer may take half, and whatever the request leaves.
    Where even their number is too much, the oldest messages go.
    """
    kept, dropped = _newest(content.input or (), limit_bytes // 2)
    if dropped:
        content = replace(content, input=kept, dropped_messages=dropped)
    asked = [*content.system, *_parts(content.input or ())]
    said = _parts(content.output)
    for_answer = max(limit_bytes // 2, limit_bytes - _cost(asked))
    for_request = limit_bytes - min(_cost(said), for_answer)
    said_bytes, asked_bytes = _share(said, for_answer), _share(asked, for_request)
    answer = with_parts(replace(content, input=None, system=()), lambda part: _cut(part, said_bytes))
    request = with_parts(replace(content, output=()), lambda part: _cut(part, asked_bytes))
    return replace(request, output=answer.output)


def _newest(messages: Sequence[Message], limit_bytes: int) -> tuple[tuple[Message, ...], int]:
    """The messages at the end whose mere number fits, at least one, and how many stood before them."""
    left = limit_bytes
    for index in range(len(messages) - 1, -1, -1):
        left -= PART_BYTES * max(len(list(leaves(messages[index].parts))), 1)
        if left < 0 and index + 1 < len(messages):
            return tuple(messages[index + 1 :]), index + 1
    return tuple(messages), 0


def _parts(messages: Iterable[Message]) -> list[Part]:
    return [part for message in messages for part in message.parts]


def _cost(parts: Iterable[Part]) -> int:
    return sum(_size(part) + PART_BYTES for part in leaves(parts))


def _share(parts: Iterable[Part], limit_bytes: int) -> int:
    """How long each text may be, so that all fit together."""
    sizes = sorted(_size(part) for part in leaves(parts))
    left = max(limit_bytes - PART_BYTES * len(sizes), 0)
    for rank, size in enumerate(sizes):
        share = left // (len(sizes) - rank)
        if size > share:
            return share
        left -= size
    return limit_bytes


def _size(part: Part) -> int:
    size = _length(main_text(part))
    if isinstance(part, Reasoning):
        size += _length(part.signature or "")
    if isinstance(part, Text):
        size += sum(_length(cited.quote or "") + _length(cited.source or "") for cited in part.citations)
    return size


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def _cut(part: Part, limit_bytes: int) -> Part:
    """The part, its text no longer than that. What belongs to the whole of the text goes with what is cut off."""
    if _size(part) <= limit_bytes:
        return part
    text = main_text(part)
    changed: dict[str, Any] = {"signature": None} if isinstance(part, Reasoning) else {}
    if isinstance(part, Text):
        changed["citations"] = ()
    if (length := _length(text)) > limit_bytes:
        kept = text[:limit_bytes].encode("utf-8", "replace")[:limit_bytes].decode("utf-8", "ignore")
        changed |= {MAIN_TEXT[type(part)]: kept, "original_bytes": length}
    return replace(part, **changed)
