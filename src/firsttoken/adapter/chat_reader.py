"""Chunks of Chat Completions as events, from OpenAI and from every server that says it in its own way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from firsttoken.adapter.chat_delta import texts_in
from firsttoken.adapter.events import Event, Finished, Other, TextDelta, UsageReported
from firsttoken.adapter.said import said_so_far
from firsttoken.adapter.tool_calls import ToolCalls
from firsttoken.adapter.wire import Said
from firsttoken.plain import members_of
from firsttoken.providers.chat_content import ChatContent, tool_call
from firsttoken.providers.chat_transcript import Call, ChatTranscript
from firsttoken.providers.fields import count, items, text
from firsttoken.providers.openai_chat import ChatTally, read_usage, usage_elsewhere

KIND: Final = "chunk"
"""Chunks have no names on this wire."""


class ChatReader:
    """Reads one stream."""

    __slots__ = ("_calls", "_latest", "_reasons", "_tally", "_transcript")

    def __init__(self, needing_approval: Collection[str]) -> None:
        self._tally = ChatTally()
        self._transcript = ChatTranscript()
        self._calls: ToolCalls[Call] = ToolCalls(needing_approval)
        self._latest: dict[int, Call] = {}
        """The call of each choice that was begun last."""
        self._reasons: dict[int, str] = {}

    def read(self, chunk: Any) -> Sequence[Event]:
        self._tally.note(chunk)
        self._transcript.note(chunk)
        try:
            # Members are looked up in dicts: each attribute of a pydantic model costs five times as much.
            answer: dict[str, Any] = chunk.__dict__
            (choice,) = answer["choices"]
            given: dict[str, Any] = choice.__dict__
            delta = given["delta"]
            said: dict[str, Any] = delta.__dict__
            content, index = said["content"], given["index"]
            says_one_thing = [*said.values()].count(None) == len(said) - 1 and not delta.__pydantic_extra__
            goes_on = given["finish_reason"] is None and answer["usage"] is None
            if says_one_thing and goes_on and content and type(content) is str and type(index) is int:
                return (TextDelta(content, chunk, index),)
        except (AttributeError, KeyError, TypeError, ValueError):
            pass  # It is of another kind than nearly all of a stream.
        return [*self._events(chunk)] or (Other(KIND, chunk),)

    def said(self) -> Said:
        return said_so_far(self._tally.reading(), ChatContent().read_answer(self._transcript.answer()))

    def _events(self, chunk: Any) -> Iterator[Event]:
        """What every choice says, then the usage, then which of them have ended."""
        answer = members_of(chunk)
        ended: list[Finished] = []
        for choice in items(answer.get("choices")):
            given = members_of(choice)
            index = count(given.get("index")) or 0
            delta = members_of(given.get("delta"))
            yield from texts_in(delta, chunk, index)
            if delta.get("tool_calls") or delta.get("function_call"):
                yield from self._called(chunk, index)
            reason = text(given.get("finish_reason"))
            if reason and reason != self._reasons.get(index):
                self._reasons[index] = reason
                yield from self._end_calls(chunk, index)
                ended.append(Finished(reason, chunk, index))
        usage = read_usage(answer.get("usage") or (usage_elsewhere(chunk) if ended else None))
        if usage is not None:
            yield UsageReported(usage if self._tally.finished else replace(usage, partial=True), chunk)
        yield from ended

    def _called(self, chunk: Any, choice: int) -> Iterator[Event]:
        """Which call a piece belongs to is for the transcript to say, so that both agree."""
        said = self._transcript.choice(choice)
        before: list[Call] = []
        for call, piece in () if said is None else said.latest_calls:
            if call not in self._calls and (call.name or piece):
                before += [self._latest[choice]] if choice in self._latest else []
                self._latest[choice] = call
                yield self._calls.start(call, call.name, text(call.id), chunk, choice)
            if piece:
                yield self._calls.add(call, piece, chunk)
        yield from self._end_whole(before, chunk)

    def _end_whole(self, calls: Iterable[Call], chunk: Any) -> Iterator[Event]:
        """The next call ends the one before it if that is a whole object. Else some server may yet go on with it."""
        for call in calls:
            said = tool_call(call.whole())
            if self._calls.is_open(call) and said.valid_json and said.arguments.rstrip().endswith("}"):
                yield self._calls.complete(call, said, chunk)

    def _end_calls(self, chunk: Any, choice: int) -> Iterator[Event]:
        for call in self._calls.open(choice):
            yield self._calls.complete(call, tool_call(call.whole()), chunk)
