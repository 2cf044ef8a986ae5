"""What one block says, and what holds inside it: the block over what was said around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from firsttoken.call import CallContext, ContextValue
from firsttoken.contexts.values import MOST, SHORTENED, any_value, bounded_tags, name_of, word, words
from firsttoken.guard import note_drop, troubles
from firsttoken.semconv.context import FIELDS, is_reserved

TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Saying:
    """Empty text takes away what was said around it."""

    ids: Mapping[str, str]
    """By the field of a CallContext."""
    tags: tuple[str, ...] = ()
    more: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])

    def over(self, around: CallContext) -> CallContext:
        """Ids and names of the application's own override, tags add up."""
        changes: dict[str, Any] = {name: value or None for name, value in self.ids.items()}
        if self.tags:
            changes[TAGS] = bounded_tags((*around.tags, *self.tags))
        if self.more:
            merged = {name: value for name, value in {**around.more, **self.more}.items() if value != ""}
            if len(merged) > MOST:
                troubles[SHORTENED] += 1
            changes["more"] = dict(list(merged.items())[:MOST])
        return replace(around, **changes)


def saying(given: Mapping[str, object]) -> Saying:
    """None says nothing. A field may have any of its names. Never raises."""
    ids: dict[str, str] = {}
    more: dict[str, ContextValue] = {}
    tags: tuple[str, ...] = ()
    for name, value in given.items():
        if value is None:
            continue
        known = FIELDS.get(name)
        if known == TAGS:
            tags = words(value) or ()
        elif known is not None:
            if (said := word(value)) is not None:
                ids[known] = said
        elif (own_name := _own_name(name)) is not None and (found := any_value(value)) is not None:
            more[own_name] = found
    return Saying(ids, tags, more)


def _own_name(name: str) -> str | None:
    if is_reserved(name):
        note_drop("take a name of a context", f"{name!r} is a name of the conventions")
        return None
    return name_of(name)
