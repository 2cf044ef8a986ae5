"""Decoded JSON that OTLP can carry: a value that it cannot would take everything else in its batch down with it."""

from __future__ import annotations

from typing import Any, cast

from firsttoken.plain import INT64, encodable


def sendable(value: Any) -> Any:
    """The same, with a question mark for each half of a surrogate pair, and larger integers as the nearest double."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(name): sendable(member) for name, member in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [sendable(item) for item in cast("list[Any]", value)]
    return _double(value) if type(value) is int and value not in INT64 else value


def json_integer(digits: str) -> int | float:
    """An integer of a JSON document, however long."""
    return int(digits) if len(digits) < len(str(INT64.stop)) else float(digits)


def _double(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
