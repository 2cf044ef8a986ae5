"""What went wrong, as an answer: a page for browsers, one line of text for everything else."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from firsttoken.errors import SelectionError, ServerError, StoreError, UnknownAttributeError
from firsttoken.page.gate import HEADERS
from firsttoken.page.question import BadQuestion
from firsttoken.page.rendering import page, wants_html
from firsttoken.unseen import escaped, spelt_out

logger = logging.getLogger(__name__)

INTERNAL: Final = "Something in firsttoken itself went wrong; its log says what. Your calls are kept."
LONGEST_QUERY: Final = 8_000
"""Characters of an address that is written into a page again."""
Handler = Callable[[Request, Any], Awaitable[Response]]


async def _refused(request: Request, error: HTTPException) -> Response:
    message = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and message == HTTPStatus.NOT_FOUND.phrase:
        message = f"There is nothing at {request.url.path}."
    return _answer(request, error.status_code, message, error.headers)


async def _misunderstood(request: Request, error: BadQuestion) -> Response:
    return _answer(request, HTTPStatus.BAD_REQUEST, f"Not understood: {error}.", rest=_without(request, error.about))


async def _unselectable(request: Request, error: SelectionError) -> Response:
    if not wants_html(request.headers) or not isinstance(error, UnknownAttributeError):
        return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    asked = request.query_params.items()
    about = [name for name, value in asked if error.name in (value, name.partition(".")[2])]
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, said_of(error), rest=_without(request, about))


def said_of(error: SelectionError | StoreError) -> str:
    """For who reads it on a page, where no command is at hand."""
    if not isinstance(error, UnknownAttributeError):
        return str(error)
    advice = f"did you mean {error.meant}?" if error.meant else "the page of a call names those that it has"
    return f"no call has the attribute {error.name!r}: {advice}"


def _without(request: Request, names: Collection[str]) -> str | None:
    """Where the same is asked but for some parameters, if it has any of them and is no monster."""
    asked = request.query_params.multi_items()
    rest = [(name, value) for name, value in asked if name not in names]
    if len(rest) == len(asked) or len(request.url.query) > LONGEST_QUERY:
        return None
    return f"{request.url.path}?{urlencode(rest)}" if rest else request.url.path


async def _unavailable(request: Request, error: StoreError | ServerError) -> Response:
    logger.error("%s", spelt_out(str(error), escaped))
    return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    """The server logs the traceback. This answer passes no middleware, so it brings the headers itself."""
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL, {**HEADERS, "cache-control": "no-store"})


def _answer(request: Request, status_code: int, message: str, headers: Any = None, rest: str | None = None) -> Response:
    """For a browser with a link to the rest of what was asked for."""
    if wants_html(request.headers):
        heading = HTTPStatus(status_code).phrase
        answer: Response = page("error.html", status_code, heading=heading, message=message, rest=rest)
    else:
        answer = PlainTextResponse(spelt_out(message, escaped) + "\n", status_code)
    answer.headers.update(headers or {})
    return answer


HANDLERS: Final[dict[Any, Handler]] = {
    HTTPException: _refused,
    BadQuestion: _misunderstood,
    SelectionError: _unselectable,
    StoreError: _unavailable,
    ServerError: _unavailable,
    Exception: _failed,
}
