"""Servers on claimed sockets: started together, stopped after what was begun is answered."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import grpc.aio
import uvicorn
from starlette.types import ASGIApp

from firsttoken.errors import ServerError
from firsttoken.receive.bounded_http import BoundedHttp
from firsttoken.receive.ports import BoundPorts, port_in_use

GRACE_S: Final = 3
"""How long requests that were begun may take to end."""


class Listener(Protocol):
    """Something that answers on a port."""

    async def start(self) -> None:
        """Returns when it answers."""
        ...

    async def stop(self) -> None:
        """Returns when it has answered what was begun."""
        ...


class HttpListener:
    """One application on one socket, or on several."""

    def __init__(
        self, app: ASGIApp, bound: Sequence[socket.socket], on_stop: Callable[[], None] = lambda: None
    ) -> None:
        """`on_stop` ends answers that would stay open; nothing new begins after it."""
        self._bound = list(bound)
        self._server = _HttpServer(app, on_stop)
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when it answers. Raises ServerError where the application does not start."""
        self._serving = asyncio.create_task(self._server.serve(self._bound))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait((ready, self._serving), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not self._server.ready.is_set():
            await self._serving  # raises what went wrong, where that is known
            raise ServerError(f"what should answer on {self._bound[0].getsockname()} did not start")

    async def stop(self) -> None:
        """After the answers that were begun."""
        self._server.should_exit = True
        if self._serving is not None:
            await self._serving


class GrpcListener:
    """The gRPC services. gRPC cannot take over an open socket, so the claim is given up for the moment of the start."""

    def __init__(self, server: grpc.aio.Server, bound: BoundPorts) -> None:
        self._server = server
        self._bound = bound

    async def start(self) -> None:
        """Raises PortInUseError where somebody else was faster."""
        host, port = self._bound.grpc.getsockname()[:2]
        self._bound.grpc.close()
        try:
            self._server.add_insecure_port(self._bound.grpc_address)
        except RuntimeError as error:
            raise port_in_use(host, port, "--grpc-port") from error
        await self._server.start()

    async def stop(self) -> None:
        """After the answers that were begun."""
        await self._server.stop(GRACE_S)


class _HttpServer(uvicorn.Server):
    """Says when it is ready and when it stops; leaves logging and signals to the command."""

    def __init__(self, app: ASGIApp, on_stop: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedHttp,
                ws="none",
                log_config=None,
                log_level="error",
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            )
        )
        self.ready = asyncio.Event()
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)
