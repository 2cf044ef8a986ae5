"""A server that runs already, asked over the page's JSON answers on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from firsttoken.analyse import CallRow, Report, cursor_of
from firsttoken.errors import ServerError
from firsttoken.page.question import LARGEST_LIMIT, CallsQuestion, ReportQuestion
from firsttoken.page.status import PRODUCT, Status

HOST: Final = "127.0.0.1"
STARTING_S: Final = 10.0
"""How long a server may take to answer at all: one that has just been started is still loading."""
ANSWER_S: Final = 60.0
"""How long it may think about a question over a large store."""

T = TypeVar("T")


class RunningServer:
    """The firsttoken that has the page port."""

    def __init__(self, port: int, status: Status) -> None:
        self.port = port
        self.status = status
        """As it was when the server was found."""

    def keeps(self, store_path: Path) -> bool:
        """Whether this file is its store."""
        return self.status.store == str(store_path.resolve())

    def calls(self, limit: int, run_id: str | None, where: Mapping[str, str]) -> list[CallRow]:
        """The newest first. Raises ServerError."""
        rows: list[CallRow] = []
        while (wanted := min(limit - len(rows), LARGEST_LIMIT)) > 0:
            question = CallsQuestion(wanted, cursor_of(rows[-1]) if rows else None, run_id, where)
            page = ask(self.port, question.address("/api/calls"), TypeAdapter(list[CallRow]))
            rows += page
            if len(page) < wanted:
                break
        return rows

    def report(self, since_unix_ns: int | None, run_id: str | None, where: Mapping[str, str]) -> Report:
        """Raises ServerError."""
        question = ReportQuestion(since_unix_ns, run_id, where)
        return ask(self.port, question.address("/api/report"), TypeAdapter(Report))

    def hold(self) -> Hold:
        """Keeps it running until the hold is closed. Raises ServerError where it has just ended."""
        connection, response = _get(self.port, "/api/hold", STARTING_S)
        if response.status != 200 or not response.readline():
            connection.close()
            raise ServerError(f"the server on port {self.port} does not let itself be held: it is about to end")
        return Hold(connection, response)


class Hold:
    """An open request that a server waits for."""

    def __init__(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._connection = connection
        self._response = response

    def close(self) -> None:
        self._response.close()
        self._connection.close()


def find_server(port: int) -> RunningServer | None:
    """None where nobody listens on the port, or a program that is not firsttoken."""
    try:
        status = ask_status(port)
    except ServerError:
        return None
    return RunningServer(port, status) if status.product == PRODUCT else None


def ask_status(port: int) -> Status:
    """How the server fares now. Raises ServerError."""
    return ask(port, "/api/health", TypeAdapter(Status), timeout_s=STARTING_S)


def ask(port: int, address: str, adapter: TypeAdapter[T], timeout_s: float = ANSWER_S) -> T:
    """Raises ServerError for whatever is not the answer expected."""
    connection, response = _get(port, address, timeout_s)
    try:
        body = response.read()
    except (OSError, HTTPException) as error:
        raise ServerError(f"the server on port {port} broke off its answer: {_reason(error)}") from error
    finally:
        connection.close()
    if response.status != 200:
        raise ServerError(f"the server on port {port} answers {response.status}: {body[:200].decode(errors='replace')}")
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise ServerError(
            f"the program on port {port} does not answer as this version of firsttoken does: stop it and start it again"
        ) from error


def _get(port: int, address: str, timeout_s: float) -> tuple[HTTPConnection, HTTPResponse]:
    # http.client, because it alone never sends a request for this machine to a proxy that the environment names
    connection = HTTPConnection(HOST, port, timeout=timeout_s)
    try:
        connection.request("GET", address)
        return connection, connection.getresponse()
    except (OSError, HTTPException) as error:
        connection.close()
        raise ServerError(f"no firsttoken answers on port {port}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
