"""An agent that finds a table and books it when a person agrees: python examples/agent_loop.py gpt-4o-mini "For two?"

A model whose name begins with `claude` is asked of Anthropic, any other of OpenAI or a server that speaks like it:
OPENAI_API_KEY, OPENAI_BASE_URL, ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL say where that is.
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from anthropic import Anthropic
from openai import OpenAI

import firsttoken
from firsttoken import StreamAdapter
from firsttoken.adapter import Ask, AskMessage, AskTool, TextDelta, ToolCallAsked, ToolCallComplete

MOST_STEPS = 8


def find_tables(town: str) -> list[str]:
    return [f"18:30 at the harbour, {town}", f"20:00 by the castle, {town}"]


def book_table(table: str) -> str:
    return f"{table} is booked"


def takes(name: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"}}, "required": [name]}


TOOLS = [
    AskTool("find_tables", "Tables that are free tonight.", takes("town")),
    AskTool("book_table", "Books one of them.", takes("table")),
]
WORK: Mapping[str, Callable[..., Any]] = {"find_tables": find_tables, "book_table": book_table}
NEEDS_APPROVAL = {"book_table"}


@firsttoken.agent("concierge")
def answer(adapter: StreamAdapter[Any], model: str, question: str) -> None:
    """One run of the agent: its span has the calls of the model and of the tools below it."""
    messages = [AskMessage("user", question)]
    for _ in range(MOST_STEPS):
        calls, broken = list[ToolCallComplete](), list[str]()
        ask = Ask(model, messages, TOOLS, max_tokens=1024)
        with adapter.stream(ask, needs_approval=NEEDS_APPROVAL) as stream:
            for event in stream:
                match event:
                    case TextDelta():
                        print(event.text, end="", flush=True)
                    case ToolCallComplete(parsed=None):
                        broken.append(event.name)
                    case ToolCallComplete():
                        calls.append(event)
                    case _:
                        pass  # New kinds come with every model. What is not known here can be left alone.
        if not calls and not broken:
            print()
            return
        if calls:
            # Back go the arguments exactly as the model wrote them.
            asked = [ToolCallAsked(call.id or "", call.name, call.arguments) for call in calls]
            messages.append(AskMessage("assistant", stream.result.text, tool_calls=asked))
            messages.extend(done(call) for call in calls)
        if broken:
            # Nobody guesses what was meant. Not every provider takes such a call back, so the model is told in words.
            messages.append(AskMessage("user", f"Arguments of {', '.join(broken)} were no JSON object. Call it again."))
    sys.exit(f"no answer after {MOST_STEPS} steps")


def done(call: ToolCallComplete) -> AskMessage:
    """The result of a tool. Where there is none, the model is told why, and can try something else."""
    if call.needs_approval and not agreed(call):
        return AskMessage("tool", "the user does not want this", tool_call_id=call.id, tool_failed=True)
    try:
        with firsttoken.tool(call.name, call_id=call.id):
            result = WORK[call.name](**(call.parsed or {}))
    except (KeyError, TypeError) as error:
        return AskMessage("tool", f"wrong call: {error}", tool_call_id=call.id, tool_failed=True)
    return AskMessage("tool", json.dumps(result), tool_call_id=call.id)


def agreed(call: ToolCallComplete) -> bool:
    return input(f"{call.name} {call.arguments}? [y/N] ").strip().lower() == "y"


def main() -> None:
    model, *question = sys.argv[1:] or ["gpt-4o-mini"]
    with Anthropic() if model.startswith("claude") else OpenAI() as client:
        answer(StreamAdapter(client), model, " ".join(question) or "Is there a table for two in Ghent tonight?")


if __name__ == "__main__":
    main()
