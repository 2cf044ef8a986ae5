"""The conversation of one call, ready to be read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final

from firsttoken.analyse import CallDetail
from firsttoken.call.content import Message, Sealed, Tool
from firsttoken.page import figures
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
    return Conversation((*asked, *answered), content.tools, content.dropped_messages, (*unreadable, *not_read))


def without_conversation(detail: CallDetail) -> CallDetail:
    """Everything else: what the conversation shows is not repeated among the attributes."""
    events = tuple(replace(event, attributes=without_content(event.attributes)) for event in detail.log_events)
    return replace(detail, attributes=without_content(detail.attributes), log_events=events)


def pretty(text: str) -> str:
    """JSON over several lines; anything else as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def size(seal: Sealed) -> str:
    """For example `12,040 bytes`."""
    return figures.size(seal.size_bytes)


def _has_unreadable(detail: CallDetail) -> bool:
    left = without_conversation(detail)
    carriers = (left.attributes, *(event.attributes for event in left.log_events))
    return any(name in carrier for carrier in carriers for name in CONTENT_ATTRIBUTES)
