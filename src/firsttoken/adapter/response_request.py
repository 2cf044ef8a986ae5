"""An Ask in the words of OpenAI Responses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from firsttoken.adapter.ask import Ask, AskMessage, AskTool
from firsttoken.adapter.asked import arguments_of, call_answered, opening_of, parameters_of, tool_chosen


def response_arguments(ask: Ask) -> dict[str, Any]:
    """Raises ValueError for what cannot be said."""
    if ask.stop:
        raise ValueError("OpenAI Responses has no stop sequences: leave `stop` out, or use Chat Completions")
    instructions, rest = _opening(ask.messages)
    return arguments_of(
        ask,
        {
            "model": ask.model,
            "instructions": instructions,
            "input": [item for message in rest for item in _items(message)],
            "tools": [_tool(tool) for tool in ask.tools] or None,
            "tool_choice": _tool_choice(ask),
            "max_output_tokens": ask.max_tokens,
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "reasoning": None if ask.reasoning is None else {"effort": ask.reasoning},
        },
    )


def _opening(messages: Sequence[AskMessage]) -> tuple[str | None, Sequence[AskMessage]]:
    """One text that everything begins with is the instructions. Anything else stays where it was."""
    opening, rest = opening_of(messages)
    if len(opening) == 1 and isinstance(opening[0].content, str):
        return opening[0].content or None, rest
    return None, messages


def _items(message: AskMessage) -> Iterator[dict[str, Any]]:
    """The wire has no word for a tool that failed: its result has to say so itself."""
    if message.role == "tool":
        yield {"type": "function_call_output", "call_id": call_answered(message), "output": message.content}
        return
    if message.content or not message.tool_calls:
        yield {"type": "message", "role": message.role, "content": message.content}
    for call in message.tool_calls:
        yield {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": call.arguments}


def _tool(tool: AskTool) -> dict[str, Any]:
    """Not strict, which is what the other wires are where nothing is said, and what any schema allows."""
    described = {"description": tool.description} if tool.description else {}
    return {
        "type": "function",
        "name": tool.name,
        **described,
        "parameters": parameters_of(tool),
        "strict": False,
    }


def _tool_choice(ask: Ask) -> Any:
    name = tool_chosen(ask)
    return ask.tool_choice if name is None else {"type": "function", "name": name}
