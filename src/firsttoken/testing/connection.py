"""One HTTP/1.1 connection: reads requests, takes the steps planned for each, and notices a client that leaves.

A client that asks for a WebSocket gets one.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

from firsttoken.testing.gate import pause
from firsttoken.testing.plan import Chunk, Finish, HangUp, Start, Step, Wait
from firsttoken.testing.received import Ending, ReceivedRequest

try:
    import h11
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the provider server needs h11: pip install 'firsttoken[testing]'") from error

READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came off the connection: an HTTP request, or a message with the head of its WebSocket's."""

    head: h11.Request
    content: bytes
    method: str


Begin = Callable[[Received], tuple[ReceivedRequest, tuple[Step, ...]]]
"""Takes a request down, and says what to do about it."""
Settle = Callable[[int, Ending], None]
"""Takes down how the reply to the request with this number ended."""
Switch = Callable[[h11.Request, bytes], Awaitable[None] | None]
"""Goes on with a connection whose client asks for another protocol, from the bytes that are left; None declines."""


class Connection:
    """Ends when either side closes it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        begin: Begin,
        settle: Settle,
        switch: Switch,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._begin = begin
        self._settle = settle
        self._switch = switch
        self._http = h11.Connection(h11.SERVER)
        writer.transport.set_write_buffer_limits(high=0)

    async def serve(self) -> None:
        """Answers one request after another. A lost connection is no error."""
        try:
            with suppress(ConnectionError):
                while (received := await self._receive()) is not None:
                    if (other := self._switch(received.head, self._http.trailing_data[0])) is not None:
                        await other
                        break
                    if not await self._answer(received):
                        break
                    self._http.start_next_cycle()
            self._writer.close()
        finally:
            if not self._writer.is_closing():
                self._writer.transport.abort()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _receive(self) -> Received | None:
        """The next request, or None when the client sends no more, or something else than HTTP."""
        head: h11.Request | None = None
        content = bytearray()
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                await self._refuse(error)
                return None
            match event:
                case h11.Request():
                    head = event
                case h11.Data():
                    content += event.data
                case h11.EndOfMessage() if head is not None:
                    return Received(head, bytes(content), head.method.decode())
                case _ if event is h11.NEED_DATA:
                    self._http.receive_data(await self._reader.read(READ_BYTES))
                case _:
                    return None

    async def _refuse(self, error: h11.RemoteProtocolError) -> None:
        content = f"not an HTTP request: {error}\n".encode()
        headers = {"content-length": str(len(content)), "connection": "close"}
        for step in (Start(error.error_status_hint, headers), Chunk(content), Finish()):
            await self._take(step)

    async def _answer(self, received: Received) -> bool:
        """Takes the planned steps unless the client leaves first. False when the connection is of no more use."""
        request, steps = self._begin(received)
        left = deque(steps)
        replying = asyncio.create_task(self._take_all(left))
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait((replying, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            replying.cancel()
            watching.cancel()
            await asyncio.gather(replying, watching, return_exceptions=True)
        self._settle(request.number, ending(steps, left))
        with suppress(asyncio.CancelledError):
            replying.result()
        return not left and self._http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    async def _take_all(self, steps: deque[Step]) -> None:
        """Takes the steps off the left, each when it is done."""
        while steps:
            await self._take(steps[0])
            steps.popleft()

    async def _take(self, step: Step) -> None:
        match step:
            case Wait(length):
                await pause(length)
            case Start(status, headers):
                await self._send(h11.Response(status_code=status, headers=list(headers.items())))
            case Chunk(data):
                await self._send(h11.Data(data=data))
            case Finish():
                await self._send(h11.EndOfMessage())
            case HangUp(reset):
                hang_up(self._writer, reset=reset)
            case _:
                assert_never(step)

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    async def _watch(self) -> None:
        """Returns when the client has left. What it sends in the meantime belongs to its next request."""
        while data := await self._reader.read(READ_BYTES):
            self._http.receive_data(data)


def asks_for_websocket(head: h11.Request) -> bool:
    return any(name == b"upgrade" and value.lower() == b"websocket" for name, value in head.headers)


def ending(steps: Iterable[Step], left: Iterable[Step]) -> Ending:
    """How a reply ended of whose steps these are left."""
    gone = any(isinstance(step, Start | Chunk | HangUp) for step in left)
    return Ending(chunks_sent=_count_chunks(steps) - _count_chunks(left), client_disconnected=gone)


def hang_up(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    """With no time to linger, closing a socket sends a reset instead of a proper end."""
    if reset:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def _count_chunks(steps: Iterable[Step]) -> int:
    return sum(isinstance(step, Chunk) for step in steps)
