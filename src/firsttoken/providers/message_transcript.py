"""What a Messages stream has said: its blocks put together as those of a whole answer."""

from __future__ import annotations

from typing import Any, Final, cast

from firsttoken.plain import is_list, members_of, plain
from firsttoken.providers.fields import get, mapping, text
from firsttoken.providers.growing import grown, read

PIECES: Final = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
    "signature_delta": "signature",
    "compaction_delta": "content",
}
"""The member of each delta that carries a piece of text. Those of the blocks have the same names, `input` apart."""

Place = int | str | None
"""The index of a block, as a server gives it."""


def place_of(index: object) -> Place:
    """An index that is none, as a broken server may send it, is like one that is missing."""
    return index if isinstance(index, int | str) else None


class MessageTranscript:
    """Texts grow in place, as UTF-8: a list of their pieces would take many times their size."""

    __slots__ = ("_blocks", "_closed", "_growing", "_growing_at", "_growing_by", "_pieces", "_role")

    def __init__(self) -> None:
        self._role: str | None = None
        self._blocks: dict[Place, dict[str, Any]] = {}
        self._pieces: dict[Place, dict[str, bytearray]] = {}
        self._closed: set[Place] = set()
        self._growing_at: Place = None
        self._growing_by = ""
        self._growing = bytearray()
        """The text that the last piece went to, with the index of its block and the type of its delta."""

    def note(self, chunk: Any) -> None:
        try:
            event: dict[str, Any] = chunk.__dict__
            delta: dict[str, Any] = event["delta"].__dict__
            if delta["type"] == self._growing_by and event["index"] == self._growing_at:
                self._growing += delta[PIECES[self._growing_by]].encode()
                return
        except (AttributeError, KeyError, UnicodeEncodeError):
            pass  # It is of another kind than nearly all of a stream.
        self._note_any(chunk)

    def _note_any(self, chunk: Any) -> None:
        # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
        event = members_of(chunk)
        place = place_of(event.get("index"))
        if event.get("type") == "content_block_delta":
            self._take(place, members_of(event.get("delta")))
        elif event.get("type") == "content_block_start":
            self._blocks[place] = dict(mapping(plain(event.get("content_block"))))
        elif event.get("type") == "content_block_stop":
            self._closed.add(place)
        elif event.get("type") == "message_start":
            self._role = text(get(event.get("message"), "role"))

    def _take(self, index: Place, delta: dict[str, Any]) -> None:
        kind = text(delta.get("type")) or ""
        name = PIECES.get(kind)
        if name is None:
            self._cite(index, delta.get("citation"))
            return
        pieces = self._pieces.get(index)
        if pieces is None:
            pieces = self._pieces[index] = {}
        held = pieces.get(name)
        if held is None:
            held = pieces[name] = bytearray()
        grown(held, delta.get(name))
        self._growing_at, self._growing_by, self._growing = index, kind, held

    def _cite(self, index: Place, citation: object) -> None:
        if citation is not None:
            block = self._blocks.setdefault(index, {})
            held = cast("list[Any]", block["citations"] if is_list(block.get("citations")) else [])
            held.append(plain(citation))
            block["citations"] = held

    def answer(self) -> object:
        return {"role": self._role, "content": [self.block(index) for index in self._blocks | self._pieces]}

    def block(self, index: Place) -> dict[str, Any]:
        """One of them: as it opened, with what came after. A tool's input that came in pieces is the text of its JSON;
        one that was cut before its first piece is not the empty object with which every block opens.
        """
        block = dict(self._blocks.get(index, {}))
        if index not in self._closed and not block.get("input", True):
            block["input"] = ""
        for name, held in self._pieces.get(index, {}).items():
            opening = bytearray()
            grown(opening, block.get(name))
            whole = read(opening + held)
            if name != "partial_json":
                block[name] = whole
            elif whole:
                block["input"] = whole
        return block
