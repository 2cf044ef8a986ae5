"""Messages: https://docs.anthropic.com/en/api/messages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from firsttoken.call import Usage
from firsttoken.testing.answer import Answer, ToolCall
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.sse import JsonObject, named_event
from firsttoken.testing.wire.wire import Wire

PLACEHOLDER_OUTPUT_TOKENS = 1
"""What `message_start` says about the output before there is any."""
PING = named_event("ping", {"type": "ping"})
SIGNATURE = "EqQBCgIYAhIkZmlyc3R0b2tlbi5zeW50aGV0aWMuc2lnbmF0dXJl"
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("invalid_request_error", "The request could not be understood."),
    401: ("authentication_error", "invalid x-api-key"),
    402: ("billing_error", "Your credit balance is too low to access the API."),
    403: ("permission_error", "Your API key does not have permission to use this resource."),
    404: ("not_found_error", "The requested resource could not be found."),
    413: ("request_too_large", "The request exceeds the maximum size."),
    429: ("rate_limit_error", "This request would exceed your rate limit."),
    500: ("api_error", "Internal server error"),
    504: ("timeout_error", "The request timed out."),
    529: ("overloaded_error", "Overloaded"),
}
"""Status -> type, message."""


def whole(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """A `message` object."""
    message = _message(answer, request, content=_blocks(answer, request), stop_reason=_stop_reason(answer))
    if answer.usage is not None:
        message["usage"] = usage_object(answer.usage, answer.service_tier)
    return message


def events(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    """Every event of a streamed answer, `message_stop` included."""
    return tuple(named_event(name, {"type": name, **data}) for name, data in _events(answer, request))


def error(failed: ErrorAnswer, request: ReceivedRequest) -> JsonObject:
    """The body of an HTTP error, and the data of an error event."""
    kind, message = ERRORS.get(failed.status, ERRORS[400 if failed.status < 500 else 500])
    return {
        "type": "error",
        "error": {"type": failed.type or kind, "message": failed.message or message},
        "request_id": f"req_{request.serial}",
    }


def error_event(failed: ErrorAnswer, request: ReceivedRequest) -> bytes:
    """An error in a stream that has begun with status 200: an event named `error`."""
    return named_event("error", error(failed, request))


def headers(request: ReceivedRequest) -> Mapping[str, str]:
    return {
        "request-id": f"req_{request.serial}",
        "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
    }


def usage_object(usage: Usage, service_tier: str | None) -> JsonObject:
    """Counts that are None are left out; `input_tokens` excludes what was read from or written to a cache."""
    counts: JsonObject = {
        **_input_counts(usage),
        "output_tokens": usage.output_tokens or 0,
        **_thinking(usage),
        **_tools(usage),
    }
    if usage.cache_write_tokens is not None:
        counts["cache_creation"] = _cache_creation(usage)
    if service_tier is not None:
        counts["service_tier"] = "standard" if service_tier == "default" else service_tier
    return counts


def _events(answer: Answer, request: ReceivedRequest) -> Iterator[tuple[str, JsonObject]]:
    yield "message_start", {"message": _opening(answer, request)}
    for index, (start, deltas) in enumerate(_streamed_blocks(answer, request)):
        yield "content_block_start", {"index": index, "content_block": start}
        if index == 0:
            yield "ping", {}
        for delta in deltas:
            yield "content_block_delta", {"index": index, "delta": delta}
        yield "content_block_stop", {"index": index}
    ending: JsonObject = {"delta": {"stop_reason": _stop_reason(answer), "stop_sequence": None}}
    if answer.usage is not None:
        ending["usage"] = _final_usage(answer.usage)
    yield "message_delta", ending
    yield "message_stop", {}


def _opening(answer: Answer, request: ReceivedRequest) -> JsonObject:
    message = _message(answer, request, content=[], stop_reason=None)
    if answer.usage is not None:
        usage = usage_object(answer.usage, answer.service_tier)
        usage.pop("output_tokens_details", None)
        message["usage"] = usage | {"output_tokens": PLACEHOLDER_OUTPUT_TOKENS}
    return message


def _streamed_blocks(answer: Answer, request: ReceivedRequest) -> Iterator[tuple[JsonObject, list[JsonObject]]]:
    """Each block as it starts, and its deltas."""
    if answer.reasoning:
        thoughts: list[JsonObject] = [{"type": "thinking_delta", "thinking": piece} for piece in answer.reasoning]
        signed: JsonObject = {"type": "signature_delta", "signature": SIGNATURE}
        yield {"type": "thinking", "thinking": "", "signature": ""}, [*thoughts, signed]
    if answer.text:
        yield {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in answer.text]
    for index, call in enumerate(answer.tool_calls):
        fragments: list[JsonObject] = [
            {"type": "input_json_delta", "partial_json": fragment} for fragment in ("", *call.arguments)
        ]
        yield _tool_use(call, index, request, arguments={}), fragments


def _blocks(answer: Answer, request: ReceivedRequest) -> list[JsonValue]:
    blocks: list[JsonValue] = []
    if answer.reasoning:
        blocks.append({"type": "thinking", "thinking": "".join(answer.reasoning), "signature": SIGNATURE})
    if answer.text:
        blocks.append({"type": "text", "text": "".join(answer.text)})
    blocks.extend(
        _tool_use(call, index, request, arguments=json.loads("".join(call.arguments)))
        for index, call in enumerate(answer.tool_calls)
    )
    return blocks


def _tool_use(call: ToolCall, index: int, request: ReceivedRequest, *, arguments: JsonValue) -> JsonObject:
    return {
        "type": "tool_use",
        "id": call.id or f"toolu_{request.serial}{index}",
        "name": call.name,
        "input": arguments,
    }


def _message(
    answer: Answer, request: ReceivedRequest, *, content: list[JsonValue], stop_reason: str | None
) -> JsonObject:
    return {
        "id": answer.id or f"msg_{request.serial}",
        "type": "message",
        "role": "assistant",
        "model": answer.model or request.model or "",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
    }


def _stop_reason(answer: Answer) -> str:
    if answer.finish_reason is not None:
        return answer.finish_reason
    if answer.truncated:
        return "max_tokens"
    return "tool_use" if answer.tool_calls else "end_turn"


def _final_usage(usage: Usage) -> JsonObject:
    """The cumulative counts at the end of a stream: the only place that has the true output."""
    return {**_input_counts(usage), "output_tokens": usage.output_tokens or 0, **_thinking(usage), **_tools(usage)}


def _input_counts(usage: Usage) -> JsonObject:
    cached = (usage.cache_read_tokens or 0) + (usage.cache_write_tokens or 0)
    counts: JsonObject = {"input_tokens": (usage.input_tokens or 0) - cached}
    if usage.cache_write_tokens is not None:
        counts["cache_creation_input_tokens"] = usage.cache_write_tokens
    if usage.cache_read_tokens is not None:
        counts["cache_read_input_tokens"] = usage.cache_read_tokens
    return counts


def _cache_creation(usage: Usage) -> JsonObject:
    """By how long the cache keeps them; what is not said to be kept for an hour is kept for five minutes."""
    hour = usage.cache_write_1h_tokens or 0
    return {
        "ephemeral_5m_input_tokens": (usage.cache_write_tokens or 0) - hour,
        "ephemeral_1h_input_tokens": hour,
    }


def _thinking(usage: Usage) -> JsonObject:
    if usage.reasoning_tokens is None:
        return {}
    return {"output_tokens_details": {"thinking_tokens": usage.reasoning_tokens}}


def _tools(usage: Usage) -> JsonObject:
    searches, fetches = usage.web_search_requests, usage.web_fetch_requests
    if searches is None and fetches is None:
        return {}
    return {"server_tool_use": {"web_search_requests": searches or 0, "web_fetch_requests": fetches or 0}}


ANTHROPIC = Wire(
    path="/v1/messages",
    needs={"messages": (list,)},
    whole=whole,
    events=events,
    error=error,
    error_event=error_event,
    headers=headers,
)
