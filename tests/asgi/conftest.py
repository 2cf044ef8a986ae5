"""A web application on loopback, by Starlette and uvicorn, and what it sends out."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import uvicorn
from observing import observe

import firsttoken
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry

DEADLINE_S: Final = 30.0


@pytest.fixture
def telemetry() -> Iterator[CapturedTelemetry]:
    with CapturedTelemetry() as captured:
        observe(captured)
        troubles.clear()
        yield captured
        firsttoken.uninstrument()
        assert not troubles


@contextlib.contextmanager
def serving(app: Any) -> Iterator[int]:
    """The port on which uvicorn serves it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(DEADLINE_S)
        assert not thread.is_alive()


@contextlib.contextmanager
def asking(port: int, path: str = "/", headers: str = "") -> Iterator[socket.socket]:
    """A connection on which a GET request has been sent."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE_S) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n".encode())
        yield connection


def everything(connection: socket.socket) -> bytes:
    """Up to where the server closes it."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def until(connection: socket.socket, text: bytes) -> None:
    """Reads until this has come."""
    heard = b""
    while text not in heard:
        more = connection.recv(65536)
        assert more, heard
        heard += more


def eventually(found: Callable[[], Any]) -> Any:
    """What it gives once it gives something."""
    deadline = time.monotonic() + DEADLINE_S
    while not (value := found()):
        assert time.monotonic() < deadline, "nothing came"
        firsttoken.flush()
    return value
