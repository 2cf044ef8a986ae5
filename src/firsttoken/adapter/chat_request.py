"""An Ask in the words of Chat Completions."""

from __future__ import annotations

from typing import Any, Final

from firsttoken.adapter.ask import Ask, AskMessage, AskTool
from firsttoken.adapter.asked import arguments_of, call_answered, parameters_of, tool_chosen
from firsttoken.providers.names import Address, ProviderNames, platform_of

NEWER_LIMIT: Final = frozenset({"openai", "azure.ai.openai"})
"""Providers whose reasoning models refuse `max_tokens`. Everybody else knows it, and not all know what replaced it."""

NAMES: Final = ProviderNames()


def chat_arguments(ask: Ask, client: Any) -> dict[str, Any]:
    """Raises ValueError for what cannot be said."""
    return arguments_of(
        ask,
        {
            "model": ask.model,
            "messages": [_message(message) for message in ask.messages],
            "tools": [_tool(tool) for tool in ask.tools] or None,
            "tool_choice": _tool_choice(ask),
            limit_of(client): ask.max_tokens,
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "stop": list(ask.stop) or None,
            "reasoning_effort": ask.reasoning,
        },
    )


def limit_of(client: Any) -> str:
    """`max_completion_tokens` for OpenAI and Azure, `max_tokens` for compatible servers, any on this machine too."""
    url = client.base_url
    provider = platform_of(client) or NAMES.at(Address((url.host or "").lower().rstrip("."), url.port))
    return "max_completion_tokens" if provider in NEWER_LIMIT else "max_tokens"


def _message(message: AskMessage) -> dict[str, Any]:
    """The wire has no word for a tool that failed: its result has to say so itself."""
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": call_answered(message), "content": message.content}
    if not message.tool_calls:
        return {"role": message.role, "content": message.content}
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in message.tool_calls
    ]
    return {"role": message.role, "content": message.content or None, "tool_calls": calls}


def _tool(tool: AskTool) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"type": "function", "function": {"name": tool.name, **described, "parameters": parameters_of(tool)}}


def _tool_choice(ask: Ask) -> Any:
    name = tool_chosen(ask)
    return ask.tool_choice if name is None else {"type": "function", "function": {"name": name}}
