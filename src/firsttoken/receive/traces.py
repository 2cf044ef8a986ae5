"""OTLP spans -> calls and other spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, cast

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from firsttoken.receive.decoded import Decoded, Delivery, ItemError, checked_times, id_text
from firsttoken.receive.origins import Sender
from firsttoken.receive.values import Attributes, attributes_of, json_text
from firsttoken.semconv import own
from firsttoken.semconv.dialects import Moment, Sent, currently_named, is_our_scope, kept
from firsttoken.semconv.left_over import left_over, left_over_of_ours
from firsttoken.semconv.read import SpanFacts, is_call, read_call
from firsttoken.store import Batch, CallRecord, Origin, SpanRecord, StoredEvent

KINDS: Final = {
    Span.SPAN_KIND_UNSPECIFIED: "unspecified",
    Span.SPAN_KIND_INTERNAL: "internal",
    Span.SPAN_KIND_SERVER: "server",
    Span.SPAN_KIND_CLIENT: "client",
    Span.SPAN_KIND_PRODUCER: "producer",
    Span.SPAN_KIND_CONSUMER: "consumer",
}
STATUSES: Final = {
    Status.STATUS_CODE_UNSET: "unset",
    Status.STATUS_CODE_OK: "ok",
    Status.STATUS_CODE_ERROR: "error",
}


def decode_traces(request: ExportTraceServiceRequest, delivery: Delivery) -> Decoded:
    """Every span of the request as a row, a call where it stands for one."""
    calls: list[CallRecord] = []
    spans: list[SpanRecord] = []
    refused: Counter[str] = Counter()
    items = 0
    for origin, span in _spans(request):
        items += 1
        try:
            record = _record(span, origin, delivery.received_unix_ns)
        except ItemError as error:
            refused[str(error)] += 1
            continue
        if isinstance(record, CallRecord):
            calls.append(record)
        else:
            spans.append(record)
    return Decoded(Batch(calls=tuple(calls), spans=tuple(spans)), items, refused)


def _spans(request: ExportTraceServiceRequest) -> Iterator[tuple[Origin, Span]]:
    for resource_spans in request.resource_spans:
        sender = Sender(resource_spans.resource)
        for scope_spans in resource_spans.scope_spans:
            origin = sender.origin(scope_spans.scope)
            for span in scope_spans.spans:
                yield origin, span


def _record(span: Span, origin: Origin, received_unix_ns: int) -> CallRecord | SpanRecord:
    trace_id, span_id = id_text(span.trace_id, 16), id_text(span.span_id, 8)
    if trace_id is None or span_id is None:
        raise ItemError("invalid trace or span id")
    started, ended = checked_times(span.start_time_unix_nano, span.end_time_unix_nano)
    attributes = attributes_of(span.attributes)
    parent_span_id, events = id_text(span.parent_span_id, 8), _events(span)
    ours = is_ours(origin)
    sent = Sent(attributes, origin.scope, () if ours else _moments(events, started), span.status.message)
    named = currently_named(sent)
    if not is_call(named):
        return SpanRecord(
            trace_id=trace_id,
            span_id=span_id,
            parent_span_id=parent_span_id,
            name=span.name,
            kind=KINDS.get(span.kind, "unspecified"),
            started_unix_ns=started,
            ended_unix_ns=ended,
            status=STATUSES.get(span.status.code, "unset"),
            status_message=span.status.message,
            origin=origin,
            received_unix_ns=received_unix_ns,
            attributes=json_text(attributes),
            events=json_text(events),
        )
    is_error = span.status.code == Status.STATUS_CODE_ERROR
    facts = SpanFacts(
        named,
        started,
        ended - started,
        is_error=is_error,
        status_message=span.status.message,
        attempts=[event["attributes"] for event in events if event["name"] == own.EVENT_ATTEMPT_FAILED],
    )
    call = read_call(facts)
    return CallRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_span_id,
        name=span.name,
        origin=origin,
        received_unix_ns=received_unix_ns,
        call=call,
        attributes=json_text(
            left_over_of_ours(attributes, call)
            if ours and named is attributes
            else left_over(cast("Attributes", kept(sent, named)), call)
        ),
        events=json_text(events),
    )


def is_ours(origin: Origin) -> bool:
    """Whether firsttoken sent it."""
    return is_our_scope(origin.scope)


def _events(span: Span) -> list[StoredEvent]:
    return [
        StoredEvent(name=event.name, time_unix_ns=event.time_unix_nano, attributes=attributes_of(event.attributes))
        for event in span.events
    ]


def _moments(events: list[StoredEvent], started_unix_ns: int) -> list[Moment]:
    return [
        Moment(event["name"], (event["time_unix_ns"] - started_unix_ns) / 1e9, event["attributes"]) for event in events
    ]
