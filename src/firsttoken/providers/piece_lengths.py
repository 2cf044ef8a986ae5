"""How many characters one chunk of a stream says: of text, reasoning or the arguments of a tool. One function for each
wire; all run on the caller's path where content is captured, and may raise over a chunk that no SDK makes.
"""

from __future__ import annotations

from typing import Any, Final

from firsttoken.plain import members_of
from firsttoken.providers.fields import get, items

CHAT_MEMBERS: Final = ("content", "refusal", "reasoning_content", "reasoning")
MESSAGE_MEMBERS: Final = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
RESPONSE_EVENTS: Final = frozenset(
    {
        "response.output_text.delta",
        "response.refusal.delta",
        "response.reasoning_text.delta",
        "response.reasoning_summary_text.delta",
        "response.function_call_arguments.delta",
    }
)


def chat_length(chunk: Any) -> int:
    return sum(_delta_length(members_of(choice).get("delta")) for choice in items(members_of(chunk).get("choices")))


def message_length(event: Any) -> int:
    delta = members_of(members_of(event).get("delta"))
    return _length(delta.get(MESSAGE_MEMBERS.get(str(delta.get("type")), "")))


def response_length(event: Any) -> int:
    said = members_of(event)
    return _length(said.get("delta")) if said.get("type") in RESPONSE_EVENTS else 0


def _delta_length(delta: Any) -> int:
    said = members_of(delta)
    texts = sum(_length(said.get(name)) for name in CHAT_MEMBERS)
    return texts + sum(_length(get(call, "function", "arguments")) for call in items(said.get("tool_calls")))


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else 0
