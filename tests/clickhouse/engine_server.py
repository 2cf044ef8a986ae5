"""The real ClickHouse engine behind ClickHouse's HTTP interface, as a program: chdb answers, this translates.

It knows as much of the interface as the two clients use that talk to it: clickhouse-connect, and the Go client of the
Collector's exporter. Run as `engine_server.py USER PASSWORD [VERSION]`; it says its port on its first line.
"""

from __future__ import annotations

import base64
import os
import re
import struct
import sys
import tempfile
import threading
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import chdb

NOT_SETTINGS: Final = frozenset(
    {
        *("query", "database", "user", "password", "default_format", "client_protocol_version", "session_id"),
        *("async_insert", "wait_for_async_insert", "enable_http_compression", "send_progress_in_http_headers"),
        *("http_headers_progress_interval_ms", "wait_end_of_query", "cancel_http_readonly_queries_on_client_close"),
        *("date_time_input_format", "query_id"),
    }
)
"""What belongs to a request, or to a server that is not one engine in one process."""
STATUSES: Final = {516: 403, 60: 404, 81: 404, 47: 404}
AUTHENTICATION_FAILED: Final = 516
FORMAT: Final = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
INSERT: Final = re.compile(rb"\s*INSERT\s+INTO\s.*?FORMAT\s+(\w+)[ \t]*\n?", re.IGNORECASE | re.DOTALL)
NOTHING_COMPILED: Final = "SET compile_expressions = 0, compile_aggregate_expressions = 0, compile_sort_description = 0"
"""To machine code: it is worth that for millions of rows, and tests have hundreds."""
HELLO: Final = "SELECT displayName(), version(), revision(), timezone()"
"""How the Go client begins."""


class EngineError(Exception):
    """What the engine said, and under which number."""

    def __init__(self, text: str, code: int | None = None) -> None:
        super().__init__(text)
        found = re.search(r"Code: (\d+)", text)
        self.code = code if code is not None else int(found[1]) if found else 1002


class Engine:
    """One engine, asked by one thread at a time."""

    def __init__(self, version: str | None) -> None:
        self._connection: Any = chdb.connect(":memory:")
        self._connection.query(NOTHING_COMPILED)
        self._lock = threading.Lock()
        self._version = version

    def ask(self, query: str, database: str, parameters: Mapping[str, str], settings: Mapping[str, str]) -> bytes:
        if self._version is not None:
            query = query.replace("version()", f"'{self._version}'")
        clause = ", ".join(f"{name} = '{value}'" for name, value in settings.items())
        if clause and re.match(r"\s*(SELECT|WITH|EXPLAIN)\b", query, re.IGNORECASE):
            found = FORMAT.search(query)
            end = len(query) if found is None else found.start()
            query = f"{query[:end]}\nSETTINGS {clause}{query[end:]}"
        return self._run(query, database, dict(parameters))

    def insert(self, statement: str, form: str, rows: bytes, database: str) -> None:
        with tempfile.NamedTemporaryFile(suffix=".rows", delete=False) as file:
            file.write(rows)
        try:
            into = re.sub(r"\bFORMAT\s+\w+\s*$", "", statement.strip(), flags=re.IGNORECASE)
            self._run(f"{into} FROM INFILE '{file.name}' FORMAT {form}", database, {})
        finally:
            os.unlink(file.name)

    def _run(self, query: str, database: str, parameters: dict[str, str]) -> bytes:
        with self._lock:
            try:
                self._connection.query(f"USE `{database}`")
                answer: bytes = self._connection.query(query, "TabSeparated", params=parameters).bytes() or b""
            except Exception as error:
                raise EngineError(str(error)) from error
        return answer


class Handler(BaseHTTPRequestHandler):
    """One request of either client."""

    protocol_version = "HTTP/1.1"
    engine: Engine
    credentials: tuple[str, str]

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:
        body = self._body()
        asked = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):  # where the parameters would be too long for an address
            asked, body = asked | form_fields(kind, body), b""
        try:
            self._authenticate()
            self._answer(200, self._result(asked, body))
        except EngineError as error:
            self._answer(STATUSES.get(error.code, 500), str(error).encode(), error.code)

    def _result(self, asked: dict[str, str], body: bytes) -> bytes:
        database = asked.get("database") or self.headers.get("X-ClickHouse-Database") or "default"
        whole = asked["query"].encode() + b"\n" + body if "query" in asked else body
        inserted = INSERT.match(whole)
        if inserted is not None:
            rows = whole[inserted.end() :]
            self.engine.insert(inserted[0].decode(), inserted[1].decode(), rows, database)
            return b""
        query = whole.decode().strip()
        if query.startswith(HELLO):
            return hello_block()
        parameters = {name[6:]: value for name, value in asked.items() if name.startswith("param_")}
        settings = {n: v for n, v in asked.items() if n not in NOT_SETTINGS and not n.startswith("param_")}
        if "default_format" in asked and FORMAT.search(query) is None and not query.upper().startswith("CREATE"):
            query += f"\nFORMAT {asked['default_format']}"
        return self.engine.ask(query, database, parameters, settings)

    def _authenticate(self) -> None:
        user, password = self._given()
        if (user, password) != self.credentials:
            said = f"Code: 516. DB::Exception: {user}: Authentication failed. (AUTHENTICATION_FAILED)"
            raise EngineError(said, AUTHENTICATION_FAILED)

    def _given(self) -> tuple[str, str]:
        basic = self.headers.get("Authorization", "")
        if basic.startswith("Basic "):
            user, _, password = base64.b64decode(basic[6:]).decode().partition(":")
            return user, password
        return self.headers.get("X-ClickHouse-User", "default"), self.headers.get("X-ClickHouse-Key", "")

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks: list[bytes] = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _answer(self, status: int, body: bytes, code: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Server-Display-Name", "engine")
        self.send_header("X-ClickHouse-Timezone", "UTC")
        if code is not None:
            self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def form_fields(kind: str, body: bytes) -> dict[str, str]:
    """By name, from the type and the body of a request."""
    form = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    parts = [part for part in form.walk() if not part.is_multipart()]
    return {str(part.get_param("name", header="content-disposition")): _decoded(part) for part in parts}


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode() if isinstance(content, bytes) else ""


def hello_block() -> bytes:
    """Who answers, in the layout of the protocol's newer revisions. It says revision 0, and all else then has that."""
    columns = (
        ("displayName()", "String", _text("engine")),
        ("version()", "String", _text(str(chdb.engine_version))),
        ("revision()", "UInt32", struct.pack("<I", 0)),
        ("timezone()", "String", _text("UTC")),
    )
    block_info = b"\x01\x00\x02" + struct.pack("<i", -1) + b"\x00"
    head = block_info + bytes((len(columns), 1))
    return head + b"".join(_text(name) + _text(kind) + b"\x00" + value for name, kind, value in columns)


def _text(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()


def main(user: str, password: str, version: str | None = None) -> None:
    Handler.engine = Engine(version)
    Handler.credentials = (user, password)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server.serve_forever()


def _end_with_parent() -> None:
    """Whoever started us holds our standard input open."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
