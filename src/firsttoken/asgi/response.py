"""One response on its way out: how far it has come, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from functools import partial
from typing import Any, Final

from opentelemetry.semconv.attributes.http_attributes import HTTP_REQUEST_METHOD, HTTP_ROUTE
from opentelemetry.util.types import AttributeValue

from firsttoken.call import Failure, Outcome
from firsttoken.export.outbox import OUTBOX
from firsttoken.guard import guarded
from firsttoken.semconv import names, own
from firsttoken.spans.destination import Destination
from firsttoken.spans.running import Running

EVENT_STREAM: Final = b"text/event-stream"

REASONS: Final = {
    Outcome.COMPLETED: "completed",
    Outcome.CLOSED: "client_disconnect",
    Outcome.CANCELLED: "cancelled",
}
"""Why a stream ended; everything else is an error."""

INCOMPLETE: Final = Failure("incomplete_response", "the application returned before the end of its response")


class MeasuredResponse:
    """It is a stream if it is an event stream, or if its first piece is not its last. No method raises."""

    def __init__(self, running: Running, to: Destination, scope: MutableMapping[str, Any], method: str) -> None:
        self.running = running
        self.gone = False
        """Whether the client is known to have left. Servers also say so when everything has been sent."""
        self._to = to
        self._scope = scope
        self._method = method
        self._status = 0
        self._stream: dict[str, AttributeValue] | None = None
        """The attributes of its metrics, once it is known to be a stream."""
        self._pieces = self._bytes = 0
        self._over = False

    @guarded("see a request go on")
    def received(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.disconnect":
            self.gone = True

    @guarded("see a response begin")
    def sending(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            if any(name.lower() == b"content-type" and EVENT_STREAM in value for name, value in message["headers"]):
                self._is_stream()
        elif message["type"] == "http.response.body" and message.get("more_body"):
            self._is_stream()

    @guarded("see a response go out")
    def sent(self, message: Mapping[str, Any]) -> None:
        if message["type"] != "http.response.body" or self.gone:
            return
        if body := message.get("body"):
            self._pieces += 1
            self._bytes += len(body)
        if not message.get("more_body"):
            self._end(Outcome.COMPLETED)

    def over(self, error: BaseException | None = None) -> None:
        """The application is done with it, which after the last byte says nothing more."""
        self._left_early(error)

    @guarded("end a response")
    def _left_early(self, error: BaseException | None) -> None:
        if self.gone:
            self._end(Outcome.CLOSED)
        elif error is not None:
            self._end(None, error=error)
        else:
            self._end(Outcome.FAILED, INCOMPLETE)

    def _end(self, outcome: Outcome | None, failure: Failure | None = None, error: BaseException | None = None) -> None:
        if self._over:
            return
        self._over = True
        self._describe()
        if outcome is Outcome.COMPLETED and self._status >= 500:
            outcome, failure = Outcome.FAILED, Failure(str(self._status), "")
        ended = self.running.end(error) if outcome is None else self.running.end_as(outcome, failure)
        if self._stream is not None and ended is not None:
            reason = REASONS.get(ended.outcome, "error")
            OUTBOX.put(partial(_stream_ended, self._to, ended.duration_ns / 1e9, self._stream, reason))

    def _describe(self) -> None:
        span, route = self.running.span, getattr(self._scope.get("route"), "path", None)
        if route:
            span.update_name(f"{self._method} {route}")
            span.set_attribute(HTTP_ROUTE, route)
        if self._status:
            span.set_attribute(names.HTTP_RESPONSE_STATUS_CODE, self._status)
        span.set_attribute(own.RESPONSE_PIECES, self._pieces)
        span.set_attribute(own.RESPONSE_BYTES, self._bytes)

    def _is_stream(self) -> None:
        if self._stream is None:
            route = getattr(self._scope.get("route"), "path", None)
            self._stream = {HTTP_REQUEST_METHOD: self._method, **({HTTP_ROUTE: route} if route else {})}
            OUTBOX.put(partial(_stream_began, self._to, self._stream))


def _stream_began(to: Destination, attributes: Mapping[str, AttributeValue]) -> None:
    if (metrics := to.metrics()) is not None:
        metrics.streams.began(attributes)


def _stream_ended(to: Destination, duration_s: float, attributes: Mapping[str, AttributeValue], reason: str) -> None:
    if (metrics := to.metrics()) is not None:
        metrics.streams.ended(duration_s, attributes, reason)
