"""What the application said of a call, as the page shows it: each with the way to all calls of which it is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from firsttoken.call import NOTHING_SAID, CallContext, ContextValue
from firsttoken.page.question import CallsQuestion
from firsttoken.semconv.context import ATTRIBUTES, short_name
from firsttoken.store import Selection

TAGS: Final = "tags"


class Said(NamedTuple):
    """One thing. `address` is None for what no question can ask for."""

    name: str
    value: str
    address: str | None


def said_of(context: CallContext) -> list[Said]:
    """In the order of a context's fields, tags one by one, then what has the application's own names."""
    return [*_fields(context), *(_own(name, value) for name, value in context.more.items())]


def said_by_name(context: CallContext, *names: str) -> list[Said]:
    """Some of it, in the order of these names."""
    if context is NOTHING_SAID:
        return []
    said = {each.name: each for each in said_of(context)}
    return [said[name] for name in names if name in said]


def _fields(context: CallContext) -> Iterator[Said]:
    for field, attribute in ATTRIBUTES.items():
        found = getattr(context, field)
        for value in found if field == TAGS else [found] if found is not None else []:
            yield Said("tag" if field == TAGS else short_name(attribute), value, _address(attribute, value))


def _own(name: str, value: ContextValue) -> Said:
    if isinstance(value, tuple):
        return Said(name, ", ".join(value), None)
    text = value if isinstance(value, str) else json.dumps(value)
    return Said(name, text, _address(name, text))


def _address(attribute: str, value: str) -> str:
    return CallsQuestion(selection=Selection(where={attribute: value})).address()
