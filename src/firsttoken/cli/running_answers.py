"""One request to a server that runs on this machine, and what it answers."""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from firsttoken.access import VARIABLE
from firsttoken.cli.sharing import given_token
from firsttoken.errors import SelectionError, ServerError
from firsttoken.page.status import PRODUCT

HOST: Final = "127.0.0.1"
ANSWER_S: Final = 60.0
"""How long a server may think about a question over a large store."""

T = TypeVar("T")


class LockedServerError(ServerError):
    """A firsttoken that wants its token."""


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
