"""On whose behalf a call is made: what the application said of it, captured when the call started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ContextValue = str | bool | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallContext:
    """Ids of the application's own. None means "not said"."""

    user_id: str | None = None
    session_id: str | None = None
    agent_id: str | None = None
    run_id: str | None = None
    step_id: str | None = None
    organization_id: str | None = None
    project_id: str | None = None
    call_type: str | None = None
    """What the call is for, in the application's word: `agent_step`, `summarization`."""
    retry_group: str | None = None
    """The same for all calls that the application makes in place of one another: its own retries and fallbacks."""
    tags: tuple[str, ...] = ()
    more: Mapping[str, ContextValue] = field(default_factory=dict[str, ContextValue])
    """Everything else, by the names that the application gave it."""


NOTHING_SAID: Final = CallContext()
"""Of every call that is made outside of any context."""
