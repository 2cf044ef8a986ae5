"""What each chunk of a stream said, where the lengths of chunks and the whole answer are known and fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from firsttoken.call.content import Content, Part, Reasoning, Refusal, Text, ToolCall
from firsttoken.call.timeline import REASONING, TEXT, TOOL_CALL, Timeline

NOT_TOLD: Final = ""


def words_of(timeline: Timeline, content: Content | None) -> tuple[str, ...] | None:
    """One text for each chunk, empty for a chunk that said nothing or whose words are not known.

    None where no words are known at all: content was not captured, or what is kept of it has another length than what
    came, as after redaction. An answer of several choices has none: its chunks do not say which choice they are of.
    """
    if timeline.lengths is None or content is None or len(content.output) != 1:
        return None
    said = _said(content.output[0].parts)
    lengths = dict.fromkeys(said, 0)
    for kind, length in zip(timeline.contents, timeline.lengths, strict=True):
        if kind in lengths:
            lengths[kind] += length
    fitting = {kind: text for kind, text in said.items() if text and len(text) == lengths[kind]}
    return tuple(_pieces(timeline.contents, timeline.lengths, fitting)) if fitting else None


def _said(parts: Iterable[Part]) -> dict[int, str]:
    """All that one message says, by the kind of its chunks."""
    texts: dict[int, list[str]] = {TEXT: [], REASONING: [], TOOL_CALL: []}
    for part in parts:
        match part:
            case Text() | Refusal():
                texts[TEXT].append(part.text)
            case Reasoning():
                texts[REASONING].append(part.text)
            case ToolCall():
                texts[TOOL_CALL].append(part.arguments)
            case _:
                pass
    return {kind: "".join(found) for kind, found in texts.items()}


def _pieces(kinds: Iterable[int], lengths: Iterable[int], texts: dict[int, str]) -> Iterable[str]:
    reached = dict.fromkeys(texts, 0)
    for kind, length in zip(kinds, lengths, strict=True):
        text = texts.get(kind)
        if text is None:
            yield NOT_TOLD
            continue
        start = reached[kind]
        reached[kind] = start + length
        yield text[start : start + length]
