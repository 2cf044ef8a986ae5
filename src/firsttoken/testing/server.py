"""A local provider: speaks the real OpenAI and Anthropic wire formats, and answers as a script says.

It speaks HTTP, and WebSockets to clients that ask for Responses over one.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Awaitable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from pydantic import JsonValue

from firsttoken.testing.connection import Connection, Received, asks_for_websocket
from firsttoken.testing.default_script import DefaultScript
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.journal import Journal, Requests
from firsttoken.testing.listener import Listener
from firsttoken.testing.plan import Step, plan
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.script import Reply, Script
from firsttoken.testing.wire import OPENAI, wire_of

if TYPE_CHECKING:
    import h11


class ProviderServer:
    """Runs in a thread of its own between `with` and its end, in sync and async programs alike.

    Queued replies are used up first, then the script decides; without one it is `DefaultScript()`.
    A script that raises is answered with HTTP 500, and its exception comes up again at the end of `with`.
    """

    def __init__(self, script: Script | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._script = script or DefaultScript()
        self._host = host
        self._port = port
        self._listener = Listener(self._talk, host, port)
        self._replies: deque[Reply] = deque()
        self._journal = Journal()
        self._errors: list[Exception] = []
        self._run_id = secrets.token_hex(4)

    def start(self) -> None:
        """Returns when the server accepts connections. Raises PortInUseError. A server is started once."""
        self._port = self._listener.start()

    def stop(self) -> None:
        """Drops every connection, then raises what the script has raised, if it did."""
        self._listener.stop()
        if self._errors:
            raise self._errors[0]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.stop()
        if self._errors and error is None:
            raise self._errors[0]
        if self._errors and error is not None:
            error.add_note(f"the provider server's script raised {self._errors[0]!r}")

    @property
    def port(self) -> int:
        """The port asked for, or the free one that was found once the server has started."""
        return self._port

    @property
    def base_url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def openai_base_url(self) -> str:
        """For `OpenAI(base_url=...)` and `OPENAI_BASE_URL`."""
        return f"{self.base_url}/v1"

    @property
    def anthropic_base_url(self) -> str:
        """For `Anthropic(base_url=...)` and `ANTHROPIC_BASE_URL`."""
        return self.base_url

    def enqueue(self, *replies: Reply) -> None:
        """Adds replies for the next requests, in the order in which these arrive."""
        self._replies.extend(replies)

    @property
    def requests(self) -> Requests:
        """Everything received so far, in order."""
        return self._journal.requests

    def wait_for_requests(self, count: int, timeout_s: float = 30.0) -> Requests:
        """Returns when so many requests have arrived, answered or not. Raises TimeoutError."""
        return self._journal.wait_for(lambda requests: len(requests) >= count, timeout_s)

    def wait_until_settled(self, count: int = 1, timeout_s: float = 30.0) -> Requests:
        """Returns when so many requests have arrived and every reply has ended. Raises TimeoutError."""

        def settled(requests: Requests) -> bool:
            ended = [request.client_disconnected is not None for request in requests]
            return len(ended) >= count and all(ended)

        return self._journal.wait_for(settled, timeout_s)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Connection(
                reader,
                writer,
                begin=self._begin,
                settle=self._journal.settle,
                switch=partial(self._switch, reader, writer),
            ).serve()
        except Exception as error:  # noqa: BLE001 - raised again where the test can see it, see `stop`
            self._errors.append(error)

    def _switch(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: h11.Request, leftover: bytes
    ) -> Awaitable[None] | None:
        if not asks_for_websocket(head):
            return None
        from firsttoken.testing.websocket import Socket

        return Socket(reader, writer, self._begin, self._journal.settle).serve(head, leftover)

    def _begin(self, received: Received) -> tuple[ReceivedRequest, tuple[Step, ...]]:
        request = self._journal.record(lambda number: _understood(received, number, self._run_id))
        return request, self._planned(request)

    def _planned(self, request: ReceivedRequest) -> tuple[Step, ...]:
        wire = wire_of(request)
        if wire is None:
            message = f"Unknown request URL: {request.method} {request.path}."
            return plan(ErrorAnswer(status=404, message=message), request, OPENAI)
        if not wire.answers(request):
            return ()
        try:
            reply = self._replies.popleft() if self._replies else self._script(request)
            return plan(reply, request, wire)
        except Exception as error:  # noqa: BLE001 - raised again where the test can see it, see `stop`
            self._errors.append(error)
            failed = ErrorAnswer(message=f"the script raised {error!r}", headers={"x-should-retry": "false"})
            return plan(failed, request, wire)


def _understood(received: Received, number: int, run_id: str) -> ReceivedRequest:
    path, _, query = received.head.target.decode().partition("?")
    return ReceivedRequest(
        number=number,
        serial=f"{run_id}{number:06d}",
        method=received.method,
        path=path,
        query=query,
        headers={name.decode(): value.decode("latin-1") for name, value in received.head.headers},
        content=received.content,
        body=_json_object(received.content),
    )


def _json_object(content: bytes) -> dict[str, JsonValue]:
    try:
        body: object = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, JsonValue]", body) if isinstance(body, dict) else {}
