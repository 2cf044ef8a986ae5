"""The door of a page that has a token: the link that brings it, and the cookie that a browser gets for it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from firsttoken.access import Access, Token
from firsttoken.page.rendering import page, wants_html

ADDRESS: Final = "/enter"
OPEN: Final = (ADDRESS, "/static/")
"""What is answered without a token: the door, and files that say nothing of anybody's calls."""
BEARER: Final = "bearer "
CHALLENGE: Final = 'Bearer realm="firsttoken"'
MISSING: Final = (
    "This page has a token: open the link that firsttoken serve printed when it started. Programs send the token as "
    "the header 'Authorization: Bearer TOKEN', and firsttoken's own commands take it from FIRSTTOKEN_TOKEN."
)
WRONG: Final = (
    "That is not the token of this server. It has another one after each start, unless FIRSTTOKEN_TOKEN gives it: take "
    "the link that firsttoken serve printed last."
)


class Door:
    """`/enter?token=TOKEN`: answered by a redirect, so that neither the history nor a Referer has the token."""

    def __init__(self, access: Access) -> None:
        self._token = access.token
        self._is_https = access.is_https

    def routes(self) -> list[Route]:
        return [Route(ADDRESS, self._enter)]

    async def _enter(self, request: Request) -> Response:
        answer: Response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        if self._token is None:
            return answer
        if not self._token.is_said_by(request.query_params.get("token")):
            return refused(request, WRONG)
        answer.set_cookie(
            cookie_name(request),
            _cookie(self._token).secret,
            httponly=True,
            samesite="strict",
            secure=self._is_https,
        )
        return answer


def shows(token: Token, asker: HTTPConnection) -> bool:
    """Whether he brings the token, or the cookie that he got for it."""
    said = asker.headers.get("authorization", "")
    if said[: len(BEARER)].lower() == BEARER:
        return token.is_said_by(said[len(BEARER) :].strip())
    return _cookie(token).is_said_by(asker.cookies.get(cookie_name(asker)))


def refused(asker: HTTPConnection, message: str = MISSING) -> Response:
    """Status 401 and a line; for a browser a page. A link on another site brings no cookie, but one here does."""
    headers = {"www-authenticate": CHALLENGE}
    if not wants_html(asker.headers):
        return PlainTextResponse(message + "\n", HTTPStatus.UNAUTHORIZED, headers)
    again = _address_here(asker) if _comes_from_elsewhere(asker.headers) else None
    answer = page("locked.html", HTTPStatus.UNAUTHORIZED, message=message, again=again)
    answer.headers.update(headers)
    return answer


def cookie_name(asker: HTTPConnection) -> str:
    """Of this port alone: all ports of a host share their cookies."""
    server = asker.scope.get("server")
    return f"firsttoken_{server[1] if server else 0}"


def _address_here(asker: HTTPConnection) -> str:
    """What was asked for, on this server: two slashes at the beginning would name another."""
    path, query = "/" + asker.url.path.lstrip("/"), asker.url.query
    return f"{path}?{query}" if query else path


def _cookie(token: Token) -> Token:
    return token.derived("cookie")


def _comes_from_elsewhere(headers: Headers) -> bool:
    return headers.get("sec-fetch-site") in ("cross-site", "same-site")
