"""Which server a command finds, joins or starts, whatever else listens on the usual ports."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from firsttoken.cli import joining, running
from firsttoken.cli.joining import open_local_half
from firsttoken.cli.options import Places
from firsttoken.cli.running import find_server
from firsttoken.errors import PortInUseError, StoreError

STATUS = {
    "product": "firsttoken",
    "version": "9",
    "pid": 1,
    "holders": 0,
    "store": None,
    "health": {"started_unix_ns": 0, "spans": 0},
}
STRANGERS = [
    b"",
    b"SSH-2.0-OpenSSH_9.6\r\n",
    b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone",
    b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps({**STATUS, "product": "another"}).encode(),
    b"HTTP/1.1 200 OK\r\n\r\n" + json.dumps(STATUS).encode(),
    b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe",
]


@contextmanager
def stranger(answer: bytes | None) -> Generator[int]:
    """A program that gives everybody the same answer; None is none at all. Its port."""
    open_connections: list[socket.socket] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_connections.append(connection)
            if answer is not None:
                with closing(connection):
                    connection.recv(65536)
                    connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in open_connections:
        connection.close()


@pytest.fixture
def usual_ports(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Three ports that stand for the usual ones. Others have them all."""
    with stranger(None) as grpc, stranger(None) as http, stranger(STRANGERS[2]) as page:
        monkeypatch.setattr(joining, "GRPC_PORT", grpc)
        monkeypatch.setattr(joining, "HTTP_PORT", http)
        monkeypatch.setattr(joining, "PAGE_PORT", page)
        yield [grpc, http, page]


def places(tmp_path: Path, *, http_port: int | None = None, page: bool = True) -> Places:
    return Places(tmp_path / "calls.duckdb", None, http_port, None, page=page)


@pytest.mark.parametrize("answer", STRANGERS)
def test_another_program_is_not_taken_for_a_server_of_ours(answer: bytes) -> None:
    with stranger(answer) as port:
        assert find_server(port) is None


def test_a_program_that_never_answers_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "STARTING_S", 0.05)
    with stranger(None) as port:
        assert find_server(port) is None


def test_a_run_takes_free_ports_where_others_have_the_usual_ones(usual_ports: list[int], tmp_path: Path) -> None:
    with closing(open_local_half(places(tmp_path))) as half:
        assert half.page_url is not None
        ours = {urlsplit(half.http_endpoint).port, urlsplit(half.page_url).port}
    assert not ours & {*usual_ports, 0, None}


def test_a_port_that_was_named_is_never_replaced(usual_ports: list[int], tmp_path: Path) -> None:
    with pytest.raises(PortInUseError, match=f"port {usual_ports[1]} .* choose another with --http-port"):
        open_local_half(places(tmp_path, http_port=usual_ports[1]))
    assert not (tmp_path / "calls.duckdb").exists()


def test_a_store_that_cannot_be_opened_gives_the_ports_back(tmp_path: Path) -> None:
    (tmp_path / "calls.duckdb").write_text("not a store")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    for _ in range(2):
        with pytest.raises(StoreError, match="is not a firsttoken store"):
            open_local_half(places(tmp_path, http_port=port, page=False))
