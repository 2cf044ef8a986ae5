"""Lists and objects that were flattened into names: `prefix.0.message.role`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic_core import from_json

Json = dict[str, Any]

MOST_ITEMS: Final = 10_000
"""An index beyond that is no index: a list is never made as long as a number in a name says."""


def items_under(attributes: Mapping[str, object], prefix: str) -> list[Json]:
    """The objects of a flattened list, in the order of their numbers, each with what remains of the names as keys."""
    found: dict[int, Json] = {}
    start = f"{prefix}."
    for name, value in attributes.items():
        if name.startswith(start):
            number, dot, rest = name[len(start) :].partition(".")
            if dot and number.isdecimal() and len(number) <= 6 and int(number) < MOST_ITEMS:
                found.setdefault(int(number), {})[rest] = value
    return [found[number] for number in sorted(found)]


def json_object(value: object) -> Json:
    """The object in a JSON text; an empty one for anything else. Never raises."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    read = json_value(value)
    return cast("Json", read) if isinstance(read, dict) else {}


def json_value(value: object) -> object:
    """What a JSON text says; None for anything else, and for what no JSON text could be made of again."""
    if not isinstance(value, str):
        return None
    try:
        return from_json(value)
    except ValueError:
        return None


def text_of(holder: Mapping[str, Any], *names: str) -> str | None:
    """The first of these that is a text with something in it."""
    for name in names:
        value = holder.get(name)
        if isinstance(value, str) and value:
            return value
    return None
