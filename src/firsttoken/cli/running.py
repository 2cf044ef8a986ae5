"""A server that runs already, asked over the page's JSON answers on this machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from pydantic import TypeAdapter

from firsttoken.analyse.asking import Answer, AnswerT, OptionsT
from firsttoken.cli.running_answers import LockedServerError, ask, request
from firsttoken.errors import ServerError
from firsttoken.page.status import PRODUCT, Status

if TYPE_CHECKING:
    import pyarrow as pa

    from firsttoken.analyse.exporting import ExportOptions
    from firsttoken.analyse.stating import Statement

STARTING_S: Final = 10.0
"""How long a server may take to answer at all: one that has just been started is still loading."""


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
