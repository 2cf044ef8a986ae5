"""A call's context -> attributes, and back; and which names of the application's own are free.

A name that the conventions or we may write is never the application's to give: what nobody knew of a call would then
look known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Final, cast

from opentelemetry.util.types import AttributeValue

from firsttoken.call import NOTHING_SAID, CallContext, ContextValue
from firsttoken.semconv import own
from firsttoken.semconv.fields import CONTEXT_FIELDS

Attributes = dict[str, AttributeValue]

PREFIXES: Final = ("firsttoken.", "gen_ai.")
"""Left out where a field of a context is named in a setting or on a command line: `run.id` is `firsttoken.run.id`."""


NAMESPACES: Final = frozenset({"aws", "error", "exception", "firsttoken", "gen_ai", "http", "openai", "server"})
"""What stands before the first dot of every name of ours and of the conventions, but for `user.` and `session.`, where
others have names too."""


def short_name(attribute: str) -> str:
    """`run.id` for `firsttoken.run.id`."""
    for prefix in PREFIXES:
        attribute = attribute.removeprefix(prefix)
    return attribute


def _fields_by_name() -> dict[str, str]:
    found = {"org_id": "organization_id", "org.id": "organization_id"}
    for field in CONTEXT_FIELDS:
        found |= dict.fromkeys((field.attribute, short_name(field.attribute), field.name), field.name)
    return found


FIELDS: Final[Mapping[str, str]] = _fields_by_name()
"""The field of a context by each of its names: `firsttoken.run.id`, `run.id` and `run_id` are one."""

ATTRIBUTES: Final[Mapping[str, str]] = {field.name: field.attribute for field in CONTEXT_FIELDS}
"""The attribute of each field."""


def attribute_named(name: str) -> str:
    """The attribute of a field by any of its names; any other name is an attribute's already."""
    field = FIELDS.get(name)
    return name if field is None else ATTRIBUTES[field]


def is_reserved(name: str) -> bool:
    """Whether the application may not call something of its own like that."""
    namespace, dot, _ = name.partition(".")
    return (bool(dot) and namespace in NAMESPACES) or name in FIELDS


def context_attributes(context: CallContext) -> Attributes:
    """What a span that belongs to this context carries of it."""
    if context is NOTHING_SAID:
        return {}
    more = {name: value for name, value in context.more.items() if not is_reserved(name)}
    said: dict[str, AttributeValue | None] = {field.attribute: getattr(context, field.name) for field in CONTEXT_FIELDS}
    said[own.CONTEXT_NAMES] = tuple(more)
    return {**more, **{name: value for name, value in said.items() if value is not None and value != ()}}


def read_context(attributes: Mapping[str, object]) -> CallContext:
    """The inverse. A value of the wrong type is unknown; never raises."""
    said: dict[str, object] = {}
    for field in CONTEXT_FIELDS:
        value = attributes.get(field.attribute)
        if field.kind == "strings":
            value = texts(value)
        elif not isinstance(value, str):
            value = None
        if value is not None:
            said[field.name] = value
    more = more_of(attributes, texts(attributes.get(own.CONTEXT_NAMES)) or ())
    return CallContext(**said, more=more) if said or more else NOTHING_SAID  # type: ignore[arg-type]


def more_of(attributes: Mapping[str, object], given: Iterable[str]) -> dict[str, ContextValue]:
    """What the application says beside the fields, under the names that it gave."""
    found = {name: _value(attributes.get(name)) for name in given if not is_reserved(name)}
    return {name: value for name, value in found.items() if value is not None}


def _value(value: object) -> ContextValue | None:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | bool | int) else texts(value)


def texts(value: object) -> tuple[str, ...] | None:
    """None for anything but a list of texts."""
    if not isinstance(value, list | tuple):
        return None
    items = cast("list[object]", value)
    return tuple(cast("list[str]", items)) if items and all(isinstance(item, str) for item in items) else None
