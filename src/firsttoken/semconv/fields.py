"""Which attribute carries which field of a Call: the one table that both directions read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from firsttoken.semconv import names, own

Kind = Literal["string", "int", "double", "seconds", "strings", "true"]
"""How a field travels. `seconds` is nanoseconds here and a double there; `true` is sent only when true."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one part of a Call, and the attribute that carries it."""

    attribute: str
    part: Literal[
        "request",
        "parameters",
        "response",
        "usage",
        "timing",
        "call",
        "failure",
        "attempt",
        "context",
        "sizes",
        "events",
        "rate_limits",
    ]
    name: str
    kind: Kind


REQUEST_FIELDS: Final = (
    Field(names.GEN_AI_OPERATION_NAME, "request", "operation", "string"),
    Field(names.GEN_AI_PROVIDER_NAME, "request", "provider", "string"),
    Field(names.GEN_AI_REQUEST_MODEL, "request", "model", "string"),
    Field(names.GEN_AI_REQUEST_STREAM, "request", "stream", "true"),
    Field(names.SERVER_ADDRESS, "request", "server_address", "string"),
    Field(names.SERVER_PORT, "request", "server_port", "int"),
    Field(own.API, "request", "api", "string"),
    Field(names.GEN_AI_REQUEST_MAX_TOKENS, "parameters", "max_tokens", "int"),
    Field(names.GEN_AI_REQUEST_TEMPERATURE, "parameters", "temperature", "double"),
    Field(names.GEN_AI_REQUEST_TOP_P, "parameters", "top_p", "double"),
    Field(names.GEN_AI_REQUEST_TOP_K, "parameters", "top_k", "int"),
    Field(names.GEN_AI_REQUEST_FREQUENCY_PENALTY, "parameters", "frequency_penalty", "double"),
    Field(names.GEN_AI_REQUEST_PRESENCE_PENALTY, "parameters", "presence_penalty", "double"),
    Field(names.GEN_AI_REQUEST_STOP_SEQUENCES, "parameters", "stop_sequences", "strings"),
    Field(names.GEN_AI_REQUEST_SEED, "parameters", "seed", "int"),
    Field(names.GEN_AI_REQUEST_CHOICE_COUNT, "parameters", "choice_count", "int"),
    Field(names.GEN_AI_REQUEST_REASONING_LEVEL, "parameters", "reasoning_level", "string"),
    Field(names.GEN_AI_OUTPUT_TYPE, "parameters", "output_type", "string"),
    Field(names.GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID, "parameters", "previous_response_id", "string"),
    Field(names.GEN_AI_CONVERSATION_ID, "parameters", "conversation_id", "string"),
    Field(names.GEN_AI_REQUEST_STREAM_CURSOR, "parameters", "stream_cursor", "string"),
    Field(names.GEN_AI_REQUEST_ENCODING_FORMATS, "parameters", "encoding_formats", "strings"),
    Field(names.GEN_AI_EMBEDDINGS_DIMENSION_COUNT, "parameters", "dimension_count", "int"),
)

CONTEXT_FIELDS: Final = (
    Field(names.USER_ID, "context", "user_id", "string"),
    Field(names.SESSION_ID, "context", "session_id", "string"),
    Field(names.GEN_AI_AGENT_ID, "context", "agent_id", "string"),
    Field(own.RUN_ID, "context", "run_id", "string"),
    Field(own.STEP_ID, "context", "step_id", "string"),
    Field(own.ORGANIZATION_ID, "context", "organization_id", "string"),
    Field(own.PROJECT_ID, "context", "project_id", "string"),
    Field(own.CALL_TYPE, "context", "call_type", "string"),
    Field(own.RETRY_GROUP, "context", "retry_group", "string"),
    Field(own.TAGS, "context", "tags", "strings"),
)
"""What the application says of a call. Whatever it says beside that goes under its own names: see `context`."""

RESULT_FIELDS: Final = (
    Field(names.GEN_AI_RESPONSE_ID, "response", "id", "string"),
    Field(names.GEN_AI_RESPONSE_MODEL, "response", "model", "string"),
    Field(names.GEN_AI_RESPONSE_FINISH_REASONS, "response", "finish_reasons", "strings"),
    Field(own.REQUEST_ID, "response", "request_id", "string"),
    Field(names.HTTP_RESPONSE_STATUS_CODE, "response", "status_code", "int"),
    Field(names.GEN_AI_CONVERSATION_COMPACTED, "response", "compacted", "true"),
    Field(own.RESPONSE_HIDDEN_REASONING, "response", "hidden_reasoning", "true"),
    Field(own.RESPONSE_SPEED, "response", "speed", "string"),
    Field(own.RESPONSE_INFERENCE_GEO, "response", "inference_geo", "string"),
    Field(names.OPENAI_RESPONSE_SYSTEM_FINGERPRINT, "response", "system_fingerprint", "string"),
    Field(own.RESPONSE_COUNTED_TOKENS, "response", "counted_tokens", "int"),
    Field(own.RESPONSE_EMPTY, "response", "empty", "string"),
    Field(own.RESPONSE_REPEATED, "response", "repeated", "true"),
    Field(own.BATCH_REQUESTS, "response", "batch_requests", "int"),
    Field(own.BATCH_FAILED, "response", "batch_failed", "int"),
    Field(names.GEN_AI_USAGE_INPUT_TOKENS, "usage", "input_tokens", "int"),
    Field(names.GEN_AI_USAGE_OUTPUT_TOKENS, "usage", "output_tokens", "int"),
    Field(names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS, "usage", "cache_read_tokens", "int"),
    Field(names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS, "usage", "cache_write_tokens", "int"),
    Field(own.USAGE_CACHE_WRITE_5M, "usage", "cache_write_5m_tokens", "int"),
    Field(own.USAGE_CACHE_WRITE_1H, "usage", "cache_write_1h_tokens", "int"),
    Field(names.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS, "usage", "reasoning_tokens", "int"),
    Field(names.GEN_AI_USAGE_TEXT_INPUT_TOKENS, "usage", "input_text_tokens", "int"),
    Field(names.GEN_AI_USAGE_TEXT_OUTPUT_TOKENS, "usage", "output_text_tokens", "int"),
    Field(names.GEN_AI_USAGE_IMAGE_INPUT_TOKENS, "usage", "input_image_tokens", "int"),
    Field(names.GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS, "usage", "output_image_tokens", "int"),
    Field(names.GEN_AI_USAGE_AUDIO_INPUT_TOKENS, "usage", "input_audio_tokens", "int"),
    Field(names.GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS, "usage", "output_audio_tokens", "int"),
    Field(own.USAGE_SIDE_INPUT, "usage", "side_input_tokens", "int"),
    Field(own.USAGE_SIDE_OUTPUT, "usage", "side_output_tokens", "int"),
    Field(own.USAGE_WEB_SEARCH, "usage", "web_search_requests", "int"),
    Field(own.USAGE_WEB_FETCH, "usage", "web_fetch_requests", "int"),
    Field(own.USAGE_RAW, "call", "raw_usage", "string"),
    Field(own.USAGE_PARTIAL, "usage", "partial", "true"),
    Field(own.TIME_TO_HEADERS, "timing", "headers_ns", "seconds"),
    Field(own.TIME_TO_FIRST_TOKEN, "timing", "first_token_ns", "seconds"),
    Field(own.TIME_TO_LAST_CHUNK, "timing", "last_chunk_ns", "seconds"),
    Field(own.CHUNK_COUNT, "timing", "chunk_count", "int"),
    Field(own.CHUNK_LARGEST_GAP, "timing", "largest_gap_ns", "seconds"),
    Field(own.STALL_COUNT, "timing", "stall_count", "int"),
    Field(own.STALL_TIME, "timing", "stalled_ns", "seconds"),
    Field(own.STALL_FIRST, "timing", "first_stall_ns", "seconds"),
    Field(own.PROVIDER_WAIT, "timing", "provider_wait_ns", "seconds"),
    Field(own.CONSUMER_WAIT, "timing", "consumer_wait_ns", "seconds"),
    Field(own.OUTCOME, "call", "outcome", "string"),
    Field(names.HTTP_REQUEST_RESEND_COUNT, "call", "resend_count", "int"),
    Field(own.ERROR_CATEGORY, "call", "error_category", "string"),
    Field(own.ERROR_STAGE, "failure", "stage", "string"),
    Field(own.ERROR_CODE, "failure", "code", "string"),
    Field(own.ERROR_RETRY_AFTER, "failure", "retry_after_ns", "seconds"),
)

RATE_LIMIT_FIELDS: Final = (
    Field(own.RATE_REQUESTS_LIMIT, "rate_limits", "requests_limit", "int"),
    Field(own.RATE_REQUESTS_REMAINING, "rate_limits", "requests_remaining", "int"),
    Field(own.RATE_REQUESTS_RESET, "rate_limits", "requests_reset_ns", "seconds"),
    Field(own.RATE_TOKENS_LIMIT, "rate_limits", "tokens_limit", "int"),
    Field(own.RATE_TOKENS_REMAINING, "rate_limits", "tokens_remaining", "int"),
    Field(own.RATE_TOKENS_RESET, "rate_limits", "tokens_reset_ns", "seconds"),
    Field(own.RATE_INPUT_LIMIT, "rate_limits", "input_tokens_limit", "int"),
    Field(own.RATE_INPUT_REMAINING, "rate_limits", "input_tokens_remaining", "int"),
    Field(own.RATE_INPUT_RESET, "rate_limits", "input_tokens_reset_ns", "seconds"),
    Field(own.RATE_OUTPUT_LIMIT, "rate_limits", "output_tokens_limit", "int"),
    Field(own.RATE_OUTPUT_REMAINING, "rate_limits", "output_tokens_remaining", "int"),
    Field(own.RATE_OUTPUT_RESET, "rate_limits", "output_tokens_reset_ns", "seconds"),
)
"""Of the answers that tell of rate limits."""

ATTEMPT_FIELDS: Final = (
    Field(own.ATTEMPT_FAILED_AFTER, "attempt", "failed_ns", "seconds"),
    Field(own.ATTEMPT_WAIT, "attempt", "wait_ns", "seconds"),
    Field(own.ERROR_CATEGORY, "attempt", "category", "string"),
    Field(names.HTTP_RESPONSE_STATUS_CODE, "attempt", "status_code", "int"),
    Field(names.EXCEPTION_TYPE, "attempt", "exception_type", "string"),
    Field(own.ERROR_CODE, "attempt", "code", "string"),
    Field(own.REQUEST_ID, "attempt", "request_id", "string"),
    Field(own.ERROR_RETRY_AFTER, "attempt", "retry_after_ns", "seconds"),
)
"""Of one failed attempt: the attributes of its span event, and its members in the list on the log events."""

TRACE_FIELDS: Final = (
    Field(own.REQUEST_BYTES, "sizes", "request_bytes", "int"),
    Field(own.ANSWER_BYTES, "sizes", "response_bytes", "int"),
    Field(own.REQUEST_TEXT_BYTES, "sizes", "request_text_bytes", "int"),
    Field(own.ANSWER_TEXT_BYTES, "sizes", "response_text_bytes", "int"),
    Field(own.LAST_EVENT, "events", "last_type", "string"),
    Field(own.UNREAD_EVENTS, "events", "unread", "int"),
    Field(own.NOVELTIES, "call", "novelties", "strings"),
)
"""What a provider trace says besides, without content: on its log record, and on its span event."""

INFERENCE_FIELDS: Final = (
    Field(names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, "timing", "first_chunk_ns", "seconds"),
    Field(own.RESPONSE_STATUS, "response", "status", "string"),
)
OTHER_FIELDS: Final = (
    Field(own.TIME_TO_FIRST_CHUNK, "timing", "first_chunk_ns", "seconds"),
    Field(names.GEN_AI_RESPONSE_STATUS, "response", "status", "string"),
)
"""The same fields on an inference and on any other operation: the conventions give each of the two names to one kind
of span alone, and the first chunk of an answer that is merely fetched is nobody's first token."""

OPENAI_TIERS: Final = (
    Field(names.OPENAI_REQUEST_SERVICE_TIER, "parameters", "service_tier", "string"),
    Field(names.OPENAI_RESPONSE_SERVICE_TIER, "response", "service_tier", "string"),
)
OTHER_TIERS: Final = (
    Field(own.REQUEST_SERVICE_TIER, "parameters", "service_tier", "string"),
    Field(own.RESPONSE_SERVICE_TIER, "response", "service_tier", "string"),
)

COST_PARTS: Final = (own.COST_INPUT, own.COST_CACHE_READ, own.COST_CACHE_WRITE, own.COST_OUTPUT, own.COST_TOOLS)
"""In the order of a ledger's parts."""

SPAN_FIELDS: Final = (
    *(*REQUEST_FIELDS, *RESULT_FIELDS, *RATE_LIMIT_FIELDS, *INFERENCE_FIELDS, *OTHER_FIELDS),
    *(*OPENAI_TIERS, *OTHER_TIERS),
)
"""All that the span of a call may carry of it, but for its context."""

HIGHEST_COUNT: Final = 2**53
"""No call used as much, so a count like that is a mistake of its sender, and would spoil every sum that it is in."""


def is_count(field: Field) -> bool:
    """Whether it is one of the counts of a usage, which are from 0 to `HIGHEST_COUNT`, or unknown."""
    return (field.part, field.kind) == ("usage", "int")
