"""What was said, where it travels as one event for each message: the conventions of 1.27 to 1.36."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from firsttoken.call.content import Content
from firsttoken.semconv.dialects.indexed import Json, json_object, text_of
from firsttoken.semconv.dialects.speech import content_attributes, wire_call, wire_message
from firsttoken.semconv.read_messages import objects, read_content

ROLES: Final[Mapping[str, str]] = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
CHOICE: Final = "gen_ai.choice"
EVENT_CONTENT: Final = "gen_ai.event.content"
"""Where a span event has what a log event has as its body."""


class SaidEvent(NamedTuple):
    """An event of a span, on it or in the log. `body` is None where it has none."""

    name: str
    attributes: Mapping[str, Any]
    body: object


def content_of_events(events: Iterable[SaidEvent]) -> Content | None:
    """None where none of them says anything. Never raises."""
    asked: list[Json] = []
    answered: list[Json] = []
    for event in events:
        said = json_object(event.body) or json_object(event.attributes.get(EVENT_CONTENT))
        if event.name in ROLES:
            asked.append(_message(said, ROLES[event.name]))
        elif event.name == CHOICE:
            answered.append(_answer(said))
    return read_content(content_attributes(asked, answered, []))


def _message(said: Mapping[str, Any], role: str) -> Json:
    """What a tool gave names the call by `id` alone."""
    call_id = text_of(said, "id") if role == "tool" else None
    return wire_message(said if call_id is None else {**said, "tool_call_id": call_id}, role)


def _answer(said: Mapping[str, Any]) -> Json:
    """The calls of tools stand in the message, or beside it."""
    message = wire_message(json_object(said.get("message")) or said, "assistant")
    beside = [wire_call(call) for call in objects(said.get("tool_calls"))] if "message" in said else []
    return {**message, "parts": [*message["parts"], *beside]}
