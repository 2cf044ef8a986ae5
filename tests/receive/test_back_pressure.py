"""More than can be taken in, and a store that cannot write: exporters are told to come back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc.aio
import pytest
from google.protobuf.message import Message
from google.rpc.code_pb2 import RESOURCE_EXHAUSTED, UNAVAILABLE
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from patience import until
from store.samples import SMALLEST_CALL

from firsttoken.analyse import recent_calls
from firsttoken.receive.counters import Counters
from firsttoken.receive.grpc import grpc_server
from firsttoken.receive.http import http_app
from firsttoken.receive.intake import Incoming, Intake
from firsttoken.receive.listeners import GrpcListener, HttpListener
from firsttoken.receive.ports import BoundPorts, ServeSettings, bind
from firsttoken.receive.signals import SIGNALS
from firsttoken.store import Store

from .sending import PROTOBUF, Answer, context, post, request_of, span_of

TRACES = SIGNALS[0]
"""The first row of the table."""


@asynccontextmanager
async def receivers(store: Store, counters: Counters) -> AsyncIterator[tuple[Intake, BoundPorts]]:
    """Both receivers, with room for one request at a time."""
    ports = bind(ServeSettings(grpc_port=0, http_port=0, page_port=None))
    intake = Intake(store, counters, max_body_bytes=10**6, in_flight_bytes=1)
    listeners = [GrpcListener(grpc_server(intake), ports), HttpListener(http_app(intake), [ports.http])]
    for listener in listeners:
        await listener.start()
    try:
        yield intake, ports
    finally:
        await asyncio.gather(*(listener.stop() for listener in listeners))
        intake.close()
        ports.close()


@asynccontextmanager
async def occupied(intake: Intake) -> AsyncIterator[None]:
    """An intake that is in the middle of a request."""
    begun, go_on = threading.Event(), threading.Event()

    def fill(payload: bytes, message: Message) -> None:
        begun.set()
        assert go_on.wait(30)

    taking = asyncio.create_task(intake.take(TRACES, Incoming(b"something", fill)))
    assert await asyncio.to_thread(begun.wait, 20)
    try:
        yield
    finally:
        go_on.set()
        await taking


async def both_answers(ports: BoundPorts) -> tuple[Answer, grpc.aio.AioRpcError]:
    """To the same good request over HTTP and over gRPC."""
    body = request_of(span_of(SMALLEST_CALL, context())).SerializeToString()
    answer = await asyncio.to_thread(post, ports.http_endpoint, "/v1/traces", body, PROTOBUF)
    async with grpc.aio.insecure_channel(ports.grpc_address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary(f"/{TRACES.service}/Export")(body, timeout=30)
    return answer, refused.value


def retry_delay_s(refused: grpc.aio.AioRpcError) -> int:
    details = dict(refused.trailing_metadata() or ())["grpc-status-details-bin"]
    retry = RetryInfo()
    assert isinstance(details, bytes)
    assert Status.FromString(details).details[0].Unpack(retry)
    return retry.retry_delay.seconds


def test_what_finds_no_room_is_told_to_come_back() -> None:
    async def told(store: Store) -> tuple[Answer, grpc.aio.AioRpcError]:
        async with receivers(store, counters) as (intake, ports), occupied(intake):
            return await both_answers(ports)

    counters = Counters()
    with Store.open(None) as store:
        answer, refused = asyncio.run(told(store))
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert Status.FromString(answer.body).code == RESOURCE_EXHAUSTED
    assert (refused.code(), retry_delay_s(refused)) == (grpc.StatusCode.RESOURCE_EXHAUSTED, 1)
    assert counters.health(None).refused_requests == {"busy": 2}


def test_a_store_that_cannot_write_is_unavailable_and_says_why(tmp_path: Path) -> None:
    async def told(store: Store) -> tuple[Answer, grpc.aio.AioRpcError]:
        async with receivers(store, counters) as (_, ports):
            return await both_answers(ports)

    counters = Counters()
    with Store.open(tmp_path / "calls.duckdb") as store:
        store.close()
        answer, refused = asyncio.run(told(store))
    why = f"the store {tmp_path / 'calls.duckdb'} is closed"
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert Status.FromString(answer.body) == Status(code=UNAVAILABLE, message=why)
    assert (refused.code(), refused.details(), retry_delay_s(refused)) == (grpc.StatusCode.UNAVAILABLE, why, 1)
    assert counters.health(None).refused_requests == {"store": 2}


@pytest.mark.parametrize("carrier", ["http", "grpc"])
def test_an_exporter_that_is_told_to_come_back_does_and_nothing_is_lost(carrier: str) -> None:
    async def exported(store: Store) -> SpanExportResult:
        async with receivers(store, counters) as (intake, ports):
            if carrier == "http":
                exporter: SpanExporter = HttpExporter(endpoint=f"{ports.http_endpoint}/v1/traces", timeout=30)
            else:
                exporter = GrpcExporter(endpoint=ports.grpc_endpoint, insecure=True, timeout=30)
            async with occupied(intake):
                spans = [span_of(SMALLEST_CALL, context()) for _ in range(7)]
                exporting = asyncio.get_running_loop().run_in_executor(None, exporter.export, spans)
                await asyncio.to_thread(until, lambda: counters.health(None).refused_requests == {"busy": 1})
            result = await exporting
            exporter.shutdown()
            return result

    counters = Counters()
    with Store.open(None) as store:
        assert asyncio.run(exported(store)) is SpanExportResult.SUCCESS
        assert len(recent_calls(store)) == 7
