"""The middleware: a span for each HTTP request, which lasts until the last byte of its response has been sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final

from opentelemetry import context as otel
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.semconv.attributes.http_attributes import HTTP_REQUEST_METHOD
from opentelemetry.semconv.attributes.url_attributes import URL_PATH, URL_SCHEME
from opentelemetry.trace import SpanKind

from firsttoken.asgi.response import MeasuredResponse
from firsttoken.guard import guarded
from firsttoken.spans.destination import destination
from firsttoken.spans.running import started
from firsttoken.spans.shape import Shape

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

METHODS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
OTHER_METHOD: Final = "_OTHER"
"""The conventions' word for a method that somebody has made up."""


class StreamLifecycle:
    """Measures each HTTP response to its last byte, and says why a stream ended. Passes everything on as it is.

    `StreamLifecycle(app)`, or `app.add_middleware(StreamLifecycle)` in Starlette and FastAPI. The span is the child of
    the one that is current, else of the span whose trace context the request carries, and calls made for the response
    are below it. Of the query, the headers and the bodies nothing is recorded.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = _begun(scope) if scope["type"] == "http" else None
        if response is None:
            await self.app(scope, receive, send)
            return
        response.running.resume()
        try:
            await self.app(scope, _listening(receive, response), _sending(send, response))
        except BaseException as error:
            response.over(error)
            raise
        finally:
            response.running.suspend()
            response.over()


def _listening(receive: Receive, response: MeasuredResponse) -> Receive:
    async def listening() -> Message:
        message = await receive()
        response.received(message)
        return message

    return listening


def _sending(send: Send, response: MeasuredResponse) -> Send:
    async def sending(message: Message) -> None:
        response.sending(message)
        try:
            await send(message)
        except OSError:  # So a server says that nobody is there any more, from version 2.4 of the specification on.
            response.gone = True
            raise
        response.sent(message)

    return sending


@guarded("begin a response")
def _begun(scope: Scope) -> MeasuredResponse | None:
    within, to = otel.get_current(), destination()
    inside = trace.get_current_span().get_span_context().is_valid
    method = scope["method"] if scope["method"] in METHODS else OTHER_METHOD
    shape = Shape(
        method,
        {HTTP_REQUEST_METHOD: method, URL_PATH: scope.get("path", ""), URL_SCHEME: scope.get("scheme", "http")},
        SpanKind.INTERNAL if inside else SpanKind.SERVER,
    )
    running = started(shape, within if inside else _callers(scope["headers"]))
    return None if running is None or to is None else MeasuredResponse(running, to, scope, method)


def _callers(headers: Iterable[tuple[bytes, bytes]]) -> Context:
    """The current context, with the trace of whoever has sent the request."""
    return propagate.extract({name.decode("latin-1"): value.decode("latin-1") for name, value in headers})
