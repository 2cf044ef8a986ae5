"""The span of a streamed response lasts to its last byte, and says why it ended."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest
from opentelemetry import context as otel
from opentelemetry import trace
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route

from asgi.conftest import asking, eventually, everything, serving, until
from firsttoken.asgi import StreamLifecycle
from firsttoken.guard import troubles
from firsttoken.testing import CapturedPoint, CapturedSpan, CapturedTelemetry, ProviderServer

STREAM = "firsttoken.server.stream.duration"
ENDS = "firsttoken.server.stream.ends"
ACTIVE = "firsttoken.server.active_streams"


class TellingRoute(Route):
    """Says which route it is, as FastAPI's does, and Starlette's does in newer versions."""

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        scope["route"] = self
        await super().handle(scope, receive, send)


class Site:
    """Routes that stream, and the gates that hold their streams up."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.cleaned_up = threading.Event()
        self.app = Starlette(
            routes=[
                TellingRoute("/plain", self.plain),
                TellingRoute("/stream/{name}", self.stream),
                TellingRoute("/events", self.events),
                TellingRoute("/fails", self.fails),
                TellingRoute("/fails-later", self.fails_later),
                TellingRoute("/refuses", self.refuses),
                TellingRoute("/late", self.late),
            ],
            middleware=[Middleware(StreamLifecycle)],
        )

    async def plain(self, request: Request) -> JSONResponse:
        return JSONResponse({"whole": True})

    async def stream(self, request: Request) -> StreamingResponse:
        return StreamingResponse(self.pieces(), media_type="text/plain")

    async def events(self, request: Request) -> StreamingResponse:
        async def nothing_yet() -> AsyncIterator[bytes]:
            await asyncio.to_thread(self.go_on.wait, 20)
            yield b"data: done\n\n"

        return StreamingResponse(nothing_yet(), media_type="text/event-stream")

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            yield b"first"
            await asyncio.to_thread(self.go_on.wait, 20)
            yield b"last"
        finally:
            self.cleaned_up.set()

    async def fails(self, request: Request) -> StreamingResponse:
        raise ValueError("before anything")

    async def fails_later(self, request: Request) -> StreamingResponse:
        async def broken() -> AsyncIterator[bytes]:
            yield b"first"
            raise ValueError("in the middle")

        return StreamingResponse(broken())

    async def refuses(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("no", status_code=503)

    async def late(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("here", background=BackgroundTask(self.go_on.wait, 20))


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def port(site: Site, telemetry: CapturedTelemetry) -> Iterator[int]:
    with serving(site.app) as port:
        yield port
        site.go_on.set()


def the_span(telemetry: CapturedTelemetry) -> CapturedSpan:
    (span,) = eventually(lambda: telemetry.spans)
    return span


def the_point(telemetry: CapturedTelemetry, metric: str) -> CapturedPoint:
    (point,) = eventually(lambda: telemetry.points_of(metric))
    return point


def active(telemetry: CapturedTelemetry) -> float:
    return sum(point["value"] for point in telemetry.points_of(ACTIVE))


def test_the_span_lasts_to_the_last_byte_and_not_to_the_headers(
    site: Site, port: int, telemetry: CapturedTelemetry
) -> None:
    with asking(port, "/stream/7?secret=yes") as connection:
        until(connection, b"first")
        assert eventually(lambda: active(telemetry)) == 1
        assert telemetry.spans == []
        site.go_on.set()
        assert everything(connection).endswith(b"0\r\n\r\n")
    span = the_span(telemetry)
    assert (span["name"], span["kind"], span["status"]) == ("GET /stream/{name}", "SERVER", "UNSET")
    assert span["attributes"] == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/stream/{name}",
        "firsttoken.http.response.body.bytes": 9,
        "firsttoken.http.response.pieces": 2,
        "firsttoken.outcome": "completed",
        "url.path": "/stream/7",
        "url.scheme": "http",
    }
    attributes = {"http.request.method": "GET", "http.route": "/stream/{name}", "firsttoken.stream.end": "completed"}
    assert the_point(telemetry, ENDS)["value"] == 1
    assert the_point(telemetry, STREAM)["attributes"] == attributes
    assert the_point(telemetry, STREAM)["value"] == (span["end_unix_ns"] - span["start_unix_ns"]) / 1e9
    assert active(telemetry) == 0


def test_a_client_that_leaves_ends_the_stream_as_disconnected_and_not_as_failed(
    site: Site, port: int, telemetry: CapturedTelemetry
) -> None:
    with asking(port, "/stream/7") as connection:
        until(connection, b"first")
    span = the_span(telemetry)
    assert (span["attributes"]["firsttoken.outcome"], span["status"]) == ("closed", "UNSET")
    assert span["attributes"]["firsttoken.http.response.pieces"] == 1
    assert the_point(telemetry, ENDS)["attributes"]["firsttoken.stream.end"] == "client_disconnect"
    assert active(telemetry) == 0
    assert site.cleaned_up.wait(30)


def test_an_event_stream_is_one_before_its_first_event(site: Site, port: int, telemetry: CapturedTelemetry) -> None:
    with asking(port, "/events"):
        assert eventually(lambda: active(telemetry)) == 1
    assert the_point(telemetry, ENDS)["attributes"]["firsttoken.stream.end"] == "client_disconnect"
    assert active(telemetry) == 0


def test_a_stream_that_fails_says_so_and_the_error_goes_on(port: int, telemetry: CapturedTelemetry) -> None:
    with asking(port, "/fails-later") as connection:
        everything(connection)
    span = the_span(telemetry)
    assert (span["status"], span["attributes"]["error.type"]) == ("ERROR", "ValueError")
    assert span["events"][0]["attributes"]["exception.message"] == "in the middle"
    assert the_point(telemetry, ENDS)["attributes"]["firsttoken.stream.end"] == "error"
    assert active(telemetry) == 0


@pytest.mark.parametrize(("path", "error"), [("/fails", "ValueError"), ("/refuses", "503")])
def test_a_response_that_is_no_stream_has_a_span_and_is_on_no_metric_of_streams(
    path: str, error: str, port: int, telemetry: CapturedTelemetry
) -> None:
    with asking(port, path) as connection:
        everything(connection)
    span = the_span(telemetry)
    assert (span["name"], span["status"], span["attributes"]["error.type"]) == (f"GET {path}", "ERROR", error)
    assert telemetry.points == []


def test_what_runs_after_the_last_byte_is_not_in_the_span(site: Site, port: int, telemetry: CapturedTelemetry) -> None:
    with asking(port, "/late") as connection:
        until(connection, b"here")
        assert the_span(telemetry)["name"] == "GET /late"
        assert not site.go_on.is_set()


def test_a_request_that_is_part_of_a_trace_goes_on_with_it(port: int, telemetry: CapturedTelemetry) -> None:
    trace_id, span_id = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    with asking(port, "/plain", f"traceparent: 00-{trace_id}-{span_id}-01\r\n") as connection:
        everything(connection)
    span = the_span(telemetry)
    assert (span["trace_id"], span["parent_span_id"]) == (trace_id, span_id)


def test_the_call_of_a_response_is_in_its_tree_and_is_closed_with_it(telemetry: CapturedTelemetry) -> None:
    asked = threading.Event()

    async def answer(request: Request) -> StreamingResponse:
        async def tokens() -> AsyncIterator[str]:
            client = openai.AsyncOpenAI(base_url=f"{provider.base_url}/v1", api_key="none")
            messages: Any = [{"role": "user", "content": "hello"}]
            async with (
                client,
                await client.chat.completions.create(model="m", messages=messages, stream=True) as chunks,
            ):
                async for chunk in chunks:
                    yield chunk.choices[0].delta.content or "-" if chunk.choices else "-"
                    asked.set()
                    await asyncio.get_running_loop().create_future()

        return StreamingResponse(tokens())

    app = StreamLifecycle(Starlette(routes=[Route("/", answer)]))
    with ProviderServer() as provider, serving(app) as port, asking(port) as connection:
        until(connection, b"-")
        assert asked.wait(30)
        connection.close()
        call, response = eventually(lambda: telemetry.spans if len(telemetry.spans) == 2 else None)
    assert (call["name"], call["parent_span_id"]) == ("chat m", response["span_id"])
    assert call["attributes"]["firsttoken.outcome"] in ("closed", "cancelled")
    assert response["attributes"]["firsttoken.outcome"] == "closed"


def test_beside_another_instrumentation_it_is_a_child_of_the_servers_span(telemetry: CapturedTelemetry) -> None:
    async def around(scope: Any, receive: Any, send: Any) -> None:
        with telemetry.tracer_provider.get_tracer("server").start_as_current_span("server"):
            await lifecycle(scope, receive, send)

    lifecycle = StreamLifecycle(PlainTextResponse("hello"))
    with serving(around) as port, asking(port) as connection:
        everything(connection)
        both = eventually(lambda: telemetry.spans if len(telemetry.spans) == 2 else None)
    inner, outer = sorted(both, key=lambda span: span["name"])
    assert (inner["kind"], inner["parent_span_id"], inner["name"]) == ("INTERNAL", outer["span_id"], "GET")


Script = list[dict[str, Any]]
START = {"type": "http.response.start", "status": 200, "headers": []}


def http(method: str = "GET") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": "/", "scheme": "http", "headers": []}


async def _run(app: Any, scope: dict[str, Any], broken: BaseException | None = None) -> Script:
    """What the application sends to a server that breaks at the second piece."""
    sent: Script = []

    async def send(message: dict[str, Any]) -> None:
        if broken is not None and len(sent) == 2:
            raise broken
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    await app(scope, receive, send)
    return sent


def test_a_server_that_says_so_by_an_os_error_has_lost_its_client(telemetry: CapturedTelemetry) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        for _ in range(3):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    with pytest.raises(BrokenPipeError):
        asyncio.run(_run(StreamLifecycle(app), http(), BrokenPipeError()))
    assert the_span(telemetry)["attributes"]["firsttoken.outcome"] == "closed"


def test_an_application_that_returns_too_early_has_failed(telemetry: CapturedTelemetry) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)

    asyncio.run(_run(StreamLifecycle(app), http()))
    assert the_span(telemetry)["attributes"]["error.type"] == "incomplete_response"


def test_a_server_that_stops_cancels_and_fails_nothing(telemetry: CapturedTelemetry) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(_run(StreamLifecycle(app), http()))
    assert the_span(telemetry)["status"] == "UNSET"
    assert the_point(telemetry, ENDS)["attributes"]["firsttoken.stream.end"] == "cancelled"


def test_a_method_that_somebody_made_up_is_no_name_of_a_span(telemetry: CapturedTelemetry) -> None:
    asyncio.run(_run(StreamLifecycle(PlainTextResponse("hello")), http("DROP-TABLE")))
    assert the_span(telemetry)["name"] == "_OTHER"


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_whatever_is_no_http_request_passes_through_untouched(kind: str, telemetry: CapturedTelemetry) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend((scope, receive, send))

    given = ({"type": kind}, object(), object())
    asyncio.run(StreamLifecycle(app)(*given))  # type: ignore[arg-type]
    assert all(one is other for one, other in zip(seen, given, strict=True))
    assert telemetry.spans == []


def test_a_request_that_makes_no_sense_to_us_reaches_the_application(telemetry: CapturedTelemetry) -> None:
    sent = asyncio.run(_run(StreamLifecycle(PlainTextResponse("hello")), {"type": "http", "method": "GET"}))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert troubles.pop("begin a response") == 1
    assert telemetry.spans == []


def test_without_any_telemetry_it_is_not_there() -> None:
    current: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        current.append(otel.get_current())
        assert trace.get_current_span() is trace.INVALID_SPAN

    asyncio.run(_run(StreamLifecycle(app), http()))
    assert current == [otel.get_current()]
