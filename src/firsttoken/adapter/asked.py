"""What translating an Ask has in common on every wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from firsttoken.adapter.ask import Ask, AskMessage, AskTool

CHOICES: Final = frozenset({"auto", "none", "required"})
ANYTHING: Final[Mapping[str, Any]] = {"type": "object", "properties": {}}
"""The parameters of a tool that takes none."""


def arguments_of(ask: Ask, translated: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of it, with the caller's further arguments. Raises ValueError where both say the same."""
    said = {name: value for name, value in translated.items() if value is not None}
    twice = sorted(said.keys() & ask.more.keys())
    if twice:
        raise ValueError(f"the request says {', '.join(twice)} twice: in a field of Ask and in its `more`; keep one")
    return {**said, **ask.more}


def opening_of(messages: Sequence[AskMessage]) -> tuple[list[AskMessage], list[AskMessage]]:
    """The system messages at the start, and all that follows."""
    first = next((number for number, message in enumerate(messages) if message.role != "system"), len(messages))
    return list(messages[:first]), list(messages[first:])


def call_answered(message: AskMessage) -> str:
    """Raises ValueError for the result of a tool that does not say which call it answers."""
    if not message.tool_call_id:
        raise ValueError("a tool message needs `tool_call_id`: the id of the call that it answers")
    return message.tool_call_id


def tool_chosen(ask: Ask) -> str | None:
    """The name of the one tool that must be called. Raises ValueError for a tool that is not offered."""
    choice = ask.tool_choice
    if choice is None or choice in CHOICES:
        return None
    offered = [tool.name for tool in ask.tools]
    if choice not in offered and "tools" not in ask.more:
        known = ", ".join(offered) or "none"
        raise ValueError(f"tool_choice names {choice!r}, which is not among the tools ({known}); offer it in `tools`")
    return choice


def parameters_of(tool: AskTool) -> Mapping[str, Any]:
    return tool.parameters or ANYTHING
