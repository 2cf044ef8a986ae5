"""The gate in front of every route: who may ask, and what a browser may do with the answer.

A page of another site cannot read this one: a name of its own for this machine is refused (DNS rebinding), and so is
its script.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from firsttoken.hosts import host_name, is_loopback

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
CACHE_CONTROL: Final = ("cache-control", "no-store")
NAVIGATION: Final = "navigate"


class Gate:
    """Pure ASGI middleware, so that it reaches static files and error answers too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message))
            await send(message)

        refusal = _refusal(Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send_with_headers)


def _refusal(headers: Headers) -> PlainTextResponse | None:
    host = host_name(headers.get("host", ""))
    if not is_loopback(host):
        return PlainTextResponse(
            f"The host name {host!r} is not one of this server: ask for localhost or 127.0.0.1 instead.\n", 421
        )
    if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != NAVIGATION:
        return PlainTextResponse("Another site may link to this server but not read from it.\n", 403)
    return None


def _add_headers(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault(*CACHE_CONTROL)
