"""Reading single values out of request bodies and answers, whose shape nobody promises.

What comes out can be sent: a text that UTF-8 cannot encode, or a number beyond 64 bits, would take everything else in
its OTLP batch down with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from firsttoken.plain import INT64, encodable


class JsonObject:
    """A decoded JSON object that reads like an SDK's: its members are attributes, and one that is missing is None."""

    __slots__ = ("_members",)

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = members

    def __getattr__(self, name: str) -> Any:
        return like_sdk(self._members.get(name))


def members(value: JsonObject) -> dict[str, Any]:
    """The decoded object itself."""
    return value._members  # pyright: ignore[reportPrivateUsage]


def like_sdk(value: Any) -> Any:
    """Decoded JSON as JsonObjects; everything else as it is."""
    if isinstance(value, dict):
        return JsonObject(cast("dict[str, Any]", value))
    if isinstance(value, list):
        return [like_sdk(item) for item in cast("list[Any]", value)]
    return value


def get(value: object, *path: str) -> object | None:
    """The value at `path`, through mappings and objects alike; None where a step is missing."""
    for name in path:
        if value is None:
            return None
        if isinstance(value, Mapping):
            value = cast("Mapping[str, object]", value).get(name)
        else:
            value = getattr(value, name, None)
    return value


def mapping(value: object) -> Mapping[str, object]:
    """The value itself where it is a mapping; else an empty one."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def text(value: object) -> str | None:
    """A text that says something."""
    return encodable(value) if isinstance(value, str) and value else None


def whole(value: object) -> int | None:
    """An integer of 64 bits; a bool is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value in INT64 else None


def count(value: object) -> int | None:
    """An integer of 64 bits that is not negative."""
    found = whole(value)
    return found if found is not None and found >= 0 else None


def number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def items(value: object) -> list[object]:
    """The elements of a list or tuple. Anything else, a one-shot iterator above all, is left untouched."""
    return list(cast("list[object]", value)) if isinstance(value, list | tuple) else []


def texts(value: object) -> tuple[str, ...] | None:
    """One string or a list of strings."""
    if isinstance(value, str):
        return (encodable(value),) if value else None
    found = [encodable(item) for item in items(value) if isinstance(item, str)]
    return tuple(found) if found and len(found) == len(items(value)) else None
