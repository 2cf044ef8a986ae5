"""Every way in which a response over a WebSocket can end, and what is then recorded of each response on the socket."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from firsttoken.call import Outcome
from firsttoken.testing import Cut, Delivery, ErrorAnswer, Gate, NoAnswer, RawAnswer, text_answer
from firsttoken.testing.script import Reply
from observe.program import DONE, Program
from observe.waiting import interrupt_when_it_waits

ASKED: Final[dict[str, Any]] = {"model": "gpt-4o", "input": "Say something."}
ANSWER: Final = replace(text_answer("One", " two", "."), id="resp_1")
EVENTS: Final = 11
"""How many there are in that answer."""
LAST: Final = frozenset({"response.completed", "response.failed", "response.incomplete", "error"})
LOST: Final = "websockets.ConnectionClosedError"


class ConsumerError(Exception):
    """Raised by the program itself."""


@dataclass(slots=True)
class Line:
    """A program with an open connection, and what it saw."""

    program: Program
    manager: Any
    connection: Any
    see: Callable[[object], None]
    gate: Gate

    async def ask(self, **more: Any) -> None:
        if more:
            # What only newer versions have a parameter for can be sent by all of them.
            await self.program.get(self.connection.send({"type": "response.create", **ASKED, **more}))
        else:
            await self.program.get(self.connection.response.create(**ASKED))

    async def hear(self, count: int = 1) -> None:
        for _ in range(count):
            self.see(await self.program.get(self.connection.recv()))

    async def hear_out(self) -> None:
        """Reads to the end of a response."""
        while True:
            event = await self.program.get(self.connection.recv())
            self.see(event)
            if getattr(event, "type", None) in LAST:
                return

    async def hear_all(self) -> None:
        """Reads until the socket is closed."""
        events = self.program.iterate(self.connection)
        while (event := await self.program.next(events)) is not DONE:
            self.see(event)

    async def leave(self, error: BaseException | None = None) -> None:
        await self.program.leave(self.manager, error)

    async def close(self) -> None:
        await self.program.close(self.connection)

    def drop(self) -> None:
        """Lets go of the connection. The socket itself is closed behind its back, so that Python does not complain."""
        held = self.connection._connection
        socket = getattr(held, "__wrapped__", held)
        self.manager = self.connection = held = None
        gc.collect()
        if hasattr(socket, "transport"):
            socket.transport.abort()
        else:
            socket.close_socket()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is expected of one call."""

    outcome: Outcome = Outcome.COMPLETED
    error_type: str | None = None
    chunks: int = EVENTS
    usage: int | None = 3
    """Output tokens."""


@dataclass(frozen=True, slots=True)
class SocketEnd:
    """What happens, what answers, and how the responses are recorded, in the order of their ends."""

    name: str
    happen: Callable[[Line], Awaitable[None]]
    recorded: tuple[Recorded, ...] = (Recorded(),)
    replies: Callable[[Gate], tuple[Reply, ...]] = lambda gate: (ANSWER, ANSWER)
    programs: tuple[str, ...] = ("sync", "async")
    needs: str = "recv"
    """A method that a connection has to have, which older versions have not."""
    options: dict[str, Any] = field(default_factory=dict[str, Any])

    def __str__(self) -> str:
        return self.name

    def cell(self, program: str) -> str:
        """Its name in the table of ends."""
        return f"websocket | {self.name} | {program}"


async def received(line: Line) -> None:
    await line.ask()
    await line.hear_out()
    await line.leave()


async def received_as_bytes(line: Line) -> None:
    await line.ask()
    for _ in range(EVENTS):
        line.see(await line.program.get(line.connection.recv_bytes()))
    await line.leave()


async def received_as_bytes_and_parsed(line: Line) -> None:
    await line.ask()
    for _ in range(EVENTS):
        line.see(line.connection.parse_event(await line.program.get(line.connection.recv_bytes())))
    await line.leave()


async def iterated(line: Line) -> None:
    await line.ask()
    events = line.program.iterate(line.connection)
    for _ in range(EVENTS):
        line.see(await line.program.next(events))
    await line.leave()


async def dispatched(line: Line) -> None:
    """Handlers get the events; the last of them closes the connection."""
    line.connection.on("event", line.see)

    def end(event: object) -> Any:
        return line.connection.close()

    line.connection.on("response.completed", end)
    await line.ask()
    await line.program.get(line.connection.dispatch_events())


async def one_after_another(line: Line) -> None:
    for _ in range(2):
        await line.ask()
        await line.hear_out()
    await line.leave()


async def asked_ahead(line: Line) -> None:
    await line.ask()
    await line.ask()
    await line.hear_out()
    await line.hear_out()
    await line.leave()


async def asked_ahead_and_left(line: Line) -> None:
    await line.ask()
    await line.ask()
    await line.hear_out()
    await line.hear(2)
    await line.leave()


async def side_by_side(line: Line) -> None:
    """The first of two lanes is held up in its middle until the second one has ended."""
    await line.ask(stream_id="slow")
    await line.hear(3)
    await line.ask(stream_id="fast")
    await line.hear_out()
    line.gate.open()
    await line.hear_out()
    await line.leave()


async def read_elsewhere(line: Line) -> None:
    await line.ask()
    await line.program.elsewhere(line.hear_out())
    await line.leave()


async def sent_as_a_dict(line: Line) -> None:
    await line.program.get(line.connection.send({"type": "response.create", **ASKED}))
    await line.hear_out()
    await line.leave()


async def sent_as_a_model(line: Line) -> None:
    from openai.types.responses import responses_client_event

    # Where there is one event alone, as in openai 2, it is no union.
    kind = getattr(responses_client_event, "ResponseCreate", responses_client_event.ResponsesClientEvent)
    event = kind.construct(type="response.create", **ASKED)
    await line.program.get(line.connection.send(event))
    await line.hear_out()
    await line.leave()


async def sent_raw(line: Line) -> None:
    await line.program.get(line.connection.send_raw(b'{"type": "response.create", "model": "gpt-4o", "input": "Hi."}'))
    await line.hear_out()
    await line.leave()


async def left_open(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    line.drop()


async def never_received(line: Line) -> None:
    await line.ask()
    line.drop()


async def closed(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    await line.close()
    await line.close()


async def closed_then_read_on(line: Line) -> None:
    await line.ask()
    await line.hear(1)
    await line.close()
    await line.hear_all()


async def left_with(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    await line.leave()


async def left_before_the_first_event(line: Line) -> None:
    await line.ask()
    await line.leave()


async def consumer_raised(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    error = ConsumerError("the program's own")
    await line.leave(error)
    raise error


async def read_until_closed(line: Line) -> None:
    await line.ask()
    await line.hear(3)
    line.gate.open()
    await line.hear_all()


async def received_until_closed(line: Line) -> None:
    await line.ask()
    await line.hear(3)
    line.gate.open()
    await line.hear(100)


async def received_nothing(line: Line) -> None:
    await line.ask()
    await line.hear()


async def sent_when_closed(line: Line) -> None:
    await line.close()
    await line.ask()


async def asked_for_what_is_refused(line: Line) -> None:
    """The connection goes on."""
    await line.ask()
    await line.hear_out()
    await line.ask()
    await line.hear_out()
    await line.leave()


async def refused_while_another_runs(line: Line) -> None:
    await line.ask(stream_id="held")
    await line.hear(2)
    await line.ask(stream_id="refused")
    await line.hear_out()
    line.gate.open()
    await line.hear_out()
    await line.leave()


async def interrupted(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    interrupt_when_it_waits(line.gate)
    try:
        await line.hear_out()
    except KeyboardInterrupt as error:
        await line.leave(error)
        raise


async def cancelled(line: Line) -> None:
    async def read() -> None:
        try:
            await line.hear_out()
        except asyncio.CancelledError as error:
            await line.leave(error)
            raise

    await line.ask()
    await line.hear(2)
    task = asyncio.create_task(read())
    await line.program.in_thread(line.gate.wait_until_reached)
    task.cancel()
    await task


async def cancelled_and_dropped(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    task = asyncio.create_task(line.hear_out())
    await line.program.in_thread(line.gate.wait_until_reached)
    task.cancel()
    await asyncio.wait([task])
    del task
    line.drop()


async def waited_for_too_long_and_again(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    try:
        await asyncio.wait_for(line.hear(), 0.05)
    except TimeoutError:
        line.gate.open()
    await line.hear_out()
    await line.leave()


async def waited_for_too_long_then_closed(line: Line) -> None:
    await line.ask()
    await line.hear(2)
    try:
        await asyncio.wait_for(line.hear(), 0.05)
    except TimeoutError:
        line.see("too long")
    await line.leave()


async def received_by_two(line: Line) -> None:
    """The SDK allows one reader at a time, and tells the other one so."""
    await line.ask()
    await line.hear(2)
    first = asyncio.create_task(line.hear_out())
    await line.program.in_thread(line.gate.wait_until_reached)
    try:
        await line.hear()
    except Exception as error:  # noqa: BLE001  its class differs from version to version
        line.see(type(error).__name__)
    line.gate.open()
    await first
    await line.leave()


async def odd_messages(line: Line) -> None:
    """Every message that is no JSON raises where the SDK parses it, and the next one can be read."""
    await line.ask()
    for _ in range(EVENTS + 4):
        try:
            line.see(await line.program.get(line.connection.recv()))
        except ValueError as error:
            line.see(type(error).__name__)
    await line.leave()


def held(count: int, *then: Reply) -> Callable[[Gate], tuple[Reply, ...]]:
    """The first answer stops after that many events until the gate is open."""
    return lambda gate: (replace(ANSWER, delivery=Delivery(before={count: gate})), *(then or (ANSWER,)))


def second_held(count: int) -> Callable[[Gate], tuple[Reply, ...]]:
    return lambda gate: (ANSWER, replace(ANSWER, delivery=Delivery(before={count: gate})))


def always(*replies: Reply) -> Callable[[Gate], tuple[Reply, ...]]:
    return lambda gate: replies


def stopped(by: Cut) -> Callable[[Gate], tuple[Reply, ...]]:
    """After three events, which the program has read by then: a reset may take along what it has not."""
    return lambda gate: (replace(ANSWER, delivery=Delivery(stop_after=3, stop_by=by, before={3: gate})),)


BROKEN: Final = ErrorAnswer(status=500, message="It broke.", type="server_error")
REFUSED: Final = ErrorAnswer(status=429, headers={"x-request-id": "req_refused"})
ODD: Final = {
    2: b"not JSON",
    3: b'{"type": "response.brand_new", "sequence_number": 1}',
    4: b'{"type": 7}',
    5: b'{"sequence_number": 1}',
}
CLOSED: Final = (Recorded(Outcome.CLOSED, chunks=2, usage=None),)
DROPPED: Final = (Recorded(Outcome.ABANDONED, chunks=2, usage=None),)
CANCELLED: Final = (Recorded(Outcome.CANCELLED, chunks=2, usage=None),)
UNHEARD: Final = (Recorded(Outcome.CLOSED, chunks=0, usage=None),)
FAILED: Final = Recorded(Outcome.FAILED, "rate_limit_exceeded", chunks=1, usage=None)
TWO: Final = (Recorded(), Recorded())
ASYNC: Final = ("async",)

SOCKET_ENDS: Final = (
    SocketEnd("recv()", received),
    SocketEnd("recv_bytes()", received_as_bytes),
    SocketEnd("recv_bytes() and parse_event()", received_as_bytes_and_parsed),
    SocketEnd("iteration", iterated),
    SocketEnd("dispatch_events()", dispatched, needs="dispatch_events"),
    SocketEnd("one after another", one_after_another, TWO),
    SocketEnd("asked ahead", asked_ahead, TWO),
    SocketEnd("asked ahead and left", asked_ahead_and_left, (Recorded(), *CLOSED), second_held(2)),
    SocketEnd("side by side on two lanes", side_by_side, TWO, held(3)),
    SocketEnd("read in another thread or task", read_elsewhere),
    SocketEnd("send() of a dict", sent_as_a_dict),
    SocketEnd("send() of a model", sent_as_a_model, needs="send_raw"),
    SocketEnd("send_raw()", sent_raw, needs="send_raw"),
    SocketEnd("dropped and collected", left_open, DROPPED),
    SocketEnd("never received, dropped", never_received, (replace(DROPPED[0], chunks=0),), held(0)),
    SocketEnd("close() twice", closed, CLOSED, held(2)),
    SocketEnd("close(), then read on", closed_then_read_on, (replace(CLOSED[0], chunks=1),), held(1)),
    SocketEnd("leaving with", left_with, CLOSED, held(2)),
    SocketEnd("leaving with before the first event", left_before_the_first_event, UNHEARD, held(0)),
    SocketEnd("exception inside with", consumer_raised, CLOSED, held(2)),
    SocketEnd(
        "connection reset in mid-response",
        read_until_closed,
        (Recorded(Outcome.FAILED, LOST, chunks=3, usage=None),),
        stopped(Cut.RESET),
    ),
    SocketEnd(
        "connection closed without a word in mid-response",
        received_until_closed,
        (Recorded(Outcome.FAILED, LOST, chunks=3, usage=None),),
        stopped(Cut.CLOSE),
    ),
    SocketEnd(
        "clean close before the final event",
        read_until_closed,
        (Recorded(Outcome.FAILED, "incomplete_stream", chunks=3, usage=None),),
        stopped(Cut.END),
    ),
    SocketEnd(
        "clean close before the final event, received",
        received_until_closed,
        (Recorded(Outcome.FAILED, "incomplete_stream", chunks=3, usage=None),),
        stopped(Cut.END),
    ),
    SocketEnd(
        "connection lost before the answer",
        received_nothing,
        (Recorded(Outcome.FAILED, LOST, chunks=0, usage=None),),
        always(NoAnswer()),
    ),
    SocketEnd(
        "sent when closed",
        sent_when_closed,
        (Recorded(Outcome.FAILED, "websockets.ConnectionClosedOK", chunks=0, usage=None),),
        always(),
    ),
    SocketEnd("request refused", asked_for_what_is_refused, (FAILED, Recorded()), always(REFUSED, ANSWER)),
    SocketEnd("request refused while another runs", refused_while_another_runs, (FAILED, Recorded()), held(2, REFUSED)),
    SocketEnd(
        "error event in mid-response",
        received,
        (Recorded(Outcome.FAILED, "server_error", chunks=4, usage=None),),
        always(replace(ANSWER, error=BROKEN, error_after=3)),
    ),
    SocketEnd(
        "failed response",
        received,
        (Recorded(Outcome.FAILED, "rate_limit_exceeded"),),
        always(replace(ANSWER, status="failed", finish_reason="rate_limit_exceeded")),
    ),
    SocketEnd("incomplete response", received, replies=always(replace(ANSWER, truncated=True))),
    SocketEnd("SIGINT while waiting", interrupted, CANCELLED, held(2), programs=("sync",)),
    SocketEnd("cancelled while waiting", cancelled, CANCELLED, held(2), programs=ASYNC),
    SocketEnd("cancelled while waiting, dropped", cancelled_and_dropped, CANCELLED, held(2), programs=ASYNC),
    SocketEnd("asyncio.wait_for, then read on", waited_for_too_long_and_again, replies=held(2), programs=ASYNC),
    SocketEnd("asyncio.wait_for, then closed", waited_for_too_long_then_closed, CLOSED, held(2), programs=ASYNC),
    SocketEnd("received by two at once", received_by_two, replies=held(2), programs=ASYNC),
    SocketEnd(
        "odd messages",
        odd_messages,
        (Recorded(chunks=EVENTS + 3),),
        always(replace(ANSWER, delivery=Delivery(insert=ODD))),
    ),
    SocketEnd(
        "nothing but odd messages",
        left_with,
        (replace(CLOSED[0], chunks=0),),
        always(RawAnswer(chunks=(b"[]", b'{"type": "response.brand_new"}'))),
    ),
)
