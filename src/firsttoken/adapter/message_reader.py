"""Events of Anthropic Messages as events that are the same for every provider."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from firsttoken.adapter.events import Event, Finished, Other, ReasoningDelta, TextDelta, UsageReported
from firsttoken.adapter.said import said_so_far
from firsttoken.adapter.tool_calls import ToolCalls
from firsttoken.adapter.wire import Said
from firsttoken.call.content import ToolCall
from firsttoken.plain import members_of
from firsttoken.providers.anthropic_messages import MessageTally
from firsttoken.providers.fields import get, text
from firsttoken.providers.message_content import MessageContent, read_block
from firsttoken.providers.message_transcript import MessageTranscript, Place, place_of

OWN_BLOCKS: Final = frozenset({"text", "thinking", "tool_use"})
"""Blocks that have events of their own. All others are named by their type, and so is all that follows of them."""


class MessageReader:
    """Reads one stream."""

    __slots__ = ("_calls", "_others", "_reason", "_tally", "_transcript")

    def __init__(self, needing_approval: Collection[str]) -> None:
        self._tally = MessageTally()
        self._transcript = MessageTranscript()
        self._calls: ToolCalls[Place] = ToolCalls(needing_approval)
        self._others: dict[Place, str] = {}
        """The types of blocks that have no events of their own."""
        self._reason: str | None = None

    def read(self, chunk: Any) -> Sequence[Event]:
        self._tally.note(chunk)
        self._transcript.note(chunk)
        try:
            # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
            delta: dict[str, Any] = chunk.__dict__["delta"].__dict__
            if delta["type"] == "text_delta" and delta["text"] and type(delta["text"]) is str:
                return (TextDelta(delta["text"], chunk),)
        except (AttributeError, KeyError):
            pass  # It is of another kind than nearly all of a stream.
        event = members_of(chunk)
        kind = text(event.get("type")) or "event"
        read = READERS.get(kind)
        return (read and [*read(self, event, chunk)]) or (Other(self._kind(event, kind), chunk),)

    def said(self) -> Said:
        return said_so_far(self._tally.reading(), MessageContent().read_answer(self._transcript.answer()))

    def _kind(self, event: Mapping[str, Any], kind: str) -> str:
        """The type of the block or the delta that it is about; else its own."""
        if not kind.startswith("content_block"):
            return kind
        about = self._others.get(place_of(event.get("index")))
        return about or text(get(event.get("delta"), "type")) or kind

    def open(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        block, place = event.get("content_block"), place_of(event.get("index"))
        kind = text(get(block, "type"))
        said, thought = get(block, "text"), get(block, "thinking")
        if kind == "tool_use":
            yield self._calls.start(place, text(get(block, "name")) or "", text(get(block, "id")), chunk)
        elif kind == "text" and isinstance(said, str) and said:
            yield TextDelta(said, chunk)
        elif kind == "thinking" and isinstance(thought, str) and thought:
            yield ReasoningDelta(thought, chunk)
        elif kind is not None and kind not in OWN_BLOCKS:
            self._others[place] = kind

    def grow(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        delta, place = members_of(event.get("delta")), place_of(event.get("index"))
        kind = delta.get("type")
        if kind == "text_delta" and isinstance(said := delta.get("text"), str) and said:
            yield TextDelta(said, chunk)
        elif kind == "thinking_delta" and isinstance(thought := delta.get("thinking"), str) and thought:
            yield ReasoningDelta(thought, chunk)
        elif place in self._calls and isinstance(piece := delta.get("partial_json"), str) and piece:
            yield self._calls.add(place, piece, chunk)

    def close(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        place = place_of(event.get("index"))
        if self._calls.is_open(place):
            yield from self._end_call(place, chunk)

    def tell(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        """Counts, and why the answer has ended: with it, so have blocks that some server has not closed."""
        usage = self._tally.reading().usage if event.get("usage") or event.get("message") else None
        reason = text(get(event.get("delta"), "stop_reason"))
        for place in self._calls.open() if reason else ():
            yield from self._end_call(place, chunk)
        if usage is not None:
            yield UsageReported(usage, chunk)
        if reason and reason != self._reason:
            self._reason = reason
            yield Finished(reason, chunk)

    def _end_call(self, place: Place, chunk: Any) -> Iterator[Event]:
        call = read_block(self._transcript.block(place))
        if isinstance(call, ToolCall):
            yield self._calls.complete(place, call, chunk)


READERS: Final = {
    "message_start": MessageReader.tell,
    "message_delta": MessageReader.tell,
    "content_block_start": MessageReader.open,
    "content_block_delta": MessageReader.grow,
    "content_block_stop": MessageReader.close,
}
"""What reads each event. The others say nothing of the answer."""
