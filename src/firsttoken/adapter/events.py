"""What a stream says, in small values that are the same for every provider.

Each carries the SDK's own chunk, unchanged, from which it was read. One chunk may carry several events.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from firsttoken.call import Usage
from firsttoken.call.arguments import as_object


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the answer's text, verbatim."""

    text: str
    chunk: Any = field(repr=False, compare=False)
    choice: int = 0
    """Which of several answers it belongs to, where more than one was asked for."""


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """A piece of the model's reason why it will not answer."""

    text: str
    chunk: Any = field(repr=False, compare=False)
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of what the model thinks, as far as the provider shows it."""

    text: str
    chunk: Any = field(repr=False, compare=False)
    summary: bool = False
    """Whether it is of a summary rather than of the reasoning itself."""
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """The model has begun to call one of the application's tools."""

    index: int
    """The call's place among those of this stream, from 0. The same in every event of one call."""
    id: str | None
    name: str
    needs_approval: bool
    """Whether the application named this tool as one that a person must approve."""
    chunk: Any = field(repr=False, compare=False)
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolArgumentDelta:
    """A piece of the arguments as the model writes them: part of a JSON text."""

    index: int
    arguments: str
    chunk: Any = field(repr=False, compare=False)
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallComplete:
    """The model has written a whole tool call."""

    index: int
    id: str | None
    name: str
    arguments: str
    """As in the result: exactly as the model wrote them, `""` where it wrote nothing. The compact JSON of an object,
    where the wire carries one instead of a text: `{}` for a tool that Anthropic's models call without arguments."""
    valid_json: bool
    needs_approval: bool
    chunk: Any = field(repr=False, compare=False)
    choice: int = 0

    @property
    def parsed(self) -> dict[str, Any] | None:
        """The arguments to run it with: `{}` also where the model wrote none; None where they are no JSON object."""
        return as_object(self.arguments)


@dataclass(frozen=True, slots=True)
class UsageReported:
    """The provider has counted tokens. Counts are of the whole answer so far: the last one holds."""

    usage: Usage
    chunk: Any = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """The model has ended an answer. Usage may still follow."""

    reason: str
    """In the provider's own word."""
    chunk: Any = field(repr=False, compare=False)
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Other:
    """A chunk that says none of the above: a role, a ping, a server tool's progress, an event of a kind not known."""

    kind: str
    """The provider's word for it, or `chunk` where it has none."""
    chunk: Any = field(repr=False, compare=False)


Event = (
    TextDelta
    | RefusalDelta
    | ReasoningDelta
    | ToolCallStarted
    | ToolArgumentDelta
    | ToolCallComplete
    | UsageReported
    | Finished
    | Other
)
