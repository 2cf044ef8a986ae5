"""What holds where a call starts: what the application has said, and from the baggage what it lets in."""

from __future__ import annotations

from typing import Final

from opentelemetry import context as otel
from opentelemetry.context import Context

from firsttoken.call import NOTHING_SAID, CallContext
from firsttoken.contexts import baggage

KEY: Final = otel.create_key("firsttoken-context")


def said_in(current: Context) -> CallContext:
    """What the application has said in this context, and nobody else."""
    said = current.get(KEY)
    return said if isinstance(said, CallContext) else NOTHING_SAID


def captured(within: Context | None = None) -> CallContext:
    """The context of a call that starts here: NOTHING_SAID itself where nothing was said."""
    current = otel.get_current() if within is None else within
    said = said_in(current)
    return baggage.taken_in(said, current) if baggage.allowed() else said
