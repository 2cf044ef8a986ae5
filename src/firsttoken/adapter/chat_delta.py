"""What the texts of one Chat Completions delta are: answer, refusal or reasoning, under any server's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from firsttoken.adapter.events import ReasoningDelta, RefusalDelta, TextDelta
from firsttoken.providers.fields import get, items

Delta = TextDelta | RefusalDelta | ReasoningDelta


def texts_in(delta: Mapping[str, Any], chunk: Any, choice: int) -> list[Delta]:
    """Reasoning first: where one delta has both, it came before what it is for."""
    found: list[Delta] = []
    # Servers that use two names for reasoning, or details as well, say everything twice.
    if thought := delta.get("reasoning_content") or delta.get("reasoning"):
        if isinstance(thought, str):
            found.append(ReasoningDelta(thought, chunk, False, choice))
    elif details := delta.get("reasoning_details"):
        found += _detailed(details, chunk, choice)
    if content := delta.get("content"):
        if isinstance(content, str):
            found.append(TextDelta(content, chunk, choice))
        else:
            found += _parts(content, chunk, choice)
    if (refusal := delta.get("refusal")) and isinstance(refusal, str):
        found.append(RefusalDelta(refusal, chunk, choice))
    return found


def _detailed(details: object, chunk: Any, choice: int) -> Iterator[Delta]:
    """OpenRouter's form, in which reasoning and summaries of it are told apart."""
    for detail in items(details):
        said, summary = get(detail, "text"), get(detail, "summary")
        if isinstance(said, str) and said:
            yield ReasoningDelta(said, chunk, False, choice)
        elif isinstance(summary, str) and summary:
            yield ReasoningDelta(summary, chunk, True, choice)


def _parts(content: object, chunk: Any, choice: int) -> Iterator[Delta]:
    """The list of parts that Mistral sends in the place of a text."""
    for part in items(content):
        said, thought = get(part, "text"), get(part, "thinking")
        if get(part, "type") == "text" and isinstance(said, str) and said:
            yield TextDelta(said, chunk, choice)
        elif get(part, "type") == "thinking":
            for piece in [thought, *(get(inner, "text") for inner in items(thought))]:
                if isinstance(piece, str) and piece:
                    yield ReasoningDelta(piece, chunk, False, choice)
