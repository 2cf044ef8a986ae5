"""Which response on a WebSocket an event belongs to.

Source: OpenAI API reference, "Responses: WebSocket mode". An event names its response only where it carries the whole
of it. The responses of one lane follow one another in the order in which they were asked for; lanes run side by side,
and the events of each carry the `stream_id` that its requests have.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from firsttoken.observe.websocket.turn import Turn
from firsttoken.providers.fields import get, text
from firsttoken.providers.response_words import ENDED

BEGINNING: Final = "response.created"
ERROR: Final = "error"
LAST: Final = frozenset({ERROR, *(f"response.{status}" for status in ENDED)})
MOST_LANES: Final = 64
"""A program that makes up a lane for every response does not fill the memory: beyond these, idle ones are forgotten."""

Follow = Callable[[Turn], Turn]
"""Makes the turn of a response that the provider begins by itself after another one."""


class Lane:
    """The responses under one `stream_id`."""

    __slots__ = ("current", "previous", "running", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Turn] = deque()
        """Asked for, and not begun."""
        self.running: dict[str | None, Turn] = {}
        """By the id of the response."""
        self.current: Turn | None = None
        """The latest one that began, until it ends."""
        self.previous: Turn | None = None
        """The last one that ended."""

    @property
    def is_busy(self) -> bool:
        return bool(self.waiting or self.running)

    def turn_of(self, event: dict[str, Any], follow: Follow) -> Turn | None:
        """Whose event this is. None for one of a response that nobody here asked for, or of none."""
        kind = event.get("type")
        if kind == BEGINNING:
            return self._begin(event, follow)
        turn = self._failing(event) if kind == ERROR else self._named(_response_id(event))
        if turn is not None and kind in LAST:
            self._end(turn)
        return turn

    def _begin(self, event: dict[str, Any], follow: Follow) -> Turn:
        previous, came_before = self.previous, text(get(event, "response", "previous_response_id"))
        follows = previous is not None and came_before is not None and came_before == previous.response_id
        if self.waiting and not (follows and self.waiting[0].asked_after != came_before):
            turn = self.waiting.popleft()
        elif follows and previous is not None:
            turn = follow(previous)
        else:
            turn = Turn()
        turn.response_id = _response_id(event)
        self.running[turn.response_id] = self.current = turn
        return turn

    def _named(self, response_id: str | None) -> Turn | None:
        if response_id is None:
            return self.current
        return self.running.get(response_id, self.running.get(None))

    def _failing(self, event: dict[str, Any]) -> Turn | None:
        """An error of a response that has begun is numbered among its events; others refuse a request."""
        if self.current is not None and event.get("sequence_number") is not None:
            return self.current
        return self.waiting.popleft() if self.waiting else self.current

    def _end(self, turn: Turn) -> None:
        self.drop(turn)
        turn.ended = True
        if turn.response_id is not None:
            self.previous = turn

    def drop(self, turn: Turn) -> None:
        if turn in self.waiting:
            self.waiting.remove(turn)
        if self.running.get(turn.response_id) is turn:
            del self.running[turn.response_id]
        if self.current is turn:
            self.current = None


class Lanes:
    """Every lane of one socket. A request that is not observed has its turn too, so that the order holds."""

    def __init__(self, follow: Follow) -> None:
        self._lanes: dict[str | None, Lane] = {}
        self._follow = follow

    @property
    def known(self) -> bool:
        """Whether anything was ever asked."""
        return bool(self._lanes)

    def clear(self) -> None:
        """Forgets everything: nothing follows."""
        self._lanes.clear()

    def ask(self, stream_id: str | None, turn: Turn) -> None:
        """Takes in a request that is about to be sent."""
        if stream_id not in self._lanes:
            self._make_room()
            self._lanes[stream_id] = Lane()
        self._lanes[stream_id].waiting.append(turn)

    def drop(self, turn: Turn) -> None:
        """A request that was not sent after all."""
        for lane in self._each():
            lane.drop(turn)

    def turn_of(self, event: dict[str, Any]) -> Turn | None:
        lane = self._lane_of(event)
        return None if lane is None else lane.turn_of(event, self._follow)

    def open(self) -> Iterator[Turn]:
        """Every turn that has not ended."""
        for lane in self._each():
            yield from (*lane.waiting, *lane.running.values())

    def running(self, response_id: object) -> Turn | None:
        return next((turn for turn in self.open() if turn.response_id == response_id is not None), None)

    def _lane_of(self, event: dict[str, Any]) -> Lane | None:
        """A lane that nobody knows, and an error without one, belong to the only lane where anything is going on."""
        lane = self._lanes.get(text(event.get("stream_id")))
        if lane is not None and (lane.is_busy or event.get("type") != ERROR):
            return lane
        busy = [lane for lane in self._each() if lane.is_busy]
        return busy[0] if len(busy) == 1 else lane

    def _make_room(self) -> None:
        if len(self._lanes) >= MOST_LANES:
            self._lanes = {name: lane for name, lane in self._lanes.items() if lane.is_busy}

    def _each(self) -> list[Lane]:
        return list(self._lanes.values())


def _response_id(event: dict[str, Any]) -> str | None:
    return text(get(event, "response", "id"))
