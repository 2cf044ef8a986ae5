"""How large a span or a log record is in an OTLP message: never less than it will be, and soon told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

RECORD_BYTES: Final = 256
"""Ids, times, flags and the frames around them."""
VALUE_BYTES: Final = 16
"""The frames around a value, and all of it where it is a number."""


def span_weight(span: Any) -> int:
    """Of an ended span of the SDK, with the resource and the scope that it may have to itself."""
    state = None if span.context is None else span.context.trace_state
    moments = sum(_named(moment.name, moment.attributes) for moment in span.events)
    links = sum(RECORD_BYTES + weight(link.attributes) + weight(link.context.trace_state) for link in span.links)
    own = _named(span.name, span.attributes) + weight(state) + weight(span.status.description)
    return own + moments + links + _origin(span)


def log_weight(record: Any) -> int:
    """Of a log record of the SDK, likewise."""
    said = record.log_record
    return _named(said.event_name, said.attributes) + weight(said.body) + weight(said.severity_text) + _origin(record)


def weight(value: object) -> int:
    """Of any value that an attribute may have."""
    if isinstance(value, str):
        return VALUE_BYTES + (len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass")))
    if isinstance(value, bytes | bytearray):
        return VALUE_BYTES + len(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        return VALUE_BYTES + sum(weight(name) + weight(inner) for name, inner in pairs)
    if isinstance(value, Sequence):
        return VALUE_BYTES + sum(map(weight, cast("Sequence[object]", value)))
    return VALUE_BYTES


def _named(name: str | None, attributes: object) -> int:
    return RECORD_BYTES + weight(name) + weight(attributes)


def _origin(record: Any) -> int:
    scope = record.instrumentation_scope
    told = 0 if scope is None else weight((scope.name, scope.version, scope.schema_url, scope.attributes))
    return weight(record.resource.attributes) + weight(record.resource.schema_url) + told
