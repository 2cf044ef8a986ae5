"""What a Responses stream has said: the latest items of its output, those still under way put together from deltas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from firsttoken.plain import members_of, plain
from firsttoken.providers.fields import count, get, items, mapping, text
from firsttoken.providers.growing import grown, read


class Place(NamedTuple):
    """Where a delta belongs: the member of its item, and the part of that member's list, where it is one."""

    item: str
    """The type of the item, for a delta that comes without one."""
    member: str
    part: str = ""
    text: str = "text"


PLACES: Final = {
    "response.output_text.delta": Place("message", "content", "output_text"),
    "response.refusal.delta": Place("message", "content", "refusal", "refusal"),
    "response.reasoning_text.delta": Place("reasoning", "content", "reasoning_text"),
    "response.reasoning_summary_text.delta": Place("reasoning", "summary", "summary_text"),
    "response.function_call_arguments.delta": Place("function_call", "arguments"),
    "response.custom_tool_call_input.delta": Place("custom_tool_call", "input"),
    "response.mcp_call_arguments.delta": Place("mcp_call", "arguments"),
    "response.code_interpreter_call_code.delta": Place("code_interpreter_call", "code"),
}

WHOLE: Final = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})
"""Events that carry the whole output."""

TOLD: Final = WHOLE | {"response.output_item.added", "response.output_item.done"}
"""Events beside the deltas that say something of the content."""

Key = int | str | None
"""The index of an item in the output, or its id where a server does not count."""

Spot = tuple[str, int | None]
"""Where in an item a delta belongs: its own type, and the index of the part in the item."""


def key_of(event: Mapping[str, Any]) -> Key:
    """The item that an event is about."""
    index = count(event.get("output_index"))
    return index if index is not None else text(event.get("item_id")) or text(get(event.get("item"), "id"))


class ResponsesTranscript:
    """An item that is done takes the place of its deltas, and the whole response that of its items."""

    __slots__ = ("_items", "_output", "_pieces")

    def __init__(self) -> None:
        self._items: dict[Key, dict[str, Any]] = {}
        self._pieces: dict[Key, dict[Spot, bytearray]] = {}
        self._output: object = None

    def note(self, chunk: Any) -> None:
        try:
            # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
            event: dict[str, Any] = chunk.__dict__
            kind: str = event["type"]
            if kind in PLACES:
                spot = (kind, event.get("content_index", event.get("summary_index")))
                self._pieces[event["output_index"]][spot] += event["delta"].encode()
                return
            if kind not in TOLD:
                return
        except (AttributeError, KeyError, TypeError, UnicodeEncodeError):
            pass  # It is of another kind than nearly all of a stream.
        self._note_any(members_of(chunk))

    def _note_any(self, event: Mapping[str, Any]) -> None:
        kind = text(event.get("type")) or ""
        if kind in PLACES:
            part = count(event.get("content_index", event.get("summary_index")))
            pieces = self._pieces.setdefault(key_of(event), {})
            grown(pieces.setdefault((kind, part), bytearray()), event.get("delta"))
        elif kind == "response.output_item.added":
            self._items[key_of(event)] = dict(mapping(plain(event.get("item"))))
        elif kind == "response.output_item.done":
            self._items[key_of(event)] = dict(mapping(plain(event.get("item"))))
            self._pieces.pop(key_of(event), None)
        elif kind in WHOLE and (output := items(get(event.get("response"), "output"))):
            self._output = output
            self._items.clear()
            self._pieces.clear()

    def item(self, key: Key) -> dict[str, Any]:
        """One of those under way: as it was last said whole, with the pieces that came since."""
        item = dict(self._items.get(key, {}))
        for (kind, _), held in self._pieces.get(key, {}).items():
            place, said = PLACES[kind], read(held)
            item.setdefault("type", place.item)
            if place.part:
                item[place.member] = [*items(item.get(place.member)), {"type": place.part, place.text: said}]
            else:
                item[place.member] = said
        return item

    def answer(self) -> object:
        if self._output is not None:
            return {"output": plain(self._output)}
        return {"output": [self.item(key) for key in self._items | self._pieces]}
