"""Spans of ours that are calls without anything unusual about them -> rows of `calls`, a column at a time.

It is the quick way of what `traces` does to any span, and gives the same rows. What is unusual is left to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Span

from firsttoken.receive.call_rows import CallRows
from firsttoken.receive.origins import Sender
from firsttoken.receive.wire import Places, SpansOfRequest
from firsttoken.store import Origin

Resources = Sequence[Resource]
Scopes = Sequence[InstrumentationScope]


@dataclass(frozen=True, slots=True)
class OurCalls:
    """The usual calls of one request, and the rest of it."""

    table: pa.Table
    """As `tables_of` makes it."""
    others: ExportTraceServiceRequest


def our_calls(payload: bytes, received_unix_ns: int) -> OurCalls:
    """Raises WireError or DecodeError for bytes that are no request of spans."""
    spans = SpansOfRequest(payload)
    resources = [Resource.FromString(content) for content in spans.resources()]
    scopes = [InstrumentationScope.FromString(content) for content in spans.scopes()]
    rows = CallRows(spans, _origins(spans, resources, scopes), received_unix_ns)
    return OurCalls(rows.table(), _others(spans, resources, scopes, np.flatnonzero(~rows.usual)))


def _origins(spans: SpansOfRequest, resources: Resources, scopes: Scopes) -> list[Origin]:
    """That of each group of spans."""
    senders = [Sender(resource) for resource in resources]
    places = map(int, spans.resource_of_group)
    return [senders[place].origin(scope) for place, scope in zip(places, scopes, strict=True)]


def _others(spans: SpansOfRequest, resources: Resources, scopes: Scopes, places: Places) -> ExportTraceServiceRequest:
    """A request of the spans that stand there alone."""
    request = ExportTraceServiceRequest()
    if len(places) == 0:
        return request
    raw = spans.raw()
    groups, begins = np.unique(spans.groups[places], return_index=True)
    found: dict[int, ResourceSpans] = {}
    for group, members in zip(groups.tolist(), np.split(places, begins[1:]), strict=True):
        resource = int(spans.resource_of_group[group])
        if resource not in found:
            found[resource] = request.resource_spans.add(resource=resources[resource])
        found[resource].scope_spans.add(
            scope=scopes[group], spans=[Span.FromString(raw[int(place)]) for place in members]
        )
    return request
