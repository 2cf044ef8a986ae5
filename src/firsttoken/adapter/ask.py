"""A request in words that every wire understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ToolChoice = Literal["auto", "none", "required"]


@dataclass(frozen=True, slots=True)
class ToolCallAsked:
    """A tool call that the model made in an earlier turn, as it is given back to it."""

    id: str
    name: str
    arguments: str
    """The JSON text that the model wrote."""


@dataclass(frozen=True, slots=True)
class AskMessage:
    """One turn. `content` is text, or parts in the provider's own form, which are handed on as they are."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str | Sequence[Mapping[str, Any]] = ""
    tool_calls: Sequence[ToolCallAsked] = ()
    """Of an assistant's turn."""
    tool_call_id: str | None = None
    """Of a tool's turn: the call that it answers."""
    tool_failed: bool = False


@dataclass(frozen=True, slots=True)
class AskTool:
    """A function that the model may call."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """A JSON schema of an object."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What most requests say. None means "not said": the provider's default holds."""

    model: str
    messages: Sequence[AskMessage]
    tools: Sequence[AskTool] = ()
    tool_choice: ToolChoice | str | None = None
    """One of the three words, or the name of the tool to call."""
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: Sequence[str] = ()
    reasoning: str | None = None
    """How much to reason, in the provider's word: `low`, `medium`, `high`."""
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further arguments of the provider's own, added as they are."""

    def __post_init__(self) -> None:
        if isinstance(self.stop, str):
            raise TypeError(f"stop={self.stop!r} is one text, and would be its letters: give [{self.stop!r}]")
