"""One WebSocket: every message of the client is a request, and every chunk of a reply is a message.

Requests of one lane are answered one after another, those of different lanes at the same time.
"""

from __future__ import annotations

import asyncio
import secrets
from asyncio import StreamReader, StreamWriter
from collections import deque
from typing import Final, assert_never

import h11
from pydantic import JsonValue

from firsttoken.testing.connection import READ_BYTES, Begin, Received, Settle, ending, hang_up
from firsttoken.testing.gate import pause
from firsttoken.testing.plan import Chunk, Finish, HangUp, Start, Step, Wait
from firsttoken.testing.received import SOCKET, ReceivedRequest

try:
    from websockets.frames import Frame, Opcode
    from websockets.http11 import Request
    from websockets.protocol import SEND_EOF
    from websockets.server import ServerProtocol
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("a WebSocket needs websockets: pip install 'firsttoken[testing]'") from error

CLOSED_WELL: Final = 1000
MESSAGES: Final = (Opcode.TEXT, Opcode.BINARY, Opcode.CONT)


class Socket:
    """Ends when either side closes it."""

    def __init__(self, reader: StreamReader, writer: StreamWriter, begin: Begin, settle: Settle) -> None:
        self._reader = reader
        self._writer = writer
        self._begin = begin
        self._settle = settle
        self._protocol = ServerProtocol(max_size=None)
        self._over = False
        self._fragments = bytearray()
        """Of the message that is under way."""
        self._latest: dict[JsonValue, asyncio.Task[None]] = {}
        """The last reply of each lane, done or not."""
        self._replies: set[asyncio.Task[None]] = set()

    async def serve(self, head: h11.Request, leftover: bytes) -> None:
        """Answers until the socket is closed. `leftover` came along with the request for it."""
        try:
            await self._take_in(_as_bytes(head) + leftover, head)
            while not self._over and (data := await self._reader.read(READ_BYTES)):
                await self._take_in(data, head)
        finally:
            for reply in self._replies:
                reply.cancel()
            await asyncio.gather(*self._replies, return_exceptions=True)

    async def _take_in(self, data: bytes, head: h11.Request) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                response = self._protocol.accept(event)
                response.headers["x-request-id"] = f"req_{secrets.token_hex(6)}"
                self._protocol.send_response(response)
            elif isinstance(event, Frame) and event.opcode in MESSAGES:
                self._fragments += event.data
                if event.fin:
                    self._answer(Received(head, bytes(self._fragments), SOCKET))
                    self._fragments.clear()
        await self._flush()

    def _answer(self, received: Received) -> None:
        request, steps = self._begin(received)
        lane = request.body.get("stream_id")
        lane = lane if isinstance(lane, str) else None
        reply = asyncio.create_task(self._reply(request, steps, self._latest.get(lane)))
        self._latest[lane] = reply
        self._replies.add(reply)

    async def _reply(
        self, request: ReceivedRequest, steps: tuple[Step, ...], before: asyncio.Task[None] | None
    ) -> None:
        left = deque(steps)
        try:
            if before is not None:
                await asyncio.wait((before,))
            while left:
                await self._take(left[0])
                left.popleft()
        finally:
            self._settle(request.number, ending(steps, left))

    async def _take(self, step: Step) -> None:
        match step:
            case Wait(length):
                await pause(length)
            case Start():
                pass  # The status and the headers are those of the request that opened the socket.
            case Chunk(data):
                self._protocol.send_text(data)
                await self._flush()
            case Finish(early):
                if early:
                    self._protocol.send_close(CLOSED_WELL)
                    await self._flush()
            case HangUp(reset):
                hang_up(self._writer, reset=reset)
            case _:
                assert_never(step)

    async def _flush(self) -> None:
        data = self._protocol.data_to_send()
        self._over = self._over or SEND_EOF in data
        self._writer.write(b"".join(data))
        await self._writer.drain()


def _as_bytes(head: h11.Request) -> bytes:
    """The request as the protocol wants to read it once more."""
    lines = [b"GET " + head.target + b" HTTP/1.1", *(name + b": " + value for name, value in head.headers)]
    return b"\r\n".join((*lines, b"", b""))
