"""A Collector that normalises, and calls read from what went in and what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from e2e import telemetry
from e2e.otlp import sender
from e2e.programs import collector, free_ports
from e2e.sink import Received, grpc_sink
from firsttoken.call import Call
from firsttoken.call.content import Content
from firsttoken.receive.decoded import Delivery
from firsttoken.receive.traces import decode_traces
from firsttoken.semconv.dialects import DIALECTS, Sent, currently_named
from firsttoken.semconv.read import SpanFacts, read_call
from firsttoken.semconv.read_messages import read_content

MARKS = {mark for dialect in DIALECTS for mark in dialect.marks}
RENAMED = {row.theirs: row.current for dialect in DIALECTS for row in dialect.rows if row.theirs not in MARKS}

Normalise = Callable[[Sequence[ExportTraceServiceRequest]], list[ExportTraceServiceRequest]]


@contextmanager
def normalising(binary: Path, **more: str) -> Iterator[tuple[str, Received]]:
    """Where it takes OTLP, and what comes out."""
    otlp, http, page = free_ports(3)
    environment = {
        "OTLP_GRPC_LISTEN": f"127.0.0.1:{otlp}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
        "FIRSTTOKEN_ENDPOINT": f"127.0.0.1:{page}",
        "JAEGER_ENDPOINT": "127.0.0.1:1",
        **more,
    }
    files = ["local.yaml", "normalise.yaml"]
    with grpc_sink(page) as received, collector(binary, files, environment):
        yield f"127.0.0.1:{otlp}", received


def spans_of(requests: Sequence[Any]) -> list[telemetry.Span]:
    return [
        each
        for request in requests
        if isinstance(request, ExportTraceServiceRequest)
        for each in telemetry.spans(request)
    ]


def calls_of(requests: Sequence[ExportTraceServiceRequest]) -> dict[str, Call]:
    """As `firsttoken serve` reads them, by the ids of their spans."""
    records = [record for request in requests for record in decode_traces(request, Delivery(b"", 0)).batch.calls]
    return {record.span_id: record.call for record in records}


def plainly_read(requests: Sequence[ExportTraceServiceRequest], wanted: Mapping[str, Call]) -> dict[str, Call]:
    """The same by the current names alone."""
    return {
        each.span_id: read_call(
            SpanFacts(
                each.attributes,
                each.started_unix_ns,
                each.ended_unix_ns - each.started_unix_ns,
                is_error=each.status == "ERROR",
                status_message=each.status_message,
            )
        )
        for each in spans_of(requests)
        if each.span_id in wanted
    }


def contents_of(requests: Sequence[ExportTraceServiceRequest]) -> dict[str, Content | None]:
    return {
        each.span_id: read_content(currently_named(Sent(each.attributes, each.scope))) for each in spans_of(requests)
    }


def assert_same(
    found: Mapping[str, Call], calls: Mapping[str, Call], sent: Sequence[ExportTraceServiceRequest]
) -> None:
    """What differs is told with the attributes that came."""
    attributes = {each.span_id: each.attributes for each in spans_of(sent)}
    assert found.keys() == calls.keys()
    assert [
        (attributes[span_id], found[span_id], call) for span_id, call in calls.items() if found[span_id] != call
    ] == []


@contextmanager
def normalised(binary: Path) -> Iterator[Normalise]:
    """A function from what is sent to what arrives."""
    with normalising(binary) as (endpoint, received), sender(endpoint) as send:

        def through(sent: Sequence[ExportTraceServiceRequest]) -> list[ExportTraceServiceRequest]:
            before, count = len(received.requests), len(spans_of(received.requests)) + len(spans_of(sent))
            for request in sent:
                send(request)
            received.until(lambda: len(received.spans) >= count)
            return received.requests[before:]

        yield through
