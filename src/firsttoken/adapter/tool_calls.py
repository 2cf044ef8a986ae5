"""The tool calls of one stream as events: numbered, and flagged where a person must approve them."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any, Generic, TypeVar

from firsttoken.adapter.events import ToolArgumentDelta, ToolCallComplete, ToolCallStarted
from firsttoken.call.content import ToolCall

K = TypeVar("K", bound=Hashable)


class Place:
    """Where one call stands among those of its stream."""

    __slots__ = ("choice", "complete", "index")

    def __init__(self, index: int, choice: int) -> None:
        self.index = index
        self.choice = choice
        self.complete = False


class ToolCalls(Generic[K]):
    """Knows each call by a key of its wire's. What a call says is kept by the transcript, not here."""

    __slots__ = ("_needing_approval", "_places")

    def __init__(self, needing_approval: Collection[str]) -> None:
        self._needing_approval = frozenset(needing_approval)
        self._places: dict[K, Place] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._places

    def is_open(self, key: K) -> bool:
        """Whether it has begun and is not complete."""
        place = self._places.get(key)
        return place is not None and not place.complete

    def open(self, choice: int = 0) -> list[K]:
        """Those of a choice, in order."""
        return [key for key, place in self._places.items() if not place.complete and place.choice == choice]

    def start(self, key: K, name: str, id_: str | None, chunk: Any, choice: int = 0) -> ToolCallStarted:
        place = self._places[key] = Place(len(self._places), choice)
        return ToolCallStarted(place.index, id_, name, name in self._needing_approval, chunk, choice)

    def add(self, key: K, piece: str, chunk: Any) -> ToolArgumentDelta:
        """A call that goes on is not complete, whatever it seemed to be."""
        place = self._places[key]
        place.complete = False
        return ToolArgumentDelta(place.index, piece, chunk, place.choice)

    def complete(self, key: K, call: ToolCall, chunk: Any) -> ToolCallComplete:
        place = self._places[key]
        place.complete = True
        approval = call.name in self._needing_approval
        return ToolCallComplete(
            place.index, call.id, call.name, call.arguments, call.valid_json, approval, chunk, place.choice
        )
