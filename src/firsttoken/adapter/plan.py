"""What one stream is to do, as the application has asked for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from firsttoken.adapter.events import Event
from firsttoken.adapter.wire import AdapterWire


@dataclass(frozen=True, slots=True)
class Plan:
    wire: AdapterWire
    client: Any
    arguments: Mapping[str, Any]
    """The provider's own."""
    needs_approval: Collection[str] = ()
    silence_s: float | None = None
    on_event: Callable[[Event], object] | None = None
    raise_on_empty: bool = False

    @property
    def model(self) -> str | None:
        model = self.arguments.get("model")
        return model if isinstance(model, str) else None
