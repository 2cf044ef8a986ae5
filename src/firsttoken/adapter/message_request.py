"""An Ask in the words of Anthropic Messages."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, cast

from firsttoken.adapter.ask import Ask, AskMessage, AskTool, ToolCallAsked
from firsttoken.adapter.asked import arguments_of, call_answered, opening_of, parameters_of, tool_chosen

Block = Mapping[str, Any]
CHOICES: Final = {"auto": "auto", "none": "none", "required": "any"}
COMES_AND_GOES: Final = frozenset({"output_config", "temperature", "top_p"})
"""Arguments that not every version of the SDK has: one of them came, the others went, as the models did."""


def message_arguments(ask: Ask, client: Any) -> dict[str, Any]:
    """Raises ValueError for what cannot be said."""
    if ask.max_tokens is None and "max_tokens" not in ask.more:
        raise ValueError("Anthropic Messages needs a limit for every answer: give Ask(max_tokens=...)")
    opening, rest = opening_of(ask.messages)
    said = arguments_of(
        ask,
        {
            "model": ask.model,
            "max_tokens": ask.max_tokens,
            "system": _system(opening),
            "messages": [*_turns(rest)],
            "tools": [_tool(tool) for tool in ask.tools] or None,
            "tool_choice": _tool_choice(ask),
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "stop_sequences": list(ask.stop) or None,
            "output_config": None if ask.reasoning is None else {"effort": ask.reasoning},
        },
    )
    return _by_this_sdk(said, client.beta.messages if "betas" in said else client.messages)


def _by_this_sdk(said: dict[str, Any], resource: Any) -> dict[str, Any]:
    """What this version of the SDK has no argument for, and some models have, goes in the body all the same."""
    lacking = {name: said.pop(name) for name in COMES_AND_GOES - _parameters(resource.__class__) if name in said}
    return {**said, "extra_body": {**lacking, **said.get("extra_body", {})}} if lacking else said


@functools.cache
def _parameters(resource_class: Any) -> frozenset[str]:
    return frozenset(inspect.signature(resource_class.create).parameters)


def _system(messages: Sequence[AskMessage]) -> str | list[Block] | None:
    """One text as it is; several, or parts, as blocks."""
    if len(messages) == 1 and isinstance(messages[0].content, str):
        return messages[0].content or None
    return [block for message in messages for block in _blocks(message.content)] or None


def _turns(messages: Iterable[AskMessage]) -> Iterator[dict[str, Any]]:
    """Results of tools that follow each other are one turn of the user's, as the API wants them."""
    for role, neighbours in groupby(messages, lambda message: message.role):
        if role == "tool":
            yield {"role": "user", "content": [_result(message) for message in neighbours]}
        else:
            yield from ({"role": role, "content": _content(message)} for message in neighbours)


def _content(message: AskMessage) -> str | list[Block]:
    if not message.tool_calls and isinstance(message.content, str):
        return message.content
    return [*_blocks(message.content), *(_call(call) for call in message.tool_calls)]


def _blocks(content: str | Sequence[Mapping[str, Any]]) -> list[Block]:
    """The API refuses empty texts."""
    if not isinstance(content, str):
        return list(content)
    return [{"type": "text", "text": content}] if content else []


def _call(call: ToolCallAsked) -> Block:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": _input(call)}


def _input(call: ToolCallAsked) -> dict[str, Any]:
    """Nothing is no arguments; anything else has to be an object, and is not mended here."""
    try:
        given: object = json.loads(call.arguments) if call.arguments.strip() else {}
    except (ValueError, RecursionError) as error:
        raise ValueError(_not_an_object(call, str(error))) from error
    if not isinstance(given, dict):
        raise ValueError(_not_an_object(call, f"they are a {type(given).__name__}"))  # noqa: TRY004  as documented
    return cast("dict[str, Any]", given)


def _not_an_object(call: ToolCallAsked, why: str) -> str:
    return (
        f"the arguments of the call {call.id!r} of {call.name!r} are not a JSON object, which Anthropic Messages needs "
        f"({why}); leave the call and its result out, or give the object that was meant"
    )


def _result(message: AskMessage) -> Block:
    failed = {"is_error": True} if message.tool_failed else {}
    content = message.content if isinstance(message.content, str) else list(message.content)
    return {"type": "tool_result", "tool_use_id": call_answered(message), "content": content, **failed}


def _tool(tool: AskTool) -> Block:
    described = {"description": tool.description} if tool.description else {}
    return {"name": tool.name, **described, "input_schema": parameters_of(tool)}


def _tool_choice(ask: Ask) -> Block | None:
    if name := tool_chosen(ask):
        return {"type": "tool", "name": name}
    return None if ask.tool_choice is None else {"type": CHOICES[ask.tool_choice]}
