"""Content that is too long is cut text by text, so that its structure stays and every cut says what was there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from firsttoken.call.content import Content, Message, Part, Reasoning, Text
from firsttoken.call.cutting import cut, digest_of, halves, share, size_of, total
from firsttoken.call.texts import MAIN_TEXT, leaves, main_text, with_parts

PART_BYTES: Final = 64
"""What a part takes besides its text: its type, names and ids."""

Keep = Callable[[str, str], str | None]
"""Takes a whole text that is cut, with its digest, and says where it is put, if it is."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How many bytes of text may be told."""

    whole: int
    """Of one call."""
    part: int
    """Of one text in it."""


def bounded(content: Content, budget: Budget, keep: Keep) -> Content:
    """The content with texts of `budget.whole` bytes in all, counted in UTF-8. A text within its share stays whole.

    The longest texts are cut first, all to the same length, at their middle; each is given to `keep` before. The answer
    may take half, and whatever the request leaves. Where even their number is too much, the oldest messages go.
    """
    kept, dropped = _newest(content.input or (), budget.whole // 2)
    if dropped:
        content = replace(content, input=kept, dropped_messages=dropped)
    asked, said = ([_size(part) for part in leaves(parts)] for parts in (_asked(content), _parts(content.output)))
    for_request, for_answer = halves(budget.whole, total(asked, PART_BYTES), total(said, PART_BYTES))
    asked_bytes, said_bytes = (
        min(share(sizes, room - PART_BYTES * len(sizes)), budget.part)
        for sizes, room in ((asked, for_request), (said, for_answer))
    )
    answer = with_parts(replace(content, input=None, system=()), partial(_cut, limit_bytes=said_bytes, keep=keep))
    request = with_parts(replace(content, output=()), partial(_cut, limit_bytes=asked_bytes, keep=keep))
    return replace(request, output=answer.output)


def _newest(messages: Sequence[Message], limit_bytes: int) -> tuple[tuple[Message, ...], int]:
    """The messages at the end whose mere number fits, at least one, and how many stood before them."""
    left = limit_bytes
    for index in range(len(messages) - 1, -1, -1):
        left -= PART_BYTES * max(len(list(leaves(messages[index].parts))), 1)
        if left < 0 and index + 1 < len(messages):
            return tuple(messages[index + 1 :]), index + 1
    return tuple(messages), 0


def _asked(content: Content) -> list[Part]:
    return [*content.system, *_parts(content.input or ())]


def _parts(messages: Iterable[Message]) -> list[Part]:
    return [part for message in messages for part in message.parts]


def _size(part: Part) -> int:
    size = size_of(main_text(part))
    if isinstance(part, Reasoning):
        size += size_of(part.signature or "")
    if isinstance(part, Text):
        size += sum(size_of(cited.quote or "") + size_of(cited.source or "") for cited in part.citations)
    return size


def _cut(part: Part, limit_bytes: int, keep: Keep) -> Part:
    """The part, its text no longer than that. What belongs to the whole of the text goes with what is cut out."""
    if _size(part) <= limit_bytes:
        return part
    text = main_text(part)
    changed: dict[str, Any] = {"signature": None} if isinstance(part, Reasoning) else {}
    if isinstance(part, Text):
        changed["citations"] = ()
    if (size := size_of(text)) > limit_bytes:
        sha256 = digest_of(text)
        keep(text, sha256)
        kept = cut(text, limit_bytes, size)
        changed |= {MAIN_TEXT[type(part)]: kept, "original_bytes": size, "original_sha256": sha256}
    return replace(part, **changed)
