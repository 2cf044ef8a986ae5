"""OTLP attributes as JSON values and as JSON text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from pydantic import JsonValue
from pydantic_core import to_json

from firsttoken.store import JsonText, StoredEvent
from firsttoken.trace.any_value import plain_members, plain_value

Attributes = dict[str, JsonValue]


def json_value(value: AnyValue) -> JsonValue:
    """The value; None for an empty one. Bytes become base64, and a number that JSON lacks becomes its OTLP name."""
    return plain_value(value)


def attributes_of(pairs: Iterable[KeyValue]) -> Attributes:
    """The attributes by key. Where a sender repeats a key, its last value stands."""
    return plain_members(pairs)


def json_text(value: JsonValue | Sequence[StoredEvent]) -> JsonText:
    """Compact, and unescaped where JSON allows it."""
    return JsonText(to_json(value).decode())
