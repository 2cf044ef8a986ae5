"""A server that runs already, asked over the page's JSON answers on this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlencode

from pydantic import TypeAdapter, ValidationError

from firsttoken.access import VARIABLE
from firsttoken.analyse.asking import Answer, AnswerT, OptionsT
from firsttoken.cli.sharing import given_token
from firsttoken.errors import SelectionError, ServerError
from firsttoken.page.status import PRODUCT, Status

if TYPE_CHECKING:
    import pyarrow as pa

    from firsttoken.analyse.exporting import ExportOptions
    from firsttoken.analyse.stating import Statement

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

    def answer(self, answer: Answer[OptionsT, AnswerT], options: OptionsT) -> AnswerT:
        """Raises SelectionError and ServerError."""
        asked = TypeAdapter(answer.options).dump_json(options, exclude_defaults=True)
        address = f"/api/answers/{answer.name}?{urlencode({'options': asked})}"
        return ask(self.port, address, TypeAdapter(answer.answer))

    def export(self, options: ExportOptions) -> AbstractContextManager[pa.RecordBatchReader]:
        """Raises SelectionError and ServerError."""
        from firsttoken.analyse.exporting import ExportOptions
        from firsttoken.cli.running_rows import rows_of_server

        asked = TypeAdapter(ExportOptions).dump_json(options, exclude_defaults=True)
        return rows_of_server(self.port, f"/api/export?{urlencode({'options': asked})}")

    def state(self, statement: Statement) -> AbstractContextManager[pa.RecordBatchReader]:
        """Raises SelectionError and ServerError."""
        from firsttoken.analyse.stating import Statement
        from firsttoken.cli.running_rows import rows_of_server

        limit_s = None if statement.timeout_s is None else statement.timeout_s + STARTING_S
        return rows_of_server(self.port, "/api/sql", TypeAdapter(Statement).dump_json(statement), limit_s)

    def hold(self) -> Hold:
        """Keeps it running until the hold is closed. Raises ServerError where it has just ended."""
        connection, response = request(self.port, "/api/hold", STARTING_S)
        if response.status != 200 or not response.readline():
            connection.close()
            raise ServerError(f"the server on port {self.port} does not let itself be held: it is about to end")
        return Hold(connection, response)


class LockedServerError(ServerError):
    """A firsttoken that wants its token."""


class Hold:
    """An open request that a server waits for."""

    def __init__(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._connection = connection
        self._response = response

    def close(self) -> None:
        self._response.close()
        self._connection.close()


def find_server(port: int) -> RunningServer | None:
    """None where nobody listens on the port, a program that is not firsttoken, or one that is locked: somebody else's,
    perhaps.
    """
    try:
        status = ask_status(port)
    except ServerError:
        return None
    return RunningServer(port, status) if status.product == PRODUCT else None


def no_server(port: int) -> ServerError:
    """Why none was found where one was asked for."""
    try:
        ask_status(port)
    except LockedServerError as locked:
        return locked
    except ServerError:
        pass
    return ServerError(f"no firsttoken answers on port {port}: start one with firsttoken serve --page-port {port}")


def ask_status(port: int) -> Status:
    """How the server fares now. Raises ServerError."""
    return ask(port, "/api/health", TypeAdapter(Status), timeout_s=STARTING_S)


def ask(port: int, address: str, adapter: TypeAdapter[T], timeout_s: float = ANSWER_S) -> T:
    """Raises ServerError for whatever is not the answer expected."""
    connection, response = request(port, address, timeout_s)
    try:
        body = response.read()
    except (OSError, HTTPException) as error:
        raise broke_off(port, error) from error
    finally:
        connection.close()
    check_answered(port, response.status, body)
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise ServerError(
            f"the program on port {port} does not answer as this version of firsttoken does: stop it and start it again"
        ) from error


def check_answered(port: int, status: int, body: bytes) -> None:
    """Raises SelectionError for a selection that cannot be, and ServerError for any other refusal."""
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        raise SelectionError(body.decode(errors="replace").strip())
    if status == HTTPStatus.UNAUTHORIZED and PRODUCT.encode() in body:
        raise LockedServerError(
            f"the firsttoken on port {port} has a token: set {VARIABLE} to it, as in the link that it printed"
        )
    if status != 200:
        raise ServerError(f"the server on port {port} answers {status}: {body[:200].decode(errors='replace')}")


def broke_off(port: int, error: Exception) -> ServerError:
    return ServerError(f"the server on port {port} broke off its answer: {_reason(error)}")


def request(
    port: int, address: str, timeout_s: float | None, body: bytes | None = None
) -> tuple[HTTPConnection, HTTPResponse]:
    """Posts a body of JSON, where there is one. Raises ServerError where nobody answers, and SettingsError."""
    # http.client, because it alone never sends a request for this machine to a proxy that the environment names
    connection = HTTPConnection(HOST, port, timeout=timeout_s)
    method, headers = ("GET", {}) if body is None else ("POST", {"content-type": "application/json"})
    if (token := given_token()) is not None:
        headers["authorization"] = f"Bearer {token.secret}"
    try:
        connection.request(method, address, body, headers)
        return connection, connection.getresponse()
    except (OSError, HTTPException) as error:
        connection.close()
        raise ServerError(f"no firsttoken answers on port {port}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
