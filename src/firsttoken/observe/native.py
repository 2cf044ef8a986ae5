"""The spans that an SDK makes itself: whether a client makes them, and whether its user asked for them."""

from __future__ import annotations

import os
from typing import Any, Final, NamedTuple

from firsttoken.providers.fields import mapping

SWITCH: Final = "ANTHROPIC_OPEN_TELEMETRY"
CHOICES: Final = frozenset({"tracer_provider", "conversation_id"})
"""Options that only somebody who wants the SDK's spans would set."""


class NativeSpans(NamedTuple):
    """`on`: the client makes spans. `chosen`: its user configured them, so they stay."""

    on: bool
    chosen: bool


def native_spans(client: Any) -> NativeSpans:
    """Read from the client's public `open_telemetry` option (anthropic 1.14 and newer); other clients make none."""
    options = mapping(getattr(client, "open_telemetry", None))
    traces = mapping(options.get("traces"))
    if not traces.get("enabled"):
        return NativeSpans(on=False, chosen=False)
    chosen = (
        traces.get("content_mode") == "content"
        or not CHOICES.isdisjoint(options.keys())
        or bool(os.environ.get(SWITCH, "").strip())
    )
    return NativeSpans(on=True, chosen=chosen)


def propagates(client: Any) -> bool:
    """Whether the client sends its trace context to the provider."""
    return bool(client.open_telemetry.get("propagation"))
