"""What the names of the conventions mean in our signals. Names of our own carry their meaning in semconv/own.py."""

from __future__ import annotations

from typing import Final

from firsttoken.semconv import names, own
from firsttoken.trace.version import EVENT_NAME

ATTRIBUTES: Final = {
    names.GEN_AI_OPERATION_NAME: "What was asked for, for example `chat`.",
    names.GEN_AI_PROVIDER_NAME: "Who answers, for example `openai`; the host's name where it is no known provider.",
    names.GEN_AI_REQUEST_MODEL: "The model that was asked for.",
    names.GEN_AI_REQUEST_STREAM: "Only ever true: the answer was asked for as a stream.",
    names.SERVER_ADDRESS: "The host that the request went to.",
    names.SERVER_PORT: "Its port.",
    names.GEN_AI_REQUEST_MAX_TOKENS: "The most output tokens that the caller allowed.",
    names.GEN_AI_REQUEST_TEMPERATURE: "Sampling temperature, as set by the caller.",
    names.GEN_AI_REQUEST_TOP_P: "Nucleus sampling, as set by the caller.",
    names.GEN_AI_REQUEST_TOP_K: "Top-k sampling, as set by the caller.",
    names.GEN_AI_REQUEST_FREQUENCY_PENALTY: "Frequency penalty, as set by the caller.",
    names.GEN_AI_REQUEST_PRESENCE_PENALTY: "Presence penalty, as set by the caller.",
    names.GEN_AI_REQUEST_STOP_SEQUENCES: "Texts at which the model was told to stop.",
    names.GEN_AI_REQUEST_SEED: "The caller's seed.",
    names.GEN_AI_REQUEST_CHOICE_COUNT: "How many answers were asked for, where it is not one.",
    names.GEN_AI_REQUEST_REASONING_LEVEL: "How much the model was told to reason, in the provider's word.",
    names.GEN_AI_OUTPUT_TYPE: "The kind of output asked for: `text`, `json`, `image` or `speech`.",
    names.GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID: "The answer that the caller goes on from.",
    names.GEN_AI_CONVERSATION_ID: "The conversation, kept by the provider, that the caller named.",
    names.GEN_AI_REQUEST_STREAM_CURSOR: "The event after which a stream is taken up again.",
    names.GEN_AI_REQUEST_ENCODING_FORMATS: "The form that embeddings were asked for in, be it by the SDK: "
    "`float` or `base64`.",
    names.GEN_AI_EMBEDDINGS_DIMENSION_COUNT: "How many dimensions the caller asked for.",
    names.USER_ID: "On whose behalf the call is made, as `firsttoken.context` says. So are the next ones.",
    names.SESSION_ID: "The session of the application's.",
    names.GEN_AI_AGENT_ID: "The agent of the application's.",
    names.OPENAI_API_TYPE: "Which of OpenAI's APIs carried the call, for example `chat_completions`.",
    names.OPENAI_REQUEST_SERVICE_TIER: "Service tier asked for, on OpenAI's wires.",
    names.OPENAI_RESPONSE_SERVICE_TIER: "Service tier that served the call, on OpenAI's wires.",
    names.OPENAI_RESPONSE_SYSTEM_FINGERPRINT: "OpenAI's mark of the configuration that answered.",
    names.GEN_AI_RESPONSE_ID: "The provider's id of the answer.",
    names.GEN_AI_RESPONSE_MODEL: "The model that answered.",
    names.GEN_AI_RESPONSE_FINISH_REASONS: "Why each choice ended; `error` where a reason should have come and did not.",
    names.HTTP_RESPONSE_STATUS_CODE: "Status of the HTTP response that counted.",
    names.HTTP_REQUEST_RESEND_COUNT: "How many times the SDK sent the request again; absent for none.",
    names.GEN_AI_RESPONSE_STATUS: "How far the fetched answer is: `queued`, `in_progress`, `completed` and so on.",
    names.GEN_AI_CONVERSATION_COMPACTED: "Only ever true: the provider shortened the conversation to make room.",
    names.GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK: "From the start of the call to the first event of the stream.",
    names.GEN_AI_USAGE_INPUT_TOKENS: "All input tokens, those of a cache included.",
    names.GEN_AI_USAGE_OUTPUT_TOKENS: "All output tokens, reasoning included.",
    names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: "The part of the input that was read from a cache.",
    names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS: "The part of the input that was written to a cache.",
    names.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS: "The part of the output that was reasoning.",
    names.GEN_AI_USAGE_TEXT_INPUT_TOKENS: "The part of the input that was text.",
    names.GEN_AI_USAGE_TEXT_OUTPUT_TOKENS: "The part of the output that was text.",
    names.GEN_AI_USAGE_IMAGE_INPUT_TOKENS: "The part of the input that was images.",
    names.GEN_AI_USAGE_IMAGE_OUTPUT_TOKENS: "The part of the output that was images.",
    names.GEN_AI_USAGE_AUDIO_INPUT_TOKENS: "The part of the input that was audio.",
    names.GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS: "The part of the output that was audio.",
    names.ERROR_TYPE: "The provider's error code where it gave one, else the exception's name. Absent on success.",
    names.GEN_AI_TOKEN_MODALITY: "`audio`, `image` or `text` where the provider counts them apart, else `unknown`.",
    names.EXCEPTION_TYPE: "The exception's qualified name.",
    names.EXCEPTION_MESSAGE: "Its message, bounded in length and without anything that looks like a credential.",
    names.EXCEPTION_STACKTRACE: "Its traceback.",
}

METRICS: Final = {
    names.GEN_AI_CLIENT_INFERENCE_DURATION.name: "From the start of a call to its last byte, or to its failure or end.",
    names.GEN_AI_CLIENT_OPERATION_DURATION.name: "The same for embeddings, and for fetching an answer.",
    names.GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK.name: "Streams only: from the start to the first chunk.",
    names.GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK.name: "Streams only: one value per chunk after the first, "
    "the time since the chunk before it.",
    names.GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS.name: "All input tokens, those of a cache included.",
    names.GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS.name: "All output tokens, reasoning included.",
    names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_READ_INPUT_TOKENS.name: "Input tokens read from a cache.",
    names.GEN_AI_CLIENT_INFERENCE_USAGE_CACHE_WRITE_INPUT_TOKENS.name: "Input tokens written to a cache.",
    names.GEN_AI_CLIENT_INFERENCE_USAGE_REASONING_OUTPUT_TOKENS.name: "Output tokens that were reasoning.",
    names.GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS.name: "Input tokens per call, for percentiles.",
    names.GEN_AI_CLIENT_INFERENCE_OPERATION_OUTPUT_TOKENS.name: "Output tokens per call, for percentiles.",
    own.ACTIVE_CALLS.name: "Calls that have begun and not ended, by what is known of their requests: the operation, "
    "the provider, the model and the server.",
    own.CALLS.name: "Calls that ended, by how they did, and by the currency of their cost where they have a price.",
    own.CACHE_SAVINGS.name: "What calls would have cost without a cache, less what they did cost: the difference of "
    "its two effects. Of priced calls that used one, where it is known.",
    own.COST.name: "Sum of the calls that have a price.",
    own.CUT_COST.name: "What the tokens cost that had been reported of streams that were cut: a lower bound, and no "
    "part of the cost.",
    own.FIRST_TOKEN_TIME.name: "Streams only: from the start to the first chunk with text, reasoning or a tool call.",
    own.GENERATION_TIME.name: "Streams only: from there to the last chunk.",
    own.ERRORS.name: "Calls that failed or timed out, by what kind of error it was: what an alert should ask for.",
    own.EMPTY_RESPONSES.name: "Answers that ended well and had neither text nor a tool call, by what they had instead.",
    own.STALLS.name: "How often streams said nothing new for `FIRSTTOKEN_STALL_S`. Counted while a stall lasts, once.",
    own.LOSSES.name: "What of this process was to be delivered and was not: 0 from the start for what it can lose.",
    own.RETRIES.name: "Attempts that failed and that the SDK followed by another, by the same kinds. They are seen "
    "before anything fails.",
    own.RETRY_TIME.name: "What these attempts took, with the wait before the next.",
    own.UNPRICED_CALLS.name: "Calls whose cost is unknown. Never part of the cost.",
}

LOG_EVENTS: Final = {
    names.EVENT_GEN_AI_CLIENT_INFERENCE_OPERATION_DETAILS: "At the end of every call but embeddings and fetches.",
    names.EVENT_GEN_AI_CLIENT_OPERATION_EXCEPTION: "At the end of a call that failed.",
    EVENT_NAME: "At the end of every call, one for each attempt: its [provider trace](provider-traces.md).",
}
