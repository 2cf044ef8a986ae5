"""The texts of one call that may be too long to be shown at once, each by its place."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from firsttoken.analyse import CallDetail
from firsttoken.call.content import Message, Part, ToolResponse
from firsttoken.page.conversation import conversation, pretty
from firsttoken.page.provider_trace import trace_views
from firsttoken.unseen import readable

AT_ONCE: Final = 20_000
"""Characters of a text that are shown without being asked for; a browser stands still over a line of megabytes."""
BEGINNING: Final = 2_000
"""Of a longer text."""
PORTION: Final = 40_000
"""Of a longer text, each time more of it is asked for."""
LONGEST_POSITION: Final = 9
"""Digits."""
Find = Callable[[CallDetail, str], str | None]


def text_at(detail: CallDetail, place: str) -> str | None:
    """The whole text; None where there is none. A place is a kind and what names the text among those, with a dot
    between: `said.0.2` is the third part of the first message, `attribute.NAME` an attribute."""
    kind, _, name = place.partition(".")
    find = FINDERS.get(kind)
    return None if find is None else find(detail, name)


def portions(text: str) -> Iterator[str]:
    """All of a text of any length, as it is to be read."""
    return (readable(text[start : start + PORTION]) for start in range(0, len(text), PORTION))


def shown_value(value: JsonValue) -> str:
    """The value of an attribute."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def text_of(part: Part) -> str | None:
    """What a part says, arguments and bodies as JSON over several lines. None for a part that says nothing."""
    for member in ("text", "transcript"):
        if (text := getattr(part, member, None)) is not None:
            return text
    written = getattr(part, "arguments", None) or getattr(part, "body", None)
    return None if written is None else pretty(written)


def _position(word: str) -> int:
    """Beyond everything for what is none."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= LONGEST_POSITION else sys.maxsize


def _said(detail: CallDetail, name: str) -> str | None:
    numbers = [_position(word) for word in name.split(".")]
    messages: tuple[Message, ...] = tuple(turn.message for turn in conversation(detail).turns)
    if len(numbers) < 2 or numbers[0] >= len(messages):
        return None
    parts: tuple[Part, ...] = messages[numbers[0]].parts
    for number in numbers[1:-1]:
        inner = parts[number] if number < len(parts) else None
        parts = inner.parts if isinstance(inner, ToolResponse) else ()
    return text_of(parts[numbers[-1]]) if numbers[-1] < len(parts) else None


def _spoken(detail: CallDetail, *, answers: bool) -> str:
    """All that was asked or answered, by role where there are several messages."""
    turns = [turn.message for turn in conversation(detail).turns if turn.answers == answers]
    texts = ["\n".join(text for part in turn.parts if (text := text_of(part))) for turn in turns]
    if len(turns) == 1:
        return texts[0]
    return "\n\n".join(f"{turn.role}:\n{text}" for turn, text in zip(turns, texts, strict=True))


def _in(values: Mapping[str, JsonValue], name: str) -> str | None:
    return shown_value(values[name]) if name in values else None


def _event(detail: CallDetail, name: str) -> str | None:
    which, number, attribute = (*name.split(".", 2), "", "")[:3]
    events = {"span": detail.span_events, "log": detail.log_events}.get(which, ())
    position = _position(number)
    return _in(events[position].attributes, attribute) if position < len(events) else None


def _trace(detail: CallDetail, name: str) -> str | None:
    views = trace_views(detail.provider_traces)
    position = _position(name)
    return views[position].document if position < len(views) else None


def _failure(detail: CallDetail, name: str) -> str | None:
    failure = detail.row.call.failure
    return {"message": failure.message, "stacktrace": failure.stacktrace}.get(name) if failure else None


FINDERS: Final[Mapping[str, Find]] = {
    "said": _said,
    "attribute": lambda detail, name: _in(detail.attributes, name),
    "resource": lambda detail, name: _in(detail.resource, name),
    "event": _event,
    "trace": _trace,
    "failure": _failure,
    "prompt": lambda detail, name: _spoken(detail, answers=False),
    "answer": lambda detail, name: _spoken(detail, answers=True),
    "usage": lambda detail, name: pretty(detail.row.call.raw_usage or ""),
}
"""By the kind of place."""
