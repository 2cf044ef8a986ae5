"""An asyncio server in a thread of its own, so that sync and async programs can both talk to it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

from firsttoken.errors import PortInUseError

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Serves one connection until it ends. Cancelled when the listener stops."""


class Listener:
    """Listens between `start` and `stop`."""

    def __init__(self, talk: Talk, host: str, port: int) -> None:
        self._talk = talk
        self._host = host
        self._port = port
        self._listening: Future[tuple[int, Callable[[], None]]] = Future()
        self._thread = threading.Thread(target=self._run, name="provider-server", daemon=True)

    def start(self) -> int:
        """Returns the port when connections are accepted. Raises PortInUseError."""
        self._thread.start()
        try:
            port, _ = self._listening.result()
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno is not None and error.errno > 0 else error
            raise PortInUseError(
                f"cannot listen on {self._host}:{self._port} ({reason}): choose another one"
            ) from error
        return port

    def stop(self) -> None:
        """Drops every connection and returns when the thread has ended. Does nothing when it does not run."""
        if not self._thread.is_alive():
            return
        _, stop = self._listening.result()
        stop()
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        conversations: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            conversation = loop.create_task(_awaited(self._talk(reader, writer)))
            conversations.add(conversation)
            conversation.add_done_callback(conversations.discard)

        try:
            server = await asyncio.start_server(connected, self._host, self._port)
        except Exception as error:  # noqa: BLE001 - raised by `start`, which waits for it in another thread
            self._listening.set_exception(error)
            return
        port: int = server.sockets[0].getsockname()[1]
        self._listening.set_result((port, lambda: loop.call_soon_threadsafe(stopping.set) and None))
        await stopping.wait()
        server.close()
        await _cancelled(conversations)
        await server.wait_closed()


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    remaining = tuple(tasks)
    for task in remaining:
        task.cancel()
    await asyncio.gather(*remaining, return_exceptions=True)
