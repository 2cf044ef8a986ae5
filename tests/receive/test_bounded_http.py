"""A request that never ends, or that is all head, is given up; one that is only large is not."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from patience import PATIENCE_S

from firsttoken.receive import bounded_http
from firsttoken.serve import Server

POST = b"POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n"
EMPTY = POST + b"content-length: 0\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 431 "
LONG = b"a" * (bounded_http.LARGEST_HEAD_BYTES + 1)


@contextmanager
def connected(server: Server) -> Generator[socket.socket]:
    place = urlsplit(server.ports.http_endpoint)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=PATIENCE_S) as connection:
        yield connection


def everything_from(connection: socket.socket) -> bytes:
    """Until the server closes it."""
    answer = b""
    try:
        while part := connection.recv(65536):
            answer += part
    except ConnectionResetError:
        pass
    return answer


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_http, "HEAD_S", 0.2)
    monkeypatch.setattr(bounded_http, "PAUSE_S", 0.2)


@pytest.mark.parametrize(
    "said", [b"", b"GET /", POST, POST + b"x: ", POST + b"content-length: 10\r\n\r\n12345", EMPTY + POST]
)
def test_a_connection_that_stops_in_the_middle_is_closed(hurry: None, server: Server, said: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(said)
        answer = everything_from(connection)
    assert answer.count(b"HTTP/1.1 200") == said.count(EMPTY)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + LONG,
        b"GET /" + LONG + b" HTTP/1.1\r\nhost: localhost\r\n\r\n",
        POST + b"x: " + LONG,
        POST + b"x: " + LONG + b"\r\n\r\n",
        POST + b"x: y\r\n" * (len(LONG) // 5),
    ],
)
def test_a_head_without_measure_is_refused(server: Server, head: bytes) -> None:
    with connected(server) as connection:
        connection.sendall(head)
        assert everything_from(connection).startswith(TOO_LARGE)


def test_a_head_that_comes_in_pieces_and_a_body_larger_than_any_head_are_read(server: Server) -> None:
    body = b"\x00" * (2 * len(LONG))
    with connected(server) as connection:
        for piece in (POST[:10], POST[10:], b"content-length: %d\r\nconnection: close\r\n\r\n" % len(body), body):
            connection.sendall(piece)
        assert everything_from(connection).startswith(b"HTTP/1.1 400 Bad Request")


def test_one_connection_carries_many_requests(server: Server) -> None:
    padded = POST + b"x: " + LONG[: len(LONG) // 2] + b"\r\ncontent-length: 0\r\n"
    with connected(server) as connection:
        connection.sendall((padded + b"\r\n") * 4 + padded + b"connection: close\r\n\r\n")
        assert everything_from(connection).count(b"HTTP/1.1 200 OK") == 5
