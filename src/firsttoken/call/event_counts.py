"""Which events a stream was made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Counts by the provider's own names of events, as far as the stream came."""

    total: int = 0
    by_type: Mapping[str, int] = field(default_factory=dict[str, int])
    """Adds up to the total, where every event has a type. Whole chunks count as one type on a wire without names."""
    last_type: str | None = None
    """The event that came last: for a stream that stopped, the one after which nothing came."""
    unread: int = 0
    """Events that we could not read. They were passed on like any others."""
