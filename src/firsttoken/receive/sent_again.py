"""Calls and spans of a store -> OTLP again: the inverse of `traces`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status
from pydantic_core import from_json

from firsttoken.receive.encodings import PROTOBUF
from firsttoken.receive.pieces import Request
from firsttoken.receive.signals import SIGNALS
from firsttoken.receive.traces import KINDS, STATUSES
from firsttoken.semconv.left_over import whole
from firsttoken.store import Batch, CallRecord, Origin, SpanRecord

KIND_NUMBERS: Final = {word: number for number, word in KINDS.items()}
STATUS_NUMBERS: Final = {word: number for number, word in STATUSES.items()}


def traces_again(batch: Batch) -> tuple[Request, ...]:
    """One request for all spans of the batch."""
    spans = [(record.origin, _call_span(record)) for record in batch.calls]
    spans += [(record.origin, _other_span(record)) for record in batch.spans]
    request = ExportTraceServiceRequest(resource_spans=[_resource_spans(origin, span) for origin, span in spans])
    return (Request(SIGNALS[0].path, PROTOBUF.content_type, request.SerializeToString()),)


def _resource_spans(origin: Origin, span: Span) -> ResourceSpans:
    scope = InstrumentationScope(name=origin.scope)
    resource = Resource(attributes=_pairs(from_json(origin.resource)))
    return ResourceSpans(resource=resource, scope_spans=[ScopeSpans(scope=scope, spans=[span])])


def _call_span(record: CallRecord) -> Span:
    call, failure = record.call, record.call.failure
    span = _span(record, whole(call, from_json(record.attributes)))
    span.kind = Span.SPAN_KIND_CLIENT
    span.start_time_unix_nano, span.end_time_unix_nano = call.timing.started_unix_ns, call.timing.ended_unix_ns
    if failure is not None:
        span.status.CopyFrom(Status(code=Status.STATUS_CODE_ERROR, message=failure.message))
    return span


def _other_span(record: SpanRecord) -> Span:
    span = _span(record, from_json(record.attributes))
    span.kind = KIND_NUMBERS.get(record.kind, Span.SPAN_KIND_UNSPECIFIED)
    span.start_time_unix_nano, span.end_time_unix_nano = record.started_unix_ns, record.ended_unix_ns
    code = STATUS_NUMBERS.get(record.status, Status.STATUS_CODE_UNSET)
    span.status.CopyFrom(Status(code=code, message=record.status_message))
    return span


def _span(record: CallRecord | SpanRecord, attributes: Mapping[str, Any]) -> Span:
    return Span(
        trace_id=bytes.fromhex(record.trace_id),
        span_id=bytes.fromhex(record.span_id),
        parent_span_id=bytes.fromhex(record.parent_span_id or ""),
        name=record.name,
        attributes=_pairs(attributes),
        events=[
            Span.Event(name=event["name"], time_unix_nano=event["time_unix_ns"], attributes=_pairs(event["attributes"]))
            for event in from_json(record.events)
        ],
    )


def _pairs(members: Mapping[str, Any]) -> Iterable[KeyValue]:
    return [KeyValue(key=name, value=_value(value)) for name, value in members.items()]


def _value(value: Any) -> AnyValue:
    if value is None:
        return AnyValue()
    name, made = MADE[type(value)]
    return AnyValue(**{name: made(value)})


MADE: Final[Mapping[type, tuple[str, Callable[[Any], Any]]]] = {
    bool: ("bool_value", bool),
    int: ("int_value", int),
    float: ("double_value", float),
    str: ("string_value", str),
    list: ("array_value", lambda items: ArrayValue(values=[_value(item) for item in items])),
    dict: ("kvlist_value", lambda members: KeyValueList(values=_pairs(members))),
}
"""By the types that JSON has."""
