"""JSON text as values that OTLP can carry: one that it cannot would take everything else in its batch down with it."""

from __future__ import annotations

import json
import math
from typing import Any, Final, cast

from firsttoken.plain import INT64, encodable

LONGEST_INT: Final = len(str(INT64.start))


def structure(text: str) -> Any:
    """The values of a JSON document. A number that has no 64 bits, or is none, stands as its own text; half a surrogate
    pair becomes a question mark. Raises ValueError for what is no JSON."""
    value = json.loads(text, parse_int=_integer, parse_float=_double, parse_constant=str)
    return _encodable(value) if "\\u" in text else value


def _integer(digits: str) -> int | str:
    number = int(digits) if len(digits) <= LONGEST_INT else None
    return number if number is not None and number in INT64 else digits


def _double(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(name): _encodable(member) for name, member in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_encodable(item) for item in cast("list[Any]", value)]
    return value
