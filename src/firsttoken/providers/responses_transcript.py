"""What a Responses stream has said: the latest items of its output, those still under way put together from deltas."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from firsttoken.plain import plain
from firsttoken.providers.fields import get, items, mapping
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

Key = tuple[object, str, object]
"""The index of the item in the output, the type of the delta, and the index of the part in the item."""


class ResponsesTranscript:
    """An item that is done takes the place of its deltas, and the whole response that of its items."""

    __slots__ = ("_items", "_output", "_pieces")

    def __init__(self) -> None:
        self._items: dict[object, dict[str, Any]] = {}
        self._pieces: dict[Key, bytearray] = {}
        self._output: object = None

    def note(self, chunk: Any) -> None:
        # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
        event: dict[str, Any] = chunk if type(chunk) is dict else chunk.__dict__  # pyright: ignore[reportUnknownVariableType]
        kind = event.get("type", "")
        if kind in PLACES:
            key = (event.get("output_index"), kind, event.get("content_index", event.get("summary_index")))
            held = self._pieces.get(key)
            if held is None:
                held = self._pieces[key] = bytearray()
            try:
                held += event["delta"].encode()
            except (AttributeError, KeyError, UnicodeEncodeError):
                grown(held, event.get("delta"))
        elif kind == "response.output_item.added":
            self._items[event.get("output_index")] = dict(mapping(plain(event.get("item"))))
        elif kind == "response.output_item.done":
            self._done(event.get("output_index"), event.get("item"))
        elif kind in WHOLE and (output := items(get(event.get("response"), "output"))):
            self._output = output
            self._items.clear()
            self._pieces.clear()

    def _done(self, index: object, item: object) -> None:
        self._items[index] = dict(mapping(plain(item)))
        for key in [key for key in self._pieces if key[0] == index]:
            del self._pieces[key]

    def answer(self) -> object:
        if self._output is not None:
            return {"output": plain(self._output)}
        for (index, kind, _), held in self._pieces.items():
            item, place = self._items.setdefault(index, {}), PLACES[kind]
            item.setdefault("type", place.item)
            if not place.part:
                item[place.member] = read(held)
            else:
                said = [*items(item.get(place.member)), {"type": place.part, place.text: read(held)}]
                item[place.member] = said
        self._pieces.clear()
        return {"output": list(self._items.values())}
