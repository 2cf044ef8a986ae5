"""Messages of the providers' wires, as other instrumentations tell them, in the words of the conventions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

from firsttoken.semconv import names
from firsttoken.semconv.dialects.indexed import Json, json_value, text_of
from firsttoken.semconv.messages import SIGNATURE, compact


def message(role: str, content: object, calls: Iterable[Json] = (), call_id: str | None = None) -> Json:
    """One turn. `content` is a text, or a list of the wire's parts; with `call_id` it is what a tool gave."""
    if call_id is not None:
        return {"role": role, "parts": [{"type": "tool_call_response", "id": call_id, "response": content}]}
    return {"role": role, "parts": [*parts(content), *calls]}


def parts(content: object) -> list[Json]:
    """The parts that a message's content is made of."""
    if isinstance(content, str):
        return [{"type": "text", "content": content}] if content else []
    if not isinstance(content, list | tuple):
        return []
    return [_part(item) for item in cast("list[object]", content)]


def tool_call(name: object, arguments: object, call_id: object = None) -> Json:
    """A call of a tool. Arguments that are JSON text stand as what they say."""
    said = json_value(arguments)
    named = {} if call_id is None else {"id": call_id}
    return {"type": "tool_call", **named, "name": name, "arguments": arguments if said is None else said}


def wire_call(call: Mapping[str, Any]) -> Json:
    """A tool call as Chat Completions has it, or flattened so that the function's members are its own."""
    function = call.get("function")
    about = cast("Mapping[str, Any]", function) if isinstance(function, Mapping) else call
    return tool_call(about.get("name"), about.get("arguments"), call.get("id"))


def wire_message(sent: Mapping[str, Any], role: str = "") -> Json:
    """A message as Chat Completions has it."""
    calls = sent.get("tool_calls")
    made = [wire_call(call) for call in _mappings(calls)]
    call_id = text_of(sent, "tool_call_id")
    return message(text_of(sent, "role") or role, sent.get("content"), made, call_id)


def content_attributes(asked: list[Json], answered: list[Json], tools: list[Json]) -> dict[str, object]:
    """The attributes of the conventions, as JSON text; none for what there is nothing of."""
    said = {
        names.GEN_AI_INPUT_MESSAGES: asked,
        names.GEN_AI_OUTPUT_MESSAGES: answered,
        names.GEN_AI_TOOL_DEFINITIONS: tools,
    }
    return {name: compact(value) for name, value in said.items() if value}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    inside = cast("list[object]", value) if isinstance(value, list | tuple) else []
    return [cast("Mapping[str, Any]", item) for item in inside if isinstance(item, Mapping)]


def _part(item: object) -> Json:
    if not isinstance(item, Mapping):
        return {"type": "text", "content": item if isinstance(item, str) else compact(item)}
    part = cast("Mapping[str, Any]", item)
    read = READERS.get(str(part.get("type")))
    return (None if read is None else read(part)) or dict(part)


def reasoning(text: str | None, signature: str | None = None) -> Json:
    """What the model thought."""
    return {"type": "reasoning", "content": text or "", **({} if signature is None else {SIGNATURE: signature})}


def picture(uri: str) -> Json:
    """By where it is, or as the data that the address itself holds."""
    head, comma, data = uri.partition(",")
    if head.startswith("data:") and comma:
        mime_type = head.removeprefix("data:").partition(";")[0]
        return {"type": "blob", "modality": "image", "mime_type": mime_type, "content": data}
    return {"type": "uri", "modality": "image", "uri": uri}


def _text(part: Mapping[str, Any]) -> Json:
    return {"type": "text", "content": part.get("text", part.get("content"))}


def _thought(part: Mapping[str, Any]) -> Json:
    return reasoning(text_of(part, "thinking", "text", "content"), text_of(part, "signature"))


def _call(part: Mapping[str, Any]) -> Json:
    return tool_call(part.get("name"), part.get("input", part.get("arguments")), part.get("id"))


def _result(part: Mapping[str, Any]) -> Json:
    given = part.get("content", part.get("response", part.get("output")))
    return {"type": "tool_call_response", "id": part.get("tool_use_id", part.get("id")), "response": given}


def _image(part: Mapping[str, Any]) -> Json | None:
    held = part.get("image_url", part.get("source", part.get("url")))
    uri = text_of(cast("Mapping[str, Any]", held), "url") if isinstance(held, Mapping) else held
    return picture(uri) if isinstance(uri, str) and uri else None


READERS: Final[Mapping[str, Callable[[Mapping[str, Any]], Json | None]]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "thinking": _thought,
    "reasoning": _thought,
    "tool_use": _call,
    "tool_call": _call,
    "function_call": _call,
    "tool_result": _result,
    "tool_call_response": _result,
    "function_call_output": _result,
    "image": _image,
    "image_url": _image,
    "input_image": _image,
}
"""By the words of the wires and of the conventions. None: the part stays as it is."""
