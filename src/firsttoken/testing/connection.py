"""One HTTP/1.1 connection: reads requests, takes the steps planned for each, and notices a client that leaves."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

from firsttoken.testing.gate import pause
from firsttoken.testing.plan import Chunk, Finish, HangUp, Start, Step, Wait
from firsttoken.testing.received import Ending

try:
    import h11
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the provider server needs h11: pip install 'firsttoken[testing]'") from error

READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Received:
    """One HTTP request as it came off the socket."""

    head: h11.Request
    content: bytes


class Connection:
    """Ends when either side closes it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        begin: Callable[[Received], tuple[int, tuple[Step, ...]]],
        settle: Callable[[int, Ending], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._begin = begin
        self._settle = settle
        self._http = h11.Connection(h11.SERVER)
        writer.transport.set_write_buffer_limits(high=0)

    async def serve(self) -> None:
        """Answers one request after another. A lost connection is no error."""
        try:
            with suppress(ConnectionError):
                while (received := await self._receive()) is not None and await self._answer(received):
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
                    return Received(head, bytes(content))
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
        number, steps = self._begin(received)
        left = deque(steps)
        replying = asyncio.create_task(self._take_all(left))
        watching = asyncio.create_task(self._watch())
        try:
            await asyncio.wait((replying, watching), return_when=asyncio.FIRST_COMPLETED)
        finally:
            replying.cancel()
            watching.cancel()
            await asyncio.gather(replying, watching, return_exceptions=True)
        gone = any(isinstance(step, Start | Chunk | HangUp) for step in left)
        self._settle(number, Ending(chunks_sent=_count_chunks(steps) - _count_chunks(left), client_disconnected=gone))
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
                self._hang_up(reset=reset)
            case _:
                assert_never(step)

    async def _send(self, event: h11.Event) -> None:
        self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()

    def _hang_up(self, *, reset: bool) -> None:
        """With no time to linger, closing a socket sends a reset instead of a proper end."""
        if reset:
            raw = self._writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _watch(self) -> None:
        """Returns when the client has left. What it sends in the meantime belongs to its next request."""
        while data := await self._reader.read(READ_BYTES):
            self._http.receive_data(data)


def _count_chunks(steps: Iterable[Step]) -> int:
    return sum(isinstance(step, Chunk) for step in steps)
