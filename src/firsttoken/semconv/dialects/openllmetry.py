"""OpenLLMetry (`opentelemetry-instrumentation-openai`, `-anthropic` and others), by its newer and its older names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from firsttoken.semconv import names, own
from firsttoken.semconv.dialects.dialect import Attributes, ByWord, Dialect, Row, Sent, listed
from firsttoken.semconv.dialects.indexed import Json, items_under, json_value, text_of
from firsttoken.semconv.dialects.speech import content_attributes, message, reasoning, tool_call

MARKS: Final = (
    "gen_ai.is_streaming",
    "gen_ai.usage.total_tokens",
    "llm.is_streaming",
    "llm.request.type",
    "llm.usage.total_tokens",
    "traceloop.span.kind",
)
ANTHROPIC_SCOPE: Final = "opentelemetry.instrumentation.anthropic"
STREAM_FLAGS: Final = ("gen_ai.is_streaming", "llm.is_streaming", names.GEN_AI_REQUEST_STREAM)
WRITTEN_IN_ORDER: Final = (
    names.GEN_AI_USAGE_OUTPUT_TOKENS,
    "gen_ai.usage.completion_tokens",
    names.GEN_AI_RESPONSE_MODEL,
)
API_BASE: Final = "gen_ai.openai.api_base"
OPERATION: Final = ByWord({"chat": "chat", "completion": "text_completion", "embedding": "embeddings"})


def _more(sent: Sent) -> dict[str, object]:
    return {**_address(sent.attributes), **_uncounted_output(sent), **_said(sent.attributes)}


def _address(attributes: Attributes) -> dict[str, object]:
    base = attributes.get(API_BASE)
    if not isinstance(base, str):
        return {}
    try:
        parts = urlsplit(base)
        host, port = parts.hostname, parts.port
    except ValueError:
        return {}
    return {name: value for name, value in ((names.SERVER_ADDRESS, host), (names.SERVER_PORT, port)) if value}


def _uncounted_output(sent: Sent) -> dict[str, object]:
    """Of a stream of Anthropic's it adds the count at the start to the count at the end, which holds it already."""
    if sent.scope != ANTHROPIC_SCOPE or not _was_streamed(sent.attributes):
        return {}
    return {names.GEN_AI_REQUEST_STREAM: True, names.GEN_AI_USAGE_OUTPUT_TOKENS: None}


def _was_streamed(attributes: Attributes) -> bool:
    """Its flag is missing where the SDK's `stream` helper was called; there the order gives it away, as only of a
    stream the usage is written before the model."""
    if any(attributes.get(flag) is True for flag in STREAM_FLAGS):
        return True
    written = [name for name in attributes if name in WRITTEN_IN_ORDER]
    return len(written) > 1 and written[-1] == names.GEN_AI_RESPONSE_MODEL


def _said(attributes: Attributes) -> dict[str, object]:
    asked = [_message(item) for item in items_under(attributes, "gen_ai.prompt")]
    answers = items_under(attributes, "gen_ai.completion")
    tools = [
        {"type": "function", "name": name}
        for item in items_under(attributes, "llm.request.functions")
        if (name := text_of(item, "name")) is not None
    ]
    said = content_attributes(asked, [_message(item, "assistant") for item in answers], tools)
    reasons = [reason for item in answers if (reason := text_of(item, "finish_reason")) is not None]
    return {names.GEN_AI_RESPONSE_FINISH_REASONS: reasons, **said} if reasons else said


def _message(item: Mapping[str, Any], role: str = "user") -> Json:
    """Content of several parts is JSON text of a list."""
    content = item.get("content")
    listed = json_value(content) if isinstance(content, str) and content.startswith("[{") else None
    calls = [
        tool_call(call.get("name"), call.get("arguments"), call.get("id")) for call in items_under(item, "tool_calls")
    ]
    thought = text_of(item, "reasoning")
    told = message(
        text_of(item, "role") or role, content if listed is None else listed, calls, text_of(item, "tool_call_id")
    )
    if thought is not None:
        told["parts"].insert(0, reasoning(thought))
    return told


OPENLLMETRY: Final = Dialect(
    "OpenLLMetry",
    scopes=(ANTHROPIC_SCOPE,),
    marks=MARKS,
    rows=(
        Row("llm.request.type", names.GEN_AI_OPERATION_NAME, OPERATION),
        Row("gen_ai.is_streaming", names.GEN_AI_REQUEST_STREAM),
        Row("llm.is_streaming", names.GEN_AI_REQUEST_STREAM),
        Row("gen_ai.request.reasoning_effort", names.GEN_AI_REQUEST_REASONING_LEVEL),
        Row("llm.request.reasoning_effort", names.GEN_AI_REQUEST_REASONING_LEVEL),
        Row("gen_ai.request.max_completion_tokens", names.GEN_AI_REQUEST_MAX_TOKENS),
        Row("gen_ai.request.n", names.GEN_AI_REQUEST_CHOICE_COUNT),
        Row("llm.frequency_penalty", names.GEN_AI_REQUEST_FREQUENCY_PENALTY),
        Row("llm.presence_penalty", names.GEN_AI_REQUEST_PRESENCE_PENALTY),
        Row("llm.top_k", names.GEN_AI_REQUEST_TOP_K),
        Row("llm.chat.stop_sequences", names.GEN_AI_REQUEST_STOP_SEQUENCES),
        Row("gen_ai.usage.reasoning_tokens", names.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
        Row("llm.usage.reasoning_tokens", names.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
        Row("gen_ai.usage.cache_read_input_tokens", names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
        Row("gen_ai.usage.cache_creation_input_tokens", names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),
        Row("gen_ai.openai.system_fingerprint", names.OPENAI_RESPONSE_SYSTEM_FINGERPRINT),
        Row("gen_ai.response.finish_reason", names.GEN_AI_RESPONSE_FINISH_REASONS, listed),
        Row("llm.response.finish_reason", names.GEN_AI_RESPONSE_FINISH_REASONS, listed),
        Row("gen_ai.response.stop_reason", names.GEN_AI_RESPONSE_FINISH_REASONS, listed),
        Row("llm.response.stop_reason", names.GEN_AI_RESPONSE_FINISH_REASONS, listed),
        Row("openai.response.service_tier", own.RESPONSE_SERVICE_TIER),
        Row("gen_ai.user", names.USER_ID),
        Row("llm.user", names.USER_ID),
        Row("traceloop.association.properties.user_id", names.USER_ID),
        Row("traceloop.association.properties.session_id", names.SESSION_ID),
    ),
    more=_more,
    first_chunk="gen_ai.content.completion.chunk",
    content=("gen_ai.prompt.", "gen_ai.completion.", "llm.request.functions."),
)
