"""OTLP values as plain ones. They are read by their shape, so that whichever library decoded them will do."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, Final

from pydantic import JsonValue


def plain_value(value: Any) -> JsonValue:
    """The value of an OTLP `AnyValue`; anything else as it is.

    None for an empty one. Bytes become base64, and a number that JSON lacks becomes its OTLP name.
    """
    if not hasattr(value, "WhichOneof"):
        return value
    kind = value.WhichOneof("value")
    return None if kind is None else _READ[kind](value)


def plain_members(pairs: Iterable[Any]) -> dict[str, JsonValue]:
    """OTLP `KeyValue`s by key. Where a sender repeats a key, its last value stands."""
    members: dict[str, JsonValue] = {}
    for pair in pairs:
        value = pair.value
        try:
            kind = value.WhichOneof("value")
        except AttributeError:
            kind = "other"
        # Nearly all are one of these, and there are dozens in every span.
        if kind == "string_value":
            members[pair.key] = value.string_value
        elif kind == "int_value":
            members[pair.key] = value.int_value
        elif kind == "double_value" and math.isfinite(number := value.double_value):
            members[pair.key] = number
        else:
            members[pair.key] = plain_value(value)
    return members


def _double(number: float) -> JsonValue:
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


_READ: Final[dict[str, Callable[[Any], JsonValue]]] = {
    "string_value": attrgetter("string_value"),
    "bool_value": attrgetter("bool_value"),
    "int_value": attrgetter("int_value"),
    "double_value": lambda value: _double(value.double_value),
    "array_value": lambda value: [plain_value(item) for item in value.array_value.values],
    "kvlist_value": lambda value: plain_members(value.kvlist_value.values),
    "bytes_value": lambda value: base64.b64encode(value.bytes_value).decode(),
    "string_value_strindex": lambda _: None,  # belongs to profiles; the protocol says to treat it as empty here
}
