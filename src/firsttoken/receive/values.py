"""OTLP attribute values as JSON values and as JSON text."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from pydantic import JsonValue
from pydantic_core import to_json

from firsttoken.store import JsonText, StoredEvent

Attributes = dict[str, JsonValue]


def json_value(value: AnyValue) -> JsonValue:
    """The value; None for an empty one. Bytes become base64, and a number that JSON lacks becomes its OTLP name."""
    kind = value.WhichOneof("value")
    return None if kind is None else _READ[kind](value)


def attributes_of(pairs: Iterable[KeyValue]) -> Attributes:
    """The attributes by key. Where a sender repeats a key, its last value stands."""
    return {pair.key: json_value(pair.value) for pair in pairs}


def json_text(value: JsonValue | Sequence[StoredEvent]) -> JsonText:
    """Compact, and unescaped where JSON allows it."""
    return JsonText(to_json(value).decode())


def _double(number: float) -> JsonValue:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


_READ: Final[dict[str, Callable[[AnyValue], JsonValue]]] = {
    "string_value": attrgetter("string_value"),
    "bool_value": attrgetter("bool_value"),
    "int_value": attrgetter("int_value"),
    "double_value": lambda value: _double(value.double_value),
    "array_value": lambda value: [json_value(item) for item in value.array_value.values],
    "kvlist_value": lambda value: attributes_of(value.kvlist_value.values),
    "bytes_value": lambda value: base64.b64encode(value.bytes_value).decode(),
    "string_value_strindex": lambda _: None,  # belongs to profiles; the protocol says to treat it as empty here
}
