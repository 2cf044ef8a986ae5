"""What a response puts out: its items, whole or event by event."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from firsttoken.testing.answer import Answer, ToolCall
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.sse import JsonObject

Event = tuple[str, JsonObject]
"""The type of an event, and what it says beside it."""


def items(answer: Answer, request: ReceivedRequest) -> list[JsonValue]:
    """Reasoning as a summary, then the text, then the calls of tools."""
    found: list[JsonValue] = []
    stem = _stem(answer, request)
    if answer.reasoning:
        found.append(_reasoning(stem, "".join(answer.reasoning)))
    if answer.text:
        found.append(_message(stem, "".join(answer.text)))
    found.extend(_call(call, index, stem, "".join(call.arguments)) for index, call in enumerate(answer.tool_calls))
    return found


def streamed_items(answer: Answer, request: ReceivedRequest) -> Iterator[Event]:
    """Each item opens empty, gets its content by deltas, and is said once more whole."""
    parts: list[Iterator[Event]] = []
    stem = _stem(answer, request)
    if answer.reasoning:
        parts.append(_streamed_reasoning(answer, stem))
    if answer.text:
        parts.append(_streamed_message(answer, stem))
    parts.extend(_streamed_call(call, index, stem) for index, call in enumerate(answer.tool_calls))
    for index, part in enumerate(parts):
        for kind, data in part:
            yield kind, {"output_index": index, **data}


def _streamed_reasoning(answer: Answer, stem: str) -> Iterator[Event]:
    text, where = "".join(answer.reasoning), {"item_id": _reasoning_id(stem), "summary_index": 0}
    yield "response.output_item.added", {"item": _reasoning(stem, None)}
    yield "response.reasoning_summary_part.added", {**where, "part": {"type": "summary_text", "text": ""}}
    for piece in answer.reasoning:
        yield "response.reasoning_summary_text.delta", {**where, "delta": piece}
    yield "response.reasoning_summary_text.done", {**where, "text": text}
    yield "response.reasoning_summary_part.done", {**where, "part": {"type": "summary_text", "text": text}}
    yield "response.output_item.done", {"item": _reasoning(stem, text)}


def _streamed_message(answer: Answer, stem: str) -> Iterator[Event]:
    text, where = "".join(answer.text), {"item_id": _message_id(stem), "content_index": 0}
    yield "response.output_item.added", {"item": _message(stem, None)}
    yield "response.content_part.added", {**where, "part": _text_part("")}
    for piece in answer.text:
        yield "response.output_text.delta", {**where, "delta": piece, "logprobs": []}
    yield "response.output_text.done", {**where, "text": text, "logprobs": []}
    yield "response.content_part.done", {**where, "part": _text_part(text)}
    yield "response.output_item.done", {"item": _message(stem, text)}


def _streamed_call(call: ToolCall, index: int, stem: str) -> Iterator[Event]:
    arguments, item_id = "".join(call.arguments), _call_item_id(index, stem)
    opened = _call(call, index, stem, "") | {"status": "in_progress"}
    yield "response.output_item.added", {"item": opened}
    for fragment in call.arguments:
        yield "response.function_call_arguments.delta", {"item_id": item_id, "delta": fragment}
    done: JsonObject = {"item_id": item_id, "arguments": arguments}
    yield "response.function_call_arguments.done", done
    yield "response.output_item.done", {"item": _call(call, index, stem, arguments)}


def _reasoning(stem: str, text: str | None) -> JsonObject:
    summary: list[JsonValue] = [] if text is None else [{"type": "summary_text", "text": text}]
    return {"type": "reasoning", "id": _reasoning_id(stem), "summary": summary}


def _message(stem: str, text: str | None) -> JsonObject:
    content: list[JsonValue] = [] if text is None else [_text_part(text)]
    status = "in_progress" if text is None else "completed"
    return {"type": "message", "id": _message_id(stem), "role": "assistant", "status": status, "content": content}


def _text_part(text: str) -> JsonObject:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _call(call: ToolCall, index: int, stem: str, arguments: str) -> JsonObject:
    return {
        "type": "function_call",
        "id": _call_item_id(index, stem),
        "call_id": call.id or f"call_{stem}{index}",
        "name": call.name,
        "arguments": arguments,
        "status": "completed",
    }


def _reasoning_id(stem: str) -> str:
    return f"rs_{stem}"


def _message_id(stem: str) -> str:
    return f"msg_{stem}"


def _call_item_id(index: int, stem: str) -> str:
    return f"fc_{stem}{index}"


def _stem(answer: Answer, request: ReceivedRequest) -> str:
    """What the ids of the items are made from, so that a scripted id makes the whole answer repeatable."""
    return answer.id or request.serial
