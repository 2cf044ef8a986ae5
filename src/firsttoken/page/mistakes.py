"""What went wrong, as an answer: a page for browsers, one line of text for everything else."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from firsttoken.errors import ServerError, StoreError
from firsttoken.page.gate import HEADERS
from firsttoken.page.question import BadQuestion
from firsttoken.page.rendering import page

logger = logging.getLogger(__name__)

INTERNAL: Final = "Something in firsttoken itself went wrong; its log says what. Your calls are kept."
Handler = Callable[[Request, Any], Awaitable[Response]]


async def _refused(request: Request, error: HTTPException) -> Response:
    message = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND and message == HTTPStatus.NOT_FOUND.phrase:
        message = f"There is nothing at {request.url.path}."
    return _answer(request, error.status_code, message, error.headers)


async def _misunderstood(request: Request, error: BadQuestion) -> Response:
    return _answer(request, HTTPStatus.BAD_REQUEST, f"Not understood: {error}.")


async def _unavailable(request: Request, error: StoreError | ServerError) -> Response:
    logger.error("%s", error)
    return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))


async def _failed(request: Request, error: Exception) -> Response:
    """The server logs the traceback. This answer passes no middleware, so it brings the headers itself."""
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL, {**HEADERS, "cache-control": "no-store"})


def _answer(request: Request, status_code: int, message: str, headers: Any = None) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        answer: Response = page("error.html", status_code, heading=HTTPStatus(status_code).phrase, message=message)
    else:
        answer = PlainTextResponse(message + "\n", status_code)
    answer.headers.update(headers or {})
    return answer


HANDLERS: Final[dict[Any, Handler]] = {
    HTTPException: _refused,
    BadQuestion: _misunderstood,
    StoreError: _unavailable,
    ServerError: _unavailable,
    Exception: _failed,
}
