"""What may be at an endpoint: receivers, other servers, and nobody."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc

Heard = list[dict[str, str]]


@contextmanager
def http_server(
    status: int, content_type: str = "", body: bytes = b"", tls: ssl.SSLContext | None = None, path: str = ""
) -> Iterator[tuple[int, Heard]]:
    """Answers every request alike, or all but those of one path with 404. Yields its port and the headers it got."""
    heard: Heard = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append({name.lower(): value for name, value in self.headers.items()})
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status if path in ("", self.path) else 404)
            if content_type:
                self.send_header("content-type", content_type)
            if status in (301, 302):
                self.send_header("location", "http://127.0.0.1:1/")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """What speaks something else is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def grpc_server(code: grpc.StatusCode | None = None) -> Iterator[tuple[int, Heard]]:
    """Answers every method alike, or knows none."""
    heard: Heard = []

    class Anything(grpc.GenericRpcHandler):
        def service(self, handler_call_details: Any) -> Any:
            heard.append(dict(handler_call_details.invocation_metadata))

            def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
                if code is not None:
                    context.abort(code, "because")
                return b""

            return None if code is grpc.StatusCode.UNIMPLEMENTED else grpc.unary_unary_rpc_method_handler(answer)

    server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[Anything()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port, heard
    finally:
        server.stop(None).wait()


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def talking_server(said: bytes) -> Iterator[int]:
    """Says the same to whoever connects, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(said)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]
