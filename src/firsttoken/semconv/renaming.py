"""Attributes under the names of the conventions that are wanted, and back, through the one table of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from opentelemetry.util.types import AttributeValue

from firsttoken.semconv.older import OLDER_ATTRIBUTES
from firsttoken.settings import Conventions

Attributes = dict[str, AttributeValue]


def named(attributes: Attributes, conventions: Conventions) -> Attributes:
    """Current names are left as they are, older ones come beside them or instead."""
    if conventions == "current":
        return attributes
    wanted = dict(attributes)
    for row in OLDER_ATTRIBUTES:
        value = attributes.get(row.current)
        if value is None:
            continue
        if row.gives_way and conventions == "older":
            del wanted[row.current]
        wanted.setdefault(row.older, cast("AttributeValue", row.to_older(value)))
    return wanted


def currently_named(attributes: Mapping[str, object]) -> Mapping[str, object]:
    """The inverse, forgiving: what has only an older name gets its current one, and no value makes it raise."""
    current = dict(attributes)
    for row in OLDER_ATTRIBUTES:
        value = attributes.get(row.older)
        if value is not None and (row.older == row.current or attributes.get(row.current) is None):
            current[row.current] = row.to_current(value)
    return current
