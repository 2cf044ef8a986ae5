"""What the texts of one Chat Completions delta are: answer, refusal or reasoning, under any server's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from firsttoken.adapter.events import ReasoningDelta, RefusalDelta, TextDelta
from firsttoken.providers.chat_content import REASONING_TEXTS
from firsttoken.providers.fields import get, items

Delta = TextDelta | RefusalDelta | ReasoningDelta


def texts_in(delta: Mapping[str, Any], chunk: Any, choice: int) -> Iterator[Delta]:
    """Reasoning first: where one delta has both, it came before what it is for."""
    for thought, summary in _thoughts(delta):
        yield ReasoningDelta(thought, chunk, summary, choice)
    content, refusal = delta.get("content"), delta.get("refusal")
    if content and isinstance(content, str):
        yield TextDelta(content, chunk, choice)
    for part in items(content):
        yield from _part(part, chunk, choice)
    if refusal and isinstance(refusal, str):
        yield RefusalDelta(refusal, chunk, choice)


def _thoughts(delta: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Each with whether it is of a summary. Servers that use two names, or details as well, say everything twice."""
    for name in REASONING_TEXTS:
        if thought := delta.get(name):
            if isinstance(thought, str):
                yield thought, False
            return
    for detail in items(delta.get("reasoning_details")):
        said, summary = get(detail, "text"), get(detail, "summary")
        if isinstance(said, str) and said:
            yield said, False
        elif isinstance(summary, str) and summary:
            yield summary, True


def _part(part: object, chunk: Any, choice: int) -> Iterator[Delta]:
    """One of the parts that Mistral sends in the place of a text."""
    said, thought = get(part, "text"), get(part, "thinking")
    if get(part, "type") == "text" and isinstance(said, str) and said:
        yield TextDelta(said, chunk, choice)
    elif get(part, "type") == "thinking":
        for piece in [thought, *(get(inner, "text") for inner in items(thought))]:
            if isinstance(piece, str) and piece:
                yield ReasoningDelta(piece, chunk, choice=choice)
