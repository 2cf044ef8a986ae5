"""What a span of the application's work says from its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from opentelemetry.trace import SpanKind
from opentelemetry.util.types import AttributeValue

from firsttoken.contexts.block import NOTHING
from firsttoken.contexts.saying import Saying


@dataclass(frozen=True, slots=True)
class Shape:
    """Made once for all spans of a mark."""

    name: str
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    kind: SpanKind = SpanKind.INTERNAL
    operation: str | None = None
    """`gen_ai.operation.name`, where the conventions have one for it."""
    said: Saying = NOTHING
    """Of every call inside, as `firsttoken.context` would."""
    agent: str | None = None
    """The agent at work inside, on an agent's own span."""
    arguments: object = None
    """What a tool is given, where a block says it."""
