"""Requests as exporters make them, and the small HTTP client that sends them."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

from firsttoken.call import Call
from firsttoken.semconv.own import EVENT_ATTEMPT_FAILED
from firsttoken.semconv.write import attempt_attributes, call_attributes, span_name

PROTOBUF: Final = {"content-type": "application/x-protobuf"}
JSON: Final = {"content-type": "application/json"}
RESOURCE: Final = Resource({"service.name": "checkout", "firsttoken.run.id": "run-1"})
SCOPE: Final = InstrumentationScope("firsttoken.openai", "1.0")

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def post(endpoint: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=30)
    try:
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


def context() -> SpanContext:
    """Of a span that was never before."""
    number = next(_numbers)
    return SpanContext(trace_id=2**64 + number, span_id=number, is_remote=False)


def span_of(call: Call, span_context: SpanContext, events: tuple[Event, ...] = ()) -> ReadableSpan:
    """The span that stands for a call."""
    failure = call.failure
    return ReadableSpan(
        span_name(call.request),
        span_context,
        resource=RESOURCE,
        instrumentation_scope=SCOPE,
        kind=SpanKind.CLIENT,
        attributes=call_attributes(call),
        events=(*_attempts(call), *events),
        status=Status(StatusCode.UNSET) if failure is None else Status(StatusCode.ERROR, failure.message),
        start_time=call.timing.started_unix_ns,
        end_time=call.timing.ended_unix_ns,
    )


def _attempts(call: Call) -> tuple[Event, ...]:
    return tuple(
        Event(EVENT_ATTEMPT_FAILED, attempt_attributes(attempt), call.timing.started_unix_ns + attempt.failed_ns)
        for attempt in call.attempts
    )


def request_of(*spans: ReadableSpan) -> ExportTraceServiceRequest:
    return encode_spans(spans)
