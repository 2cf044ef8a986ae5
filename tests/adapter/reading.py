"""What a reader makes of chunks, each of them in the SDK's own form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from firsttoken.adapter.events import (
    Event,
    Other,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolArgumentDelta,
    ToolCallComplete,
    ToolCallStarted,
)
from firsttoken.adapter.wire import AdapterWire, Said

Json = dict[str, Any]
Build = Callable[[Json], Any]


def read(wire: AdapterWire, chunks: Iterable[Any], approve: Sequence[str] = ()) -> tuple[list[Event], Said]:
    """All events, and what the stream came to."""
    reader = wire.reader(approve)
    events: list[Event] = []
    for chunk in chunks:
        found = reader.read(chunk)
        assert found
        assert all(event.chunk is chunk for event in found)
        events += found
    return events, reader.said()


def telling(events: Iterable[Event]) -> list[Event]:
    """Without those that say nothing of the answer."""
    return [event for event in events if not isinstance(event, Other)]


def text_of(events: Iterable[Event], kind: type[TextDelta | RefusalDelta | ReasoningDelta] = TextDelta) -> str:
    """The deltas of one kind, of the first choice."""
    return "".join(event.text for event in events if isinstance(event, kind) and event.choice == 0)


def arguments_of(events: Iterable[Event]) -> dict[int, str]:
    """By the index of the call."""
    found: dict[int, str] = {}
    for event in events:
        if isinstance(event, ToolCallStarted) and event.choice == 0:
            assert event.index not in found
            found[event.index] = ""
        if isinstance(event, ToolArgumentDelta) and event.choice == 0:
            found[event.index] += event.arguments
    return found


def completed(events: Iterable[Event]) -> list[tuple[str, str, bool]]:
    """Name, arguments and validity of each call that is complete."""
    return [(event.name, event.arguments, event.valid_json) for event in events if isinstance(event, ToolCallComplete)]
