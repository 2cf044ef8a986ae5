"""HTTP whose requests have to come in time and within measure: what waits for nothing holds no connection."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD_BYTES: Final = 64 * 1024
"""Of the address and the headers of a request together."""
HEAD_S: Final = 10.0
"""How long they may take, and how long a connection may say nothing before its first."""
PAUSE_S: Final = 30.0
"""How long nothing of a body may come."""
TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedHttp(HttpToolsProtocol):
    """uvicorn reads what it is sent for as long as it is sent."""

    _deadline: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self._await_within(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._await_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            data = self._rest_after_head(data)
        elif self._deadline is not None:
            self._await_within(PAUSE_S)
        if data and not self.transport.is_closing():
            super().data_received(data)

    def _rest_after_head(self, data: bytes) -> bytes:
        """What is left when as much as a head may have was read."""
        room = LARGEST_HEAD_BYTES - self._head_bytes
        self._head_bytes += len(data[:room])
        super().data_received(data[:room])
        if self._in_head and self._head_bytes >= LARGEST_HEAD_BYTES and not self.transport.is_closing():
            self.transport.write(TOO_LARGE)
            self.transport.close()
        return data[room:]

    def on_message_begin(self) -> None:
        """Of a connection's first request the time runs already."""
        super().on_message_begin()
        if not self._in_head:
            self._in_head, self._head_bytes = True, 0
            self._await_within(HEAD_S)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._await_within(PAUSE_S)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._await_nothing()
        super().on_message_complete()

    def _await_within(self, limit_s: float) -> None:
        self._await_nothing()
        self._deadline = self.loop.call_later(limit_s, self._give_up, limit_s)

    def _await_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self, limit_s: float) -> None:
        flow: Any = self.flow
        if flow.read_paused:  # it is we who do not read
            self._await_within(limit_s)
        elif not self.transport.is_closing():
            self.transport.close()
