"""An import that is given up does not go on asking a busy server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest

from firsttoken.cli.destinations import ServersStore
from firsttoken.receive.pieces import Request


class Busy(ThreadingHTTPServer):
    """Answers every request with 429."""

    daemon_threads = True

    def __init__(self) -> None:
        self.asked = threading.Event()
        super().__init__(("127.0.0.1", 0), BusyHandler)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class BusyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Busy

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(429)
        self.send_header("content-length", "0")
        self.end_headers()
        self.server.asked.set()

    def log_message(self, *_: object) -> None:
        pass


class OneRequest(NamedTuple):
    """A piece of what is imported."""

    def requests(self) -> list[Request]:
        return [Request("/v1/traces", "application/x-protobuf", b"")]


@pytest.fixture
def busy() -> Iterator[Busy]:
    with Busy() as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.shutdown()
        serving.join()


def test_an_import_that_is_given_up_stops_asking_a_busy_server(busy: Busy) -> None:
    destination = ServersStore(busy.endpoint)
    destination.take(OneRequest(), None)  # type: ignore[arg-type]
    assert busy.asked.wait(30)
    closing = threading.Thread(target=destination.close, daemon=True)
    closing.start()
    closing.join(30)
    assert not closing.is_alive()
