"""Requests of OTLP over gRPC, as they are: hand-made, or of a file that a Collector wrote."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from e2e.sink import LARGEST, SIGNALS
from firsttoken.receive.encodings import fill_from_json

STARTED_NS = 1_795_000_000_000_000_000
LASTED_NS = 2_000_000_000
_numbers = itertools.count(1)


@contextmanager
def sender(endpoint: str) -> Iterator[Any]:
    """A function that sends a request to there, and returns when it was taken."""
    by_request = {signal.request: signal for signal in SIGNALS.values()}
    with grpc.insecure_channel(endpoint, [("grpc.max_send_message_length", LARGEST)]) as channel:

        def send(request: Any) -> None:
            signal = by_request[type(request)]
            channel.unary_unary(
                f"/{signal.service}/Export", type(request).SerializeToString, signal.response.FromString
            )(request, timeout=60, wait_for_ready=True)

        yield send


def requests_of(file: Path) -> Iterator[Any]:
    """Those that a file of OTLP JSON has, one on each line."""
    for line in file.read_bytes().splitlines():
        request: Any = (ExportTraceServiceRequest if b"resourceSpans" in line else ExportLogsServiceRequest)()
        fill_from_json(line, request)
        yield request


SCALARS = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value", bytes: "bytes_value"}


def value(plain: Any) -> AnyValue:
    if plain is None:
        return AnyValue()
    if type(plain) in SCALARS:
        return AnyValue(**{SCALARS[type(plain)]: plain})
    if isinstance(plain, Mapping):
        return AnyValue(kvlist_value=KeyValueList(values=pairs(plain)))
    return AnyValue(array_value=ArrayValue(values=map(value, plain)))


def pairs(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=name, value=value(plain)) for name, plain in attributes.items()]


def event(name: str, after_s: float = 0.5, **attributes: Any) -> Span.Event:
    return Span.Event(name=name, time_unix_nano=STARTED_NS + round(after_s * 1e9), attributes=pairs(attributes))


def span(
    attributes: Mapping[str, Any], name: str = "a span", events: Sequence[Span.Event] = (), error: str | None = None
) -> Span:
    """One with ids of its own, of two seconds."""
    number = next(_numbers)
    made = Span(
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        name=name,
        kind=Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=STARTED_NS,
        end_time_unix_nano=STARTED_NS + LASTED_NS,
        attributes=pairs(attributes),
        events=events,
    )
    if error is not None:
        made.status.code = 2
        made.status.message = error
    return made


def logs(records: Sequence[LogRecord], scope: str = "", **resource: Any) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    per_resource = request.resource_logs.add()
    per_resource.resource.attributes.extend(pairs({"service.name": "shop", **resource}))
    per_scope = per_resource.scope_logs.add()
    per_scope.scope.name = scope
    per_scope.log_records.extend(records)
    return request


def log_record(name: str, body: Any = None, attributes: Mapping[str, Any] | None = None) -> LogRecord:
    return LogRecord(
        time_unix_nano=STARTED_NS,
        event_name=name,
        body=value(body),
        attributes=pairs(attributes or {}),
        severity_number=9,
    )


def traces(spans: Sequence[Span], scope: str = "", **resource: Any) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    per_resource = request.resource_spans.add()
    per_resource.resource.attributes.extend(pairs({"service.name": "shop", **resource}))
    per_scope = per_resource.scope_spans.add()
    per_scope.scope.name = scope
    per_scope.spans.extend(spans)
    return request
