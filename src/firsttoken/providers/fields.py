"""Reading single values out of request bodies and answers, whose shape nobody promises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast


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
    return value if isinstance(value, str) else None


def whole(value: object) -> int | None:
    """An integer; a bool is not one."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def items(value: object) -> list[object]:
    """The elements of a list or tuple. Anything else, a one-shot iterator above all, is left untouched."""
    return list(cast("list[object]", value)) if isinstance(value, list | tuple) else []


def texts(value: object) -> tuple[str, ...] | None:
    """One string or a list of strings."""
    if isinstance(value, str):
        return (value,)
    found = items(value)
    return tuple(cast("list[str]", found)) if found and all(isinstance(item, str) for item in found) else None
