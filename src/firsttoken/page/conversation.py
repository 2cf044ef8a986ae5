"""The conversation of one call, ready to be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from firsttoken.analyse import CallDetail
from firsttoken.call.content import (
    Message,
    Part,
    Sealed,
    ServerToolCall,
    ServerToolResponse,
    Tool,
    ToolCall,
    ToolResponse,
)
from firsttoken.page import figures
from firsttoken.page.json_text import json_text
from firsttoken.semconv.read_messages import CONTENT_ATTRIBUTES, without_content
from firsttoken.settings import CAPTURE_CONTENT

NOT_CAPTURED: Final = (
    f"Content was not captured. Set {CAPTURE_CONTENT}=SPAN_AND_EVENT where the call is made, or use "
    "firsttoken run --content, to capture it."
)
UNREADABLE: Final = (
    "Part of the content came in a form that cannot be read, as when the sender limits the length of attributes "
    "(OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT). It stands among the attributes as it came."
)
NOT_READ: Final = "The messages that were sent are unknown: they came from something that can be read only once."


LONGEST_PRETTY: Final = 200_000
"""Characters of a text that is taken for JSON and laid out."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A call of a tool that the conversation tells of, and its result, joined by their id."""

    number: int
    """From 1, in the order of the calls."""
    name: str
    has_result: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One message, and whether it is part of the answer."""

    message: Message
    answers: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything that was said, in its order."""

    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...]
    dropped_messages: int
    notes: tuple[str, ...]
    """Sentences about what is missing."""
    joined: Mapping[str, Joined] = field(default_factory=dict[str, Joined])
    """By the id of a call of a tool."""


def conversation(detail: CallDetail) -> Conversation:
    """Empty but for its notes where nothing was captured."""
    content = detail.row.call.content
    unreadable = (UNREADABLE,) if _has_unreadable(detail) else ()
    if content is None:
        return Conversation((), (), 0, unreadable or (NOT_CAPTURED,))
    system = (Message("system", content.system, "instructions"),) if content.system else ()
    asked = tuple(Turn(message, answers=False) for message in (*system, *(content.input or ())))
    answered = tuple(Turn(message, answers=True) for message in content.output)
    not_read = (NOT_READ,) if content.input is None and not unreadable else ()
    turns = (*asked, *answered)
    return Conversation(
        turns, content.tools, content.dropped_messages, (*unreadable, *not_read), joined_calls(_parts(turns))
    )


def joined_calls(parts: Iterable[Part]) -> Mapping[str, Joined]:
    """By their ids. A call without an id is joined with nothing."""
    told = tuple(parts)
    results = {part.id for part in told if isinstance(part, ToolResponse | ServerToolResponse)}
    names = {part.id: part.name for part in told if isinstance(part, ToolCall | ServerToolCall) and part.id}
    return {id_: Joined(number, name, id_ in results) for number, (id_, name) in enumerate(names.items(), 1)}


def _parts(turns: Iterable[Turn]) -> Iterator[Part]:
    return (part for turn in turns for part in turn.message.parts)


def without_conversation(detail: CallDetail) -> CallDetail:
    """Everything else: what the conversation shows is not repeated among the attributes."""
    events = tuple(replace(event, attributes=without_content(event.attributes)) for event in detail.log_events)
    return replace(detail, attributes=without_content(detail.attributes), log_events=events)


def is_json(text: str) -> bool:
    """Whether it is an object or a list, as structured output is."""
    start = text.lstrip()[:1]
    if start not in ("{", "[") or len(text) > LONGEST_PRETTY:
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def pretty(text: str) -> str:
    """JSON over several lines; anything else, and what is very long, as it is."""
    if len(text) > LONGEST_PRETTY:
        return text
    try:
        return json_text(json.loads(text))
    except (ValueError, RecursionError):
        return text


def size(seal: Sealed) -> str:
    """For example `12,040 bytes`."""
    return figures.size(seal.size_bytes)


def _has_unreadable(detail: CallDetail) -> bool:
    left = without_conversation(detail)
    carriers = (left.attributes, *(event.attributes for event in left.log_events))
    return any(name in carrier for carrier in carriers for name in CONTENT_ATTRIBUTES)
