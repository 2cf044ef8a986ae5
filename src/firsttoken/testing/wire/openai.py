"""Chat Completions: https://platform.openai.com/docs/api-reference/chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from firsttoken.call import Usage
from firsttoken.testing.answer import Answer, ToolCall
from firsttoken.testing.failure import ErrorAnswer
from firsttoken.testing.received import ReceivedRequest
from firsttoken.testing.wire.sse import JsonObject, data_event
from firsttoken.testing.wire.wire import Wire

CREATED_UNIX_S = 1_767_225_600
OBFUSCATION = "aB3dE5gH7jK9mN1p"
DONE = data_event("[DONE]")
ERRORS: Mapping[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "The request could not be understood."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("invalid_request_error", "unsupported_country_region_territory", "Access is not permitted."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached. Please try again shortly."),
    500: ("server_error", None, "The server had an error while processing your request."),
    503: ("service_unavailable_error", None, "That model is currently overloaded with other requests."),
}
"""Status -> type, code, message."""


def whole(answer: Answer, request: ReceivedRequest) -> JsonObject:
    """A `chat.completion` object."""
    reason = finish_reason(answer)
    message = _message(answer, request)
    body = identity(answer, request, "chat.completion")
    body["choices"] = [
        {"index": index, "message": message, "logprobs": None, "finish_reason": reason}
        for index in range(choice_count(request))
    ]
    if answer.usage is not None:
        body["usage"] = usage_object(answer.usage)
    return body


def events(answer: Answer, request: ReceivedRequest) -> tuple[bytes, ...]:
    """Every event of a streamed answer, `[DONE]` included."""
    return (*(data_event(chunk) for chunk in _chunks(answer, request)), DONE)


def error(failed: ErrorAnswer, request: ReceivedRequest) -> JsonObject:
    """The body of an HTTP error, and the data of an error event."""
    kind, code, message = ERRORS.get(failed.status, ERRORS[400 if failed.status < 500 else 500])
    return {
        "error": {
            "message": failed.message or message,
            "type": failed.type or kind,
            "param": failed.param,
            "code": failed.code or code,
        }
    }


def error_event(failed: ErrorAnswer, request: ReceivedRequest) -> bytes:
    """An error in a stream that has begun with status 200: an event whose data has an `error`."""
    return data_event(error(failed, request))


def headers(request: ReceivedRequest) -> Mapping[str, str]:
    return {
        "x-request-id": f"req_{request.serial}",
        "openai-version": "2020-10-01",
        "openai-processing-ms": "42",
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
    }


def usage_object(usage: Usage) -> JsonObject:
    """Counts that are None are left out; `prompt_tokens` includes the cached ones."""
    prompt, completion = usage.input_tokens or 0, usage.output_tokens or 0
    prompt_details: JsonObject = {
        "cached_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "text_tokens": usage.input_text_tokens,
        "image_tokens": usage.input_image_tokens,
        "audio_tokens": usage.input_audio_tokens,
    }
    completion_details: JsonObject = {
        "reasoning_tokens": usage.reasoning_tokens,
        "text_tokens": usage.output_text_tokens,
        "image_tokens": usage.output_image_tokens,
        "audio_tokens": usage.output_audio_tokens,
    }
    counts: JsonObject = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": _known(prompt_details),
        "completion_tokens_details": _known(completion_details),
    }
    return {name: value for name, value in counts.items() if value != {}}


def _chunks(answer: Answer, request: ReceivedRequest) -> Iterator[JsonObject]:
    metered = answer.usage is not None and includes_usage(request)
    head = identity(answer, request, "chat.completion.chunk")
    if metered:
        head["usage"] = None
    for delta, reason in _deltas(answer, request):
        for index in range(choice_count(request)):
            choice: JsonObject = {"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}
            yield _chunk(head, [choice], answer.obfuscated)
    if metered and answer.usage is not None:
        yield _chunk({**head, "usage": usage_object(answer.usage)}, [], answer.obfuscated)


def _chunk(head: JsonObject, choices: list[JsonValue], obfuscated: bool) -> JsonObject:
    """With random-looking text that evens out the length of chunks, where that is asked for."""
    chunk: JsonObject = {**head, "choices": choices}
    if obfuscated:
        chunk["obfuscation"] = OBFUSCATION[: 16 - len(str(choices)) % 16]
    return chunk


def _deltas(answer: Answer, request: ReceivedRequest) -> Iterator[tuple[JsonObject, str | None]]:
    """Each delta with its finish reason: the role, the pieces, and an empty one that ends the choice."""
    yield {"role": "assistant", "content": None if answer.tool_calls else "", "refusal": None}, None
    for piece in answer.reasoning:
        yield {"reasoning_content": piece}, None
    for piece in answer.text:
        yield {"content": piece}, None
    for index, call in enumerate(answer.tool_calls):
        yield {"tool_calls": [{"index": index, **_tool_call(call, index, request, arguments="")}]}, None
        for fragment in call.arguments:
            yield {"tool_calls": [{"index": index, "function": {"arguments": fragment}}]}, None
    yield {}, finish_reason(answer)


def _message(answer: Answer, request: ReceivedRequest) -> JsonObject:
    message: JsonObject = {
        "role": "assistant",
        "content": "".join(answer.text) if answer.text or not answer.tool_calls else None,
        "refusal": None,
        "annotations": [],
    }
    if answer.reasoning:
        message["reasoning_content"] = "".join(answer.reasoning)
    if answer.tool_calls:
        message["tool_calls"] = [
            _tool_call(call, index, request, arguments="".join(call.arguments))
            for index, call in enumerate(answer.tool_calls)
        ]
    return message


def _tool_call(call: ToolCall, index: int, request: ReceivedRequest, *, arguments: str) -> JsonObject:
    return {
        "id": call.id or f"call_{request.serial}{index}",
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def identity(answer: Answer, request: ReceivedRequest, kind: str) -> JsonObject:
    identity: JsonObject = {
        "id": answer.id or f"chatcmpl-{request.serial}",
        "object": kind,
        "created": CREATED_UNIX_S,
        "model": answer.model or request.model or "",
    }
    if answer.service_tier is not None:
        identity["service_tier"] = answer.service_tier
    identity["system_fingerprint"] = answer.system_fingerprint
    return identity


def finish_reason(answer: Answer) -> str:
    if answer.finish_reason is not None:
        return answer.finish_reason
    if answer.truncated:
        return "length"
    return "tool_calls" if answer.tool_calls else "stop"


def choice_count(request: ReceivedRequest) -> int:
    count = request.body.get("n")
    return count if isinstance(count, int) and count > 0 else 1


def includes_usage(request: ReceivedRequest) -> bool:
    options = request.body.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def _known(counts: JsonObject) -> JsonObject:
    return {name: count for name, count in counts.items() if count is not None}


OPENAI = Wire(
    path="/chat/completions",
    needs={"messages": (list,)},
    whole=whole,
    events=events,
    error=error,
    error_event=error_event,
    headers=headers,
)
