"""The gate in front of every route: who may ask, and what a browser may do with the answer.

A page of another site cannot read this one: a name of its own for this machine is refused (DNS rebinding), and so is
its script. Nor can another machine without the token.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from firsttoken.access import Access, Asker
from firsttoken.hosts import host_name
from firsttoken.page.door import OPEN, refused, shows

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-read=()",
}
CACHE_CONTROL: Final = ("cache-control", "no-store")
OWN_SITE: Final = ("same-origin", "none")
READING: Final = ("GET", "HEAD")
FORWARDED: Final = frozenset({"forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"})
FORWARDED_PREFIXES: Final = ("x-forwarded-", "x-original-", "x-envoy-")
"""What proxies add. It is believed only in that it takes a right away."""
PROXIED: Final = (
    "A proxy asks for somebody else, and this server knows of none: start it with --page-url and the address that the "
    "proxy has, so that whoever comes through it needs a token."
)


class Gate:
    """Pure ASGI middleware, so that it reaches static files and error answers too."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message))
            await send(message)

        refusal = self._refusal(HTTPConnection(scope))
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, asker: HTTPConnection) -> Response | None:
        host = _host(asker.headers)
        if not self._access.answers_to(host):
            return _line(f"The host name {host!r} is not one of this server: {self._names()}.", 421)
        if _is_of_another_site(asker):
            return _line("Another site may link to this server but not read from it.", 403)
        if self._is_let_in(asker, host):
            return None
        return _line(PROXIED, 403) if self._access.token is None else refused(asker)

    def _names(self) -> str:
        names = ", ".join(sorted(self._access.names))
        return f"ask for {names + ', ' if names else ''}localhost, 127.0.0.1 or [::1] instead"

    def _is_let_in(self, asker: HTTPConnection, host: str) -> bool:
        who = Asker(asker.client.host if asker.client else None, host, _is_forwarded(asker.headers))
        if self._access.lets_in(who):
            return True
        token = self._access.token
        return token is not None and (_path(asker.scope).startswith(OPEN) or shows(token, asker))


def _host(headers: Headers) -> str:
    """Empty where there is none, or more than one: who reads the first may not be who reads the last."""
    said = headers.getlist("host")
    return host_name(said[0]) if len(said) == 1 else ""


def _path(scope: Scope) -> str:
    """What a route is found by: without what the whole page stands below, which the path of a scope begins with."""
    path: str = scope["path"]
    rest = path.removeprefix(scope.get("root_path", ""))
    return rest if rest.startswith("/") else path


def _is_forwarded(headers: Headers) -> bool:
    return any(name in FORWARDED or name.startswith(FORWARDED_PREFIXES) for name in headers.keys())  # noqa: SIM118


def _is_of_another_site(asker: HTTPConnection) -> bool:
    """Whether a page of another one asks, otherwise than by a link to a page here. A page on another port of this
    machine is of another one too. Who sends neither header is no browser of today.
    """
    headers = asker.headers
    if headers.get("sec-fetch-site", "none") not in OWN_SITE:
        is_link = (
            headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest", "document") == "document"
        )
        return not is_link or asker.scope["method"] not in READING
    origin = headers.get("origin")
    return origin is not None and origin not in {f"{scheme}://{headers.get('host')}" for scheme in ("http", "https")}


def _line(message: str, status_code: int) -> PlainTextResponse:
    return PlainTextResponse(message + "\n", status_code)


def _add_headers(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault(*CACHE_CONTROL)
