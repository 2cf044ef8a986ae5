"""Chunks of Chat Completions as events, from OpenAI and from every server that says it in its own way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from firsttoken.adapter.chat_delta import texts_in
from firsttoken.adapter.events import Event, Finished, Other, TextDelta, UsageReported
from firsttoken.adapter.said import said_so_far
from firsttoken.adapter.tool_calls import ToolCalls
from firsttoken.adapter.wire import Said
from firsttoken.plain import members_of
from firsttoken.providers.chat_content import ChatContent, tool_call
from firsttoken.providers.chat_transcript import Call, ChatTranscript, Choice, index_of
from firsttoken.providers.fields import items, text
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
                self._transcript.note(chunk)
                return (TextDelta(content, chunk, index),)
        except (AttributeError, KeyError, TypeError, ValueError):
            pass  # It is of another kind than nearly all of a stream.
        return self._read_any(chunk) or (Other(KIND, chunk),)

    def said(self) -> Said:
        return said_so_far(self._tally.reading(), ChatContent().read_answer(self._transcript.answer()))

    def _read_any(self, chunk: Any) -> list[Event]:
        """What every choice says, then the usage, then which of them have ended."""
        events: list[Event] = []
        ended: list[Finished] = []
        answer = members_of(chunk)
        for choice in items(answer.get("choices")):
            given = members_of(choice)
            index, delta, reason = index_of(given), members_of(given.get("delta")), text(given.get("finish_reason"))
            said = self._transcript.take(index, delta)
            events += texts_in(delta, chunk, index)
            if said.latest_calls:
                events += self._called(said, chunk, index)
            if reason and reason != self._reasons.get(index):
                self._reasons[index] = reason
                events += self._end_calls(chunk, index)
                ended.append(Finished(reason, chunk, index))
        counted = answer.get("usage") or (usage_elsewhere(chunk) if ended else None)
        usage = read_usage(members_of(counted), partial=not self._tally.finished) if counted else None
        if usage is not None:
            events.append(UsageReported(usage, chunk))
        return events + ended

    def _called(self, said: Choice, chunk: Any, choice: int) -> Iterator[Event]:
        """Which call a piece belongs to is for the transcript to say, so that both agree."""
        before: list[Call] = []
        for call, piece in said.latest_calls:
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
