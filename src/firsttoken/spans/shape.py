"""What a span of the application's work says from its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opentelemetry.trace import SpanKind
from opentelemetry.util.types import AttributeValue


@dataclass(frozen=True, slots=True)
class Shape:
    """Made once for all spans of a mark."""

    name: str
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    kind: SpanKind = SpanKind.INTERNAL
    operation: str | None = None
    """`gen_ai.operation.name`, where the conventions have one for it."""
    ids: Mapping[str, object] = field(default_factory=dict[str, object])
    """What is said of every call inside, by the names of `firsttoken.context`."""
    agent: str | None = None
    """The agent at work inside, on an agent's own span."""
