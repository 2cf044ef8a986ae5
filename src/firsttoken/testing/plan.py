"""A reply as a plan: the steps that one connection has to take, in order. Nothing is sent or awaited here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import assert_never

from firsttoken.testing.answer import Answer
from firsttoken.testing.delivery import Cut, Delivery
from firsttoken.testing.failure import ErrorAnswer, NoAnswer, RawAnswer
from firsttoken.testing.gate import Pause
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.script import Reply
from firsttoken.testing.wire import Wire
from firsttoken.testing.wire.sse import json_bytes

JSON = "application/json"
HTML = "text/html; charset=utf-8"

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing happens for that long."""

    length: Pause


@dataclass(frozen=True, slots=True)
class Start:
    """The status line and the headers."""

    status: int
    headers: Headers


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of the body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """The body ends as HTTP wants it."""

    early: bool = False
    """Whether events are missing. A WebSocket, whose replies have no end of their own, is then closed."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The connection ends, whatever the client still expects."""

    reset: bool


Step = Wait | Start | Chunk | Finish | HangUp


@dataclass(frozen=True, slots=True)
class _Message:
    """A reply in HTTP's terms, before anything is done to how it travels."""

    status: int
    content_type: str
    parts: Sequence[bytes]
    streamed: bool


def plan(reply: Reply, request: ReceivedRequest, wire: Wire) -> tuple[Step, ...]:
    """The steps of this reply to this request."""
    if isinstance(reply, NoAnswer):
        return (Wait(reply.delivery.headers_after), HangUp(reply.reset))
    if isinstance(reply, Answer) and reply.error is not None and not wire.streams(request):
        return plan(reply.error, request, wire)
    message = _message(reply, request, wire)
    chunks = _chunks(message.parts, reply.delivery)
    framing = {"transfer-encoding": "chunked"} if message.streamed else _length(chunks, reply.delivery)
    own = {name.lower(): value for name, value in reply.headers.items()}
    headers = {"content-type": message.content_type, **wire.headers(request), **framing, **own}
    return (*_steps(Start(message.status, headers), chunks, reply.delivery),)


def _message(reply: Answer | ErrorAnswer | RawAnswer, request: ReceivedRequest, wire: Wire) -> _Message:
    match reply:
        case Answer() if wire.events is not None and wire.streams(request):
            events = _events(reply, wire.events(reply, request), request, wire)
            return _Message(200, wire.stream_type, events, streamed=True)
        case Answer():
            return _Message(200, JSON, [json_bytes(wire.whole(reply, request))], streamed=False)
        case ErrorAnswer() if reply.content is not None:
            return _Message(reply.status, HTML, [reply.content], streamed=False)
        case ErrorAnswer():
            return _Message(reply.status, JSON, [json_bytes(wire.error(reply, request))], streamed=False)
        case RawAnswer():
            return _Message(reply.status, reply.content_type, reply.chunks, streamed=True)
        case _:
            assert_never(reply)


def _events(answer: Answer, events: Sequence[bytes], request: ReceivedRequest, wire: Wire) -> Sequence[bytes]:
    """Broken off with an error, if the answer is."""
    if answer.error is None:
        return events
    return (*events[: answer.error_after], wire.error_event(answer.error, request))


def _length(chunks: Sequence[bytes], delivery: Delivery) -> Headers:
    """A body that ends too soon, but as HTTP wants it, says itself that it is so short."""
    promised = chunks[: delivery.stop_after] if delivery.stop_by is Cut.END else chunks
    return {"content-length": str(sum(len(chunk) for chunk in promised))}


def _steps(start: Start, chunks: Sequence[bytes], delivery: Delivery) -> Iterator[Step]:
    sent = chunks[: delivery.stop_after]
    yield Wait(delivery.headers_after)
    yield start
    for number, data in enumerate(sent):
        usual = delivery.first_after if number == 0 else delivery.each_after
        yield Wait(delivery.before.get(number, usual))
        yield Chunk(data)
    early = len(sent) < len(chunks)
    if early:
        yield Wait(delivery.before.get(len(sent), 0.0))
    if early and delivery.stop_by is not Cut.END:
        yield HangUp(reset=delivery.stop_by is Cut.RESET)
    else:
        yield Finish(early)


def _chunks(events: Sequence[bytes], delivery: Delivery) -> list[bytes]:
    """The events with what is inserted among them, cut up if the delivery says so."""
    chunks: list[bytes] = []
    for number, event in enumerate(events):
        if number in delivery.insert:
            chunks.append(delivery.insert[number])
        chunks.append(event)
    return _cut(b"".join(chunks), delivery.piece_bytes) if delivery.piece_bytes else chunks


def _cut(content: bytes, sizes: Sequence[int]) -> list[bytes]:
    pieces: list[bytes] = []
    start = 0
    for size in cycle(sizes):
        if start >= len(content):
            break
        pieces.append(content[start : start + size])
        start += size
    return pieces
