"""What an application says of its calls, on metrics: only what it has listed, and only so many values of it.

Every value of an attribute makes series of its own, in every backend, for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from opentelemetry.util.types import AttributeValue

from firsttoken.call import NOTHING_SAID, CallContext
from firsttoken.guard import log, note_drop
from firsttoken.semconv.context import attribute_named, context_attributes

MOST_VALUES: Final = 100
"""Of each attribute, in one process."""
OTHER: Final = "other"


class ChosenAttributes:
    """Remembers the values that have been. Belongs to the thread that emits."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._values: Mapping[str, set[AttributeValue]] = {attribute_named(name): set() for name in names}

    def of(self, context: CallContext) -> dict[str, AttributeValue]:
        """The listed ones that were said of a call."""
        if not self._values or context is NOTHING_SAID:
            return {}
        said = context_attributes(context)
        return {name: self._bounded(name, seen, said[name]) for name, seen in self._values.items() if name in said}

    def _bounded(self, name: str, seen: set[AttributeValue], value: AttributeValue) -> AttributeValue:
        if value in seen:
            return value
        if len(seen) < MOST_VALUES:
            seen.add(value)
            return value
        if OTHER not in seen:
            seen.add(OTHER)
            log.warning(
                "firsttoken puts %s on metrics with %d values and calls all others %r: list one that has "
                "fewer, or none",
                name,
                MOST_VALUES,
                OTHER,
            )
        note_drop("put a value on metrics", f"{name} has had {MOST_VALUES} values")
        return OTHER
