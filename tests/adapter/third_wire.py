"""A wire as somebody outside the package would write it: an API of lines of JSON, and a client of two dozen lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from firsttoken.adapter import Ask, Event, Finished, Other, Said, TextDelta, ToolCallComplete, ToolCallStarted
from firsttoken.call import Failure, Response, Usage
from firsttoken.call.content import ToolCall

Line = Mapping[str, Any]


class PirateClient:
    """Answers from memory. A line that is an exception is raised."""

    base_url = "https://api.pirate.example:8443/v2"

    def __init__(self, lines: Sequence[Line | BaseException]) -> None:
        self.lines = lines
        self.asked: list[Mapping[str, Any]] = []
        self.streams: list[PirateStream] = []

    def talk(self, **request: Any) -> PirateStream:
        self.asked.append(request)
        if self.lines and isinstance(self.lines[0], BaseException):
            raise self.lines[0]
        self.streams.append(PirateStream(iter(self.lines)))
        return self.streams[-1]


class AsyncPirateClient(PirateClient):
    async def talk_async(self, **request: Any) -> AsyncPirateStream:
        return AsyncPirateStream(self.talk(**request))


class PirateStream:
    def __init__(self, lines: Iterator[Line | BaseException]) -> None:
        self._lines = lines
        self.closed = False

    def __iter__(self) -> Iterator[Line]:
        for line in self._lines:
            if isinstance(line, BaseException):
                raise line
            yield line

    def close(self) -> None:
        self.closed = True


class AsyncPirateStream:
    def __init__(self, stream: PirateStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[Line]:
        for line in self._stream:
            yield line

    async def aclose(self) -> None:
        self._stream.close()


@dataclass
class PirateReader:
    needing_approval: Collection[str]
    text: str = ""
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    usage: Usage | None = None
    reason: str | None = None
    failure: Failure | None = None

    def read(self, chunk: Line) -> Sequence[Event]:
        match chunk:
            case {"arr": str(piece)}:
                self.text += piece
                return (TextDelta(piece, chunk),)
            case {"order": str(name), "args": args}:
                return self._order(name, json.dumps(args), chunk)
            case {"farewell": str(reason), "doubloons": int(spent)}:
                self.reason, self.usage = reason, Usage(input_tokens=1, output_tokens=spent)
                return (Finished(reason, chunk),)
            case {"mutiny": str(why)}:
                self.failure = Failure("overloaded_error", why)
                return (Other("mutiny", chunk),)
            case _:
                return (Other(str(next(iter(chunk), "chunk")), chunk),)

    def _order(self, name: str, args: str, chunk: Line) -> Sequence[Event]:
        index, approve = len(self.calls), name in self.needing_approval
        self.calls.append(ToolCall(name, args, valid_json=True))
        return (
            ToolCallStarted(index, None, name, approve, chunk),
            ToolCallComplete(index, None, name, args, valid_json=True, needs_approval=approve, chunk=chunk),
        )

    def said(self) -> Said:
        reasons = None if self.reason is None else (self.reason,)
        return Said(
            text=self.text,
            tool_calls=tuple(self.calls),
            response=Response(id="voyage-1", model="captain-2", finish_reasons=reasons),
            usage=self.usage,
            finished=self.reason is not None or self.failure is not None,
            failure=self.failure,
        )


class PirateWire:
    api = "pirate.talk"

    def fits(self, client: Any) -> bool:
        return isinstance(client, PirateClient)

    def is_async(self, client: Any) -> bool:
        return isinstance(client, AsyncPirateClient)

    def fits_arguments(self, arguments: Mapping[str, Any]) -> bool:
        return "shout" in arguments

    def translate(self, ask: Ask, client: Any) -> dict[str, Any]:
        del client
        if ask.tools:
            raise ValueError("pirates take no tools: leave them out")
        return {"model": ask.model, "shout": [message.content for message in ask.messages], **ask.more}

    def send(self, client: Any, arguments: Mapping[str, Any]) -> Any:
        return client.talk_async(**arguments) if self.is_async(client) else client.talk(**arguments)

    def reader(self, needing_approval: Collection[str]) -> PirateReader:
        return PirateReader(needing_approval)
