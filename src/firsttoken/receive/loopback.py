"""Keeps foreign web pages out of the local half."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from firsttoken.hosts import host_name, is_loopback

REFUSAL: Final = "this server answers only to localhost, 127.0.0.1 and [::1]: use one of them as the host\n"


class LoopbackOnly:
    """Refuses requests made under any other host name.

    A web page can have its own name resolve to 127.0.0.1 and so reach us in its visitor's browser (DNS rebinding);
    the Host header still carries that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _names_loopback(scope):
            await PlainTextResponse(REFUSAL, HTTPStatus.MISDIRECTED_REQUEST)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _names_loopback(scope: Scope) -> bool:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and is_loopback(host_name(hosts[0]))
