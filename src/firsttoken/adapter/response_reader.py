"""Events of OpenAI Responses as events that are the same for every provider."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from firsttoken.adapter.events import (
    Event,
    Finished,
    Other,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    UsageReported,
)
from firsttoken.adapter.said import said_so_far
from firsttoken.adapter.tool_calls import ToolCalls
from firsttoken.adapter.wire import Said
from firsttoken.call.content import ToolCall
from firsttoken.plain import members_of, plain
from firsttoken.providers.fields import get, items, mapping, text
from firsttoken.providers.openai_responses import ResponseTally
from firsttoken.providers.responses_content import CLIENT_CALLS, ResponsesContent, client_call
from firsttoken.providers.responses_transcript import WHOLE, Key, ResponsesTranscript, key_of

TEXT: Final = "response.output_text.delta"
ENDS: Final = frozenset({"response.completed", "response.incomplete"})
"""Events after which an answer has its own end."""

OWN_ITEMS: Final = frozenset({"message", "reasoning", *CLIENT_CALLS})
"""Items that have events of their own. Others are told by their types: tools of the provider, and what is new."""


class ResponseReader:
    """Reads one stream."""

    __slots__ = ("_calls", "_keys", "_tally", "_transcript")

    def __init__(self, needing_approval: Collection[str]) -> None:
        self._tally = ResponseTally()
        self._transcript = ResponsesTranscript()
        self._calls: ToolCalls[Key] = ToolCalls(needing_approval)
        self._keys: dict[str | None, Key] = {}
        """The items that are calls, by the ids of the calls."""

    def read(self, chunk: Any) -> Sequence[Event]:
        self._tally.note(chunk)
        self._transcript.note(chunk)
        try:
            # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
            event: dict[str, Any] = chunk.__dict__
            if event["type"] == TEXT and event["delta"] and type(event["delta"]) is str:
                return (TextDelta(event["delta"], chunk),)
        except (AttributeError, KeyError):
            pass  # It is of another kind than nearly all of a stream.
        event = members_of(chunk)
        kind = text(event.get("type")) or "event"
        read = READERS.get(kind)
        return (read and [*read(self, event, chunk)]) or (Other(_kind(event, kind), chunk),)

    def said(self) -> Said:
        answer = self._transcript.answer()
        messages = (item for item in items(get(answer, "output")) if get(item, "type") == "message")
        message_id = next((text(get(item, "id")) for item in messages), None)
        return said_so_far(self._tally.reading(), ResponsesContent().read_answer(answer), message_id)

    def say(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        """The texts: what the delta is called says what it is."""
        said, kind = event.get("delta"), event.get("type")
        if not isinstance(said, str) or not said:
            return
        if kind == TEXT:
            yield TextDelta(said, chunk)
        elif kind == "response.refusal.delta":
            yield RefusalDelta(said, chunk)
        else:
            yield ReasoningDelta(said, chunk, kind == "response.reasoning_summary_text.delta")

    def open(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        if call := _call(event.get("item")):
            yield from self._start(key_of(event), call, chunk)

    def grow(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        key, piece = key_of(event), event.get("delta")
        if isinstance(piece, str) and piece:
            if key not in self._calls:
                yield from self._start(key, ToolCall("", "", valid_json=False), chunk)
            yield self._calls.add(key, piece, chunk)

    def end(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        """The arguments are whole. A server that did not send them in pieces says them here."""
        said = {name: event[name] for name in ("arguments", "input") if event.get(name)}
        call = _call({**self._transcript.item(key_of(event)), **said})
        if call is not None and self._calls.is_open(key_of(event)):
            yield self._calls.complete(key_of(event), call, chunk)

    def close(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        if call := _call(event.get("item")):
            yield from self._end(key_of(event), call, chunk)

    def tell(self, event: Mapping[str, Any], chunk: Any) -> Iterator[Event]:
        """The whole response: with calls that were not told of before, its counts, and why it ended."""
        said = self._tally.reading()
        if event.get("type") in ENDS:
            for number, item in enumerate(items(get(event.get("response"), "output"))):
                if call := _call(item):
                    yield from self._end(self._keys.get(call.id, f"output {number}"), call, chunk)
        if said.usage is not None:
            yield UsageReported(said.usage, chunk)
        if event.get("type") in ENDS:
            yield from (Finished(reason, chunk) for reason in said.response.finish_reasons or ())

    def _start(self, key: Key, call: ToolCall, chunk: Any) -> Iterator[Event]:
        self._keys[call.id] = key
        yield self._calls.start(key, call.name, call.id, chunk)

    def _end(self, key: Key, call: ToolCall, chunk: Any) -> Iterator[Event]:
        if key not in self._calls:
            yield from self._start(key, call, chunk)
        self._keys[call.id] = key
        if self._calls.is_open(key):
            yield self._calls.complete(key, call, chunk)


def _call(item: object) -> ToolCall | None:
    """What an item says, where it is a call of one of the application's tools."""
    kind = text(get(item, "type"))
    return client_call(kind, mapping(plain(item))) if kind in CLIENT_CALLS else None


def _kind(event: Mapping[str, Any], kind: str) -> str:
    """Of an item that has no events of its own its type; else that of the event."""
    about = text(get(event.get("item"), "type"))
    return kind if about is None or about in OWN_ITEMS else about


READERS: Final = {
    TEXT: ResponseReader.say,
    "response.refusal.delta": ResponseReader.say,
    "response.reasoning_text.delta": ResponseReader.say,
    "response.reasoning_summary_text.delta": ResponseReader.say,
    "response.output_item.added": ResponseReader.open,
    "response.output_item.done": ResponseReader.close,
    **{
        f"response.{member}.{moment}": read
        for member in ("function_call_arguments", "custom_tool_call_input")
        for moment, read in (("delta", ResponseReader.grow), ("done", ResponseReader.end))
    },
    **dict.fromkeys(WHOLE, ResponseReader.tell),
}
"""What reads each event. The others say nothing of the answer."""
