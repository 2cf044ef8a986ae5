"""OTLP over HTTP: one route per signal, protobuf and JSON, compressed or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from google.rpc.status_pb2 import Status
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from firsttoken.receive.compression import too_large
from firsttoken.receive.encodings import Encoding, encoding_of
from firsttoken.receive.intake import Incoming, Intake
from firsttoken.receive.refusal import MALFORMED, RETRY_AFTER_S, RefusalError
from firsttoken.receive.signals import SIGNALS, Signal


def http_app(intake: Intake) -> Starlette:
    """Answers `POST /v1/traces`, `/v1/metrics` and `/v1/logs`, in the encoding of the request."""
    return Starlette(routes=[Route(signal.path, _endpoint(intake, signal), methods=["POST"]) for signal in SIGNALS])


def _endpoint(intake: Intake, signal: Signal[Any]) -> Callable[[Request], Awaitable[Response]]:
    async def export(request: Request) -> Response:
        encoding = encoding_of(request.headers.get("content-type", ""))
        try:
            with intake.refusals_counted():
                body = await _body(request, intake.max_body_bytes)
                incoming = Incoming(body, encoding.fill, request.headers.get("content-encoding", ""))
                answer = await intake.take(signal, incoming)
        except RefusalError as refusal:
            return _refusing(refusal, encoding)
        return Response(encoding.write(answer), media_type=encoding.content_type)

    return export


async def _body(request: Request, limit_bytes: int) -> bytes:
    """As it came. Raises RefusalError as soon as it is over the limit, and where it ends early."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit_bytes:
                raise too_large(limit_bytes)
    except ClientDisconnect as error:
        raise RefusalError(MALFORMED, "the connection ended before the body did") from error
    return bytes(body)


def _refusing(refusal: RefusalError, encoding: Encoding) -> Response:
    """A `google.rpc.Status` in the encoding of the request (OTLP/HTTP, failures)."""
    reason = refusal.reason
    headers = {"retry-after": str(RETRY_AFTER_S)} if reason.may_retry else None
    status = Status(code=reason.grpc.value[0], message=refusal.message)
    return Response(encoding.write(status), reason.http, headers, encoding.content_type)
