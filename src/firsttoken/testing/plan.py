"""A reply as a plan: the steps that one HTTP connection has to take, in order. Nothing is sent or awaited here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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

EVENT_STREAM = "text/event-stream; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing happens for that long."""

    length: Pause


@dataclass(frozen=True, slots=True)
class Start:
    """The status line and the headers."""

    status: int
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of the body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Finish:
    """The body ends as HTTP wants it."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The connection ends, whatever the client still expects."""

    reset: bool


Step = Wait | Start | Chunk | Finish | HangUp


def plan(reply: Reply, request: ReceivedRequest, wire: Wire) -> tuple[Step, ...]:
    """The steps of this reply to this request."""
    match reply:
        case Answer(error=ErrorAnswer() as failed) if not request.stream:
            return plan(failed, request, wire)
        case Answer() if request.stream:
            start = Start(200, _headers(wire.headers(request), reply.headers, EVENT_STREAM))
            return (*_steps(start, _events(reply, request, wire), reply.delivery),)
        case Answer():
            content = json_bytes(wire.whole(reply, request))
            start = Start(200, _headers(wire.headers(request), reply.headers, JSON, len(content)))
            return (*_steps(start, [content], reply.delivery),)
        case ErrorAnswer():
            content = json_bytes(wire.error(reply, request)) if reply.content is None else reply.content
            kind = JSON if reply.content is None else "text/html"
            start = Start(reply.status, _headers(wire.headers(request), reply.headers, kind, len(content)))
            return (*_steps(start, [content], reply.delivery),)
        case RawAnswer():
            start = Start(reply.status, _headers(wire.headers(request), reply.headers, reply.content_type))
            return (*_steps(start, reply.chunks, reply.delivery),)
        case NoAnswer():
            return (Wait(reply.delivery.headers_after), HangUp(reply.reset))
        case _:
            assert_never(reply)


def _events(answer: Answer, request: ReceivedRequest, wire: Wire) -> Sequence[bytes]:
    events = wire.events(answer, request)
    if answer.error is None:
        return events
    return (*events[: answer.error_after], wire.error_event(answer.error, request))


def _headers(
    usual: Mapping[str, str], own: Mapping[str, str], content_type: str, length: int | None = None
) -> tuple[tuple[str, str], ...]:
    framing = {"transfer-encoding": "chunked"} if length is None else {"content-length": str(length)}
    given = {name.lower(): value for name, value in own.items()}
    return tuple({"content-type": content_type, **usual, **framing, **given}.items())


def _steps(start: Start, events: Sequence[bytes], delivery: Delivery) -> Iterator[Step]:
    chunks = _chunks(events, delivery)
    sent = chunks[: delivery.stop_after]
    yield Wait(delivery.headers_after)
    yield start
    for number, data in enumerate(sent):
        usual = delivery.first_after if number == 0 else delivery.each_after
        yield Wait(delivery.before.get(number, usual))
        yield Chunk(data)
    if len(sent) < len(chunks) and delivery.stop_by is not Cut.END:
        yield HangUp(reset=delivery.stop_by is Cut.RESET)
    else:
        yield Finish()


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
