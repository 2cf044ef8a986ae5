"""What the application gives -> values that every signal can carry, within bounds.

Text stays text. Whole numbers, UUIDs and members of enumerations become text where an id is wanted. What is left is
dropped and counted in `guard.troubles`, and so is what goes beyond a bound.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Set
from enum import Enum
from typing import Final, cast
from uuid import UUID

from firsttoken.call import ContextValue
from firsttoken.guard import guarded, troubles

LONGEST: Final = 256
"""Characters of a value or a name."""
MOST: Final = 32
"""Tags, values in a list, and names of the application's own."""
INT64: Final = range(-(2**63), 2**63)
"""What an attribute can hold."""

SHORTENED: Final = "keep a context within its bounds"


@guarded("take a value of a context")
def word(value: object) -> str | None:
    """An id. Empty text is one: it takes away what was said outside."""
    if isinstance(value, Enum) and not isinstance(value, str | int):
        value = value.value
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and value in INT64:
        return str(int(value))
    raise TypeError(f"an id cannot be a {type(value).__name__}")


@guarded("take a value of a context")
def words(value: object) -> tuple[str, ...] | None:
    """Tags: one text or several, each once, those of a set in alphabetical order."""
    if isinstance(value, str):
        value = (value,)
    if not isinstance(value, list | tuple | set | frozenset):
        raise TypeError(f"tags cannot be a {type(value).__name__}")
    several = cast("Collection[object]", value)
    items = [found for item in several if (found := word(item))]
    return bounded_tags(sorted(items) if isinstance(several, Set) else items)


@guarded("take a value of a context")
def any_value(value: object) -> ContextValue | None:
    """Something of the application's own. Numbers and yes or no stay what they are."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("no attribute holds a number that is not finite")
        return float(value)
    if isinstance(value, int) and not isinstance(value, Enum) and value in INT64:
        return int(value)
    return words(cast("object", value)) or None if isinstance(value, list | tuple | set | frozenset) else word(value)


@guarded("take a name of a context")
def name_of(name: str) -> str | None:
    """The name as it is, unless it is empty or longer than anybody's."""
    name = _text(name)
    if not 0 < len(name) <= LONGEST:
        raise ValueError("a name is empty or too long")
    return name


def bounded_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each once, the first ones."""
    once = tuple(dict.fromkeys(tags))
    if len(once) > MOST:
        troubles[SHORTENED] += 1
    return once[:MOST]


def _clean(value: str) -> str:
    text = _text(value)
    if len(text) > LONGEST:
        troubles[SHORTENED] += 1
    return text[:LONGEST]


def _text(value: str) -> str:
    """Plain text that every encoding and database takes: no lone surrogates and no NUL."""
    return str.__str__(value).encode("utf-8", "replace").decode().replace("\0", "")
