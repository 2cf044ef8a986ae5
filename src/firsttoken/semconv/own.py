"""Our own names, for what the GenAI semantic conventions lack. docs/telemetry.md is generated from this table.

Everything is under `firsttoken.`; a name that enters the conventions moves out of here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from firsttoken.semconv.metric import Metric


class OwnName(NamedTuple):
    """An attribute or span event of ours: its name, type, unit or values, and meaning."""

    name: str
    type: str
    meaning: str


API: Final = "firsttoken.api"
RUN_ID: Final = "firsttoken.run.id"
STEP_ID: Final = "firsttoken.step.id"
ORGANIZATION_ID: Final = "firsttoken.organization.id"
PROJECT_ID: Final = "firsttoken.project.id"
CALL_TYPE: Final = "firsttoken.call_type"
RETRY_GROUP: Final = "firsttoken.retry_group"
TAGS: Final = "firsttoken.tags"
CONTEXT_NAMES: Final = "firsttoken.context.names"
OUTCOME: Final = "firsttoken.outcome"
TIME_TO_HEADERS: Final = "firsttoken.time_to_headers"
TIME_TO_FIRST_CHUNK: Final = "firsttoken.time_to_first_chunk"
TIME_TO_FIRST_TOKEN: Final = "firsttoken.time_to_first_token"
TIME_TO_LAST_CHUNK: Final = "firsttoken.time_to_last_chunk"
CALL_STARTED: Final = "firsttoken.call.started_unix_ns"
CHUNK_COUNT: Final = "firsttoken.chunk.count"
CHUNK_LARGEST_GAP: Final = "firsttoken.chunk.largest_gap"
STALL_COUNT: Final = "firsttoken.stall.count"
STALL_TIME: Final = "firsttoken.stall.time"
STALL_FIRST: Final = "firsttoken.stall.first"
STALL_LENGTH: Final = "firsttoken.stall.length"
STALL_STAGE: Final = "firsttoken.stall.stage"
PROVIDER_WAIT: Final = "firsttoken.provider_wait"
CONSUMER_WAIT: Final = "firsttoken.consumer_wait"
OUTPUT_TOKENS_PER_SECOND: Final = "firsttoken.output_tokens_per_second"
REQUEST_ID: Final = "firsttoken.response.request_id"
REQUEST_SERVICE_TIER: Final = "firsttoken.request.service_tier"
RESPONSE_SERVICE_TIER: Final = "firsttoken.response.service_tier"
RESPONSE_HIDDEN_REASONING: Final = "firsttoken.response.hidden_reasoning"
RESPONSE_STATUS: Final = "firsttoken.response.status"
RESPONSE_SPEED: Final = "firsttoken.response.speed"
RESPONSE_INFERENCE_GEO: Final = "firsttoken.response.inference_geo"
RESPONSE_COUNTED_TOKENS: Final = "firsttoken.response.counted_tokens"
RESPONSE_EMPTY: Final = "firsttoken.response.empty"
RESPONSE_REPEATED: Final = "firsttoken.response.repeated"
BATCH_REQUESTS: Final = "firsttoken.batch.requests"
BATCH_FAILED: Final = "firsttoken.batch.failed"
USAGE_RAW: Final = "firsttoken.usage.raw"
USAGE_PARTIAL: Final = "firsttoken.usage.partial"
USAGE_CACHE_WRITE_5M: Final = "firsttoken.usage.cache_write_5m.input_tokens"
USAGE_CACHE_WRITE_1H: Final = "firsttoken.usage.cache_write_1h.input_tokens"
USAGE_SIDE_INPUT: Final = "firsttoken.usage.side.input_tokens"
USAGE_SIDE_OUTPUT: Final = "firsttoken.usage.side.output_tokens"
USAGE_WEB_SEARCH: Final = "firsttoken.usage.web_search.requests"
USAGE_WEB_FETCH: Final = "firsttoken.usage.web_fetch.requests"
COST_INPUT: Final = "firsttoken.cost.input"
COST_CACHE_READ: Final = "firsttoken.cost.cache_read"
COST_CACHE_WRITE: Final = "firsttoken.cost.cache_write"
COST_OUTPUT: Final = "firsttoken.cost.output"
COST_TOOLS: Final = "firsttoken.cost.tools"
COST_UNSPLIT: Final = "firsttoken.cost.unsplit"
COST_TOTAL: Final = "firsttoken.cost.total"
COST_CURRENCY: Final = "firsttoken.cost.currency"
COST_SOURCE: Final = "firsttoken.cost.source"
COST_PRICE_DATE: Final = "firsttoken.cost.price_date"
COST_UNPRICED: Final = "firsttoken.cost.unpriced"
RECORD_ORIGINAL_SIZE: Final = "firsttoken.record.original_size"
RATE_REQUESTS_LIMIT: Final = "firsttoken.rate_limit.requests.limit"
RATE_REQUESTS_REMAINING: Final = "firsttoken.rate_limit.requests.remaining"
RATE_REQUESTS_RESET: Final = "firsttoken.rate_limit.requests.reset"
RATE_TOKENS_LIMIT: Final = "firsttoken.rate_limit.tokens.limit"
RATE_TOKENS_REMAINING: Final = "firsttoken.rate_limit.tokens.remaining"
RATE_TOKENS_RESET: Final = "firsttoken.rate_limit.tokens.reset"
RATE_INPUT_LIMIT: Final = "firsttoken.rate_limit.input_tokens.limit"
RATE_INPUT_REMAINING: Final = "firsttoken.rate_limit.input_tokens.remaining"
RATE_INPUT_RESET: Final = "firsttoken.rate_limit.input_tokens.reset"
RATE_OUTPUT_LIMIT: Final = "firsttoken.rate_limit.output_tokens.limit"
RATE_OUTPUT_REMAINING: Final = "firsttoken.rate_limit.output_tokens.remaining"
RATE_OUTPUT_RESET: Final = "firsttoken.rate_limit.output_tokens.reset"
USAGE_KNOWN: Final = "firsttoken.usage.known"
RESPONSE_TRUNCATED: Final = "firsttoken.response.truncated"
CACHE_EFFECT: Final = "firsttoken.cache.effect"
LOST: Final = "firsttoken.lost"
LOST_REASON: Final = "firsttoken.lost.reason"

ERROR_CATEGORY: Final = "firsttoken.error.category"
ERROR_STAGE: Final = "firsttoken.error.stage"
ERROR_CODE: Final = "firsttoken.error.code"
ERROR_RETRY_AFTER: Final = "firsttoken.error.retry_after"
ATTEMPTS: Final = "firsttoken.attempts"
ATTEMPT_FAILED_AFTER: Final = "firsttoken.attempt.failed_after"
ATTEMPT_WAIT: Final = "firsttoken.attempt.wait"
ATTEMPT_NUMBER: Final = "firsttoken.attempt.number"
ATTEMPT_FINAL: Final = "firsttoken.attempt.final"
TRACE_SCHEMA_VERSION: Final = "firsttoken.provider_trace.schema_version"
REQUEST_BYTES: Final = "firsttoken.request.body_bytes"
REQUEST_TEXT_BYTES: Final = "firsttoken.request.text_bytes"
ANSWER_BYTES: Final = "firsttoken.response.body_bytes"
ANSWER_TEXT_BYTES: Final = "firsttoken.response.text_bytes"
LAST_EVENT: Final = "firsttoken.event.last_type"
UNREAD_EVENTS: Final = "firsttoken.event.unread"
NOVELTIES: Final = "firsttoken.novelties"

STEP_NAME: Final = "firsttoken.step.name"
RESPONSE_PIECES: Final = "firsttoken.http.response.pieces"
RESPONSE_BYTES: Final = "firsttoken.http.response.body.bytes"
STREAM_END: Final = "firsttoken.stream.end"

EVENT_ATTEMPT_FAILED: Final = "firsttoken.attempt_failed"
EVENT_CALL_STARTED: Final = "firsttoken.call.started"
EVENT_CALL_PROGRESS: Final = "firsttoken.call.progress"
EVENT_HEADERS: Final = "firsttoken.headers"
EVENT_FIRST_TOKEN: Final = "firsttoken.first_token"
EVENT_STALL: Final = "firsttoken.stall"
EVENT_ERROR: Final = "firsttoken.error"
EVENT_PROVIDER_TRACE: Final = "firsttoken.provider_trace"

ACTIVE_CALLS: Final = Metric("firsttoken.client.active_calls", "up-down counter", "{call}")
CALLS: Final = Metric("firsttoken.client.calls", "counter", "{call}")
CACHE_SAVINGS: Final = Metric("firsttoken.client.cache_savings", "counter", "{currency}")
COST: Final = Metric("firsttoken.client.cost", "counter", "{currency}")
CUT_COST: Final = Metric("firsttoken.client.cut_cost", "counter", "{currency}")
LOSSES: Final = Metric("firsttoken.client.losses", "counter", "{item}")
ERRORS: Final = Metric("firsttoken.client.errors", "counter", "{call}")
STALLS: Final = Metric("firsttoken.client.stalls", "counter", "{stall}")
EMPTY_RESPONSES: Final = Metric("firsttoken.client.empty_responses", "counter", "{call}")
RETRIES: Final = Metric("firsttoken.client.retries", "counter", "{attempt}")
RETRY_TIME: Final = Metric("firsttoken.client.retry_time", "counter", "s")
STREAM_BOUNDS: Final = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 60, 120, 300)
"""Close together where a limit is promised to those who wait: a share below it is exact at a bound alone."""
FIRST_TOKEN_TIME: Final = Metric("firsttoken.client.time_to_first_token", "histogram", "s", STREAM_BOUNDS)
GENERATION_TIME: Final = Metric("firsttoken.client.generation_time", "histogram", "s", STREAM_BOUNDS)
ACTIVE_STREAMS: Final = Metric("firsttoken.server.active_streams", "up-down counter", "{stream}")
STREAM_DURATION: Final = Metric(
    "firsttoken.server.stream.duration",
    "histogram",
    "s",
    (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6),
)
STREAM_ENDS: Final = Metric("firsttoken.server.stream.ends", "counter", "{stream}")
UNPRICED_CALLS: Final = Metric("firsttoken.client.unpriced_calls", "counter", "{call}")

OWN_ATTRIBUTES: Final = (
    OwnName(API, "string", "The wire that carried the call, for example `anthropic.messages`."),
    OwnName(RUN_ID, "string", "The run that the call belongs to, as `firsttoken.context` says. So are the next ones."),
    OwnName(STEP_ID, "string", "The step of it."),
    OwnName(ORGANIZATION_ID, "string", "The organization on whose behalf the call is made."),
    OwnName(PROJECT_ID, "string", "The project likewise."),
    OwnName(CALL_TYPE, "string", "What the call is for, in the application's word."),
    OwnName(
        RETRY_GROUP, "string", "The same for all calls that the application makes in place of one another: its retries."
    ),
    OwnName(TAGS, "string[]", "The application's tags."),
    OwnName(
        CONTEXT_NAMES,
        "string[]",
        "Under which names the application has said more of the call. Each is an attribute of that name beside this one.",
    ),
    OwnName(OUTCOME, "string", "`completed`, `closed`, `abandoned`, `cancelled`, `timed_out` or `failed`."),
    OwnName(TIME_TO_HEADERS, "double, s", "From the start of the call to the headers of the answer that counted."),
    OwnName(TIME_TO_FIRST_CHUNK, "double, s", "From the start to the first chunk, where it is no model's answer."),
    OwnName(TIME_TO_FIRST_TOKEN, "double, s", "From the start to the first chunk with text, reasoning or a tool call."),
    OwnName(TIME_TO_LAST_CHUNK, "double, s", "From the start to the last chunk."),
    OwnName(CHUNK_COUNT, "int", "Chunks handed to the caller."),
    OwnName(CHUNK_LARGEST_GAP, "double, s", "Longest wait for the provider between two neighbouring chunks."),
    OwnName(
        STALL_COUNT, "int", "How often the stream said nothing new for `FIRSTTOKEN_STALL_S`, keep-alives left out."
    ),
    OwnName(STALL_TIME, "double, s", "How long these stalls were in all."),
    OwnName(STALL_FIRST, "double, s", "From the start to the beginning of the first of them."),
    OwnName(PROVIDER_WAIT, "double, s", "Time spent waiting for the provider."),
    OwnName(CONSUMER_WAIT, "double, s", "Time the caller spent between chunks."),
    OwnName(
        OUTPUT_TOKENS_PER_SECOND,
        "double, {token}/s",
        "Output tokens after the first, per second after the first token. Absent where usage is unknown.",
    ),
    OwnName(REQUEST_ID, "string", "The provider's id of the HTTP request, from the response headers."),
    OwnName(REQUEST_SERVICE_TIER, "string", "Service tier asked for, on wires without an `openai.` name for it."),
    OwnName(RESPONSE_SERVICE_TIER, "string", "Service tier that served the call, likewise."),
    OwnName(
        RESPONSE_HIDDEN_REASONING,
        "boolean",
        "Only ever true: the stream showed none of the reasoning that was counted; the rate leaves it out.",
    ),
    OwnName(
        RESPONSE_STATUS, "string", "How far an answer that the provider stores is, on an inference: `queued` or later."
    ),
    OwnName(RESPONSE_SPEED, "string", "Anthropic's speed of the answer, `standard` or `fast`."),
    OwnName(RESPONSE_INFERENCE_GEO, "string", "Where Anthropic computed the answer."),
    OwnName(
        RESPONSE_COUNTED_TOKENS,
        "int, {token}",
        "Input tokens that the provider counted where it was asked for that alone. Not a usage: nobody is billed.",
    ),
    OwnName(
        RESPONSE_EMPTY,
        "string",
        "Only on an answer that ended well without text or a tool call: `no_events`, `no_content` or `only_reasoning`.",
    ),
    OwnName(
        RESPONSE_REPEATED,
        "boolean",
        "Only ever true: these results were read before in this process, and their usage and cost told then.",
    ),
    OwnName(BATCH_REQUESTS, "int, {request}", "Requests of a batch."),
    OwnName(BATCH_FAILED, "int, {request}", "Those of them without an answer: refused, cancelled or expired."),
    OwnName(
        USAGE_RAW,
        "string",
        "The provider's own usage object as JSON, with counts that have no attribute. Left out above 8 KiB.",
    ),
    OwnName(
        ERROR_CATEGORY,
        "string",
        "What kind of error ended the call, in the same words for every provider: `timeout`, `connection`, "
        "`rate_limit`, `quota`, `auth`, `permission`, `not_found`, `context_length`, `bad_request`, `overloaded`, "
        "`server`, `content_filter`, `cancelled` or `unknown`.",
    ),
    OwnName(
        ERROR_STAGE,
        "string",
        "`connect`: before a connection stood; `headers`: after that, before there was an answer to read; "
        "`mid_stream`: after the answer had begun.",
    ),
    OwnName(ERROR_CODE, "string", "The provider's own word for the error, also where it is a number."),
    OwnName(ERROR_RETRY_AFTER, "double, s", "How long the provider asked to wait before another request."),
    OwnName(USAGE_PARTIAL, "boolean", "Only ever true: the stream was cut before the final counts."),
    OwnName(USAGE_CACHE_WRITE_5M, "int, {token}", "The part of cache writes kept for five minutes."),
    OwnName(USAGE_CACHE_WRITE_1H, "int, {token}", "The part of cache writes kept for one hour."),
    OwnName(
        USAGE_SIDE_INPUT,
        "int, {token}",
        "The part of the input that was for other runs of models than the one that answered: compactions, advice, images.",
    ),
    OwnName(USAGE_SIDE_OUTPUT, "int, {token}", "The part of the output that came from such runs."),
    OwnName(USAGE_WEB_SEARCH, "int, {request}", "Web searches that the provider made for the model."),
    OwnName(USAGE_WEB_FETCH, "int, {request}", "Pages that the provider fetched for the model."),
    OwnName(COST_INPUT, "double, currency", "Cost of input tokens that touched no cache."),
    OwnName(COST_CACHE_READ, "double, currency", "Cost of input tokens read from a cache."),
    OwnName(COST_CACHE_WRITE, "double, currency", "Cost of input tokens written to a cache."),
    OwnName(COST_OUTPUT, "double, currency", "Cost of output tokens, reasoning included."),
    OwnName(COST_TOOLS, "double, currency", "Cost of the provider's tools, such as web searches. Absent for none."),
    OwnName(
        COST_UNSPLIT,
        "double, currency",
        "What the provider stated in one amount, for all parts that are absent beside it. Absent for none.",
    ),
    OwnName(COST_TOTAL, "double, currency", "Sum of the parts, and of what is not split."),
    OwnName(COST_CURRENCY, "string", "ISO 4217 code."),
    OwnName(COST_SOURCE, "string", "Where the prices came from, with its version."),
    OwnName(COST_PRICE_DATE, "string", "ISO date as of which the price was known."),
    OwnName(
        COST_UNPRICED,
        "string",
        "Why there is no cost: `unknown_model`, `unknown_tier`, `unknown_tool`, `unknown_modality`, `unknown_usage`, "
        "`unknown_cache`, `partial_usage`, `no_price_list` or `price_error`.",
    ),
    OwnName(RATE_REQUESTS_LIMIT, "int, {request}", "The limit on requests, as the headers of the answer say."),
    OwnName(RATE_REQUESTS_REMAINING, "int, {request}", "What is left of it."),
    OwnName(RATE_REQUESTS_RESET, "double, s", "From the answer until all of it is there again."),
    OwnName(RATE_TOKENS_LIMIT, "int, {token}", "The same of tokens."),
    OwnName(RATE_TOKENS_REMAINING, "int, {token}", "What is left of it."),
    OwnName(RATE_TOKENS_RESET, "double, s", "Until all of it is there again."),
    OwnName(RATE_INPUT_LIMIT, "int, {token}", "The same of input tokens, where they have a limit of their own."),
    OwnName(RATE_INPUT_REMAINING, "int, {token}", "What is left of it."),
    OwnName(RATE_INPUT_RESET, "double, s", "Until all of it is there again."),
    OwnName(RATE_OUTPUT_LIMIT, "int, {token}", "The same of output tokens."),
    OwnName(RATE_OUTPUT_REMAINING, "int, {token}", "What is left of it."),
    OwnName(RATE_OUTPUT_RESET, "double, s", "Until all of it is there again."),
    OwnName(
        RECORD_ORIGINAL_SIZE,
        "int, By",
        "Only where texts of this span or log record were cut because no OTLP message could take it: how large it was.",
    ),
)

OWN_STALL_ATTRIBUTES: Final = (
    OwnName(STALL_LENGTH, "double, s", "How long the stall was, the caller's own time left out."),
    OwnName(STALL_STAGE, "string", "`before_content`, as of a model that still thinks, or `mid_stream`."),
)
"""Those of the event and the counter of stalls."""

OWN_METRIC_ATTRIBUTES: Final = (
    OwnName(
        USAGE_KNOWN,
        "string",
        "What the provider told of the tokens: `final`, `partial` of a stream that was cut, or `none`. Absent where none "
        "were used: for a request that was refused, or an operation without.",
    ),
    OwnName(
        RESPONSE_TRUNCATED,
        "boolean",
        "Only ever true: a limit on tokens, and not the model, ended a choice of the answer.",
    ),
    OwnName(
        CACHE_EFFECT,
        "string",
        "`saved`, or `surcharge` where writing to the cache cost more than reading from it saved.",
    ),
)
"""Those of counters alone: a span says the same in more detail."""

OWN_LOSS_ATTRIBUTES: Final = (
    OwnName(
        LOST, "string", "`calls`, `spans`, `logs`, `metrics` (exports of them) or `contents` (for the content store)."
    ),
    OwnName(LOST_REASON, "string", "`queue_full`, `too_large` or `export_failed`."),
)
"""Those of the counter of losses."""

OWN_EVENT_ATTRIBUTES: Final = (
    OwnName(ATTEMPTS, "list of maps", "On log events: what the span events of the failed attempts say, in order."),
    OwnName(ATTEMPT_FAILED_AFTER, "double, s", "From the start of the call to the failure of this attempt."),
    OwnName(ATTEMPT_WAIT, "double, s", "How long the SDK then meant to wait before the next."),
    OwnName(ATTEMPT_NUMBER, "int", "Which attempt of the call a provider trace is about, from 1."),
    OwnName(ATTEMPT_FINAL, "boolean", "Whether it is the last of its call: what counts calls counts these alone."),
    OwnName(TRACE_SCHEMA_VERSION, "string", "The version of the schema of the provider trace."),
    OwnName(REQUEST_BYTES, "int, By", "The body of the HTTP request."),
    OwnName(ANSWER_BYTES, "int, By", "As much of the body of the answer as came. Unknown for a dropped stream."),
    OwnName(
        REQUEST_TEXT_BYTES, "int, By", "The text that was sent. Known where messages are captured; so too the next."
    ),
    OwnName(ANSWER_TEXT_BYTES, "int, By", "The text that the model wrote."),
    OwnName(LAST_EVENT, "string", "The type of the last event of a stream, in the provider's word."),
    OwnName(UNREAD_EVENTS, "int, {event}", "Events of a stream that we could not read. They were passed on."),
    OwnName(NOVELTIES, "string[]", "What the provider said that firsttoken does not know, such as `event ping2`."),
)
"""Those that stand on events alone: no span and no metric has them."""

OWN_WORK_ATTRIBUTES: Final = (
    OwnName(STEP_NAME, "string", "What is done in a step of an agent."),
    OwnName(RESPONSE_PIECES, "int", "Pieces of an HTTP response of the application's that were sent."),
    OwnName(RESPONSE_BYTES, "int, By", "How long they were together."),
    OwnName(STREAM_END, "string", "On metrics: `completed`, `client_disconnect`, `cancelled` or `error`."),
)
"""Those of spans around the application's own work alone: docs/spans.md."""

OWN_EVENTS: Final = (
    OwnName(EVENT_ATTEMPT_FAILED, "span event", "When an attempt has failed that the SDK follows by another."),
    OwnName(EVENT_HEADERS, "span event", "When the headers of the answer that counted were there."),
    OwnName(EVENT_FIRST_TOKEN, "span event", "At the first chunk with content."),
    OwnName(EVENT_STALL, "span event", "When a stream began to say nothing new for `FIRSTTOKEN_STALL_S`."),
    OwnName(EVENT_ERROR, "span event", "At the failure, with `error.type` and `exception.message`."),
    OwnName(
        EVENT_PROVIDER_TRACE, "span event", "At the end: what the call's provider trace is like, without its content."
    ),
)

OWN_RUNNING_ATTRIBUTES: Final = (
    OwnName(CALL_STARTED, "int, ns", "When the call began, in nanoseconds of the Unix epoch."),
)
"""Beside those of the request and, on progress, how many chunks have come and the time to the first."""

OWN_RUNNING_EVENTS: Final = (
    OwnName(EVENT_CALL_STARTED, "log event", "When a call has run for half a second. Its time is the call's start."),
    OwnName(EVENT_CALL_PROGRESS, "log event", "Every two seconds after that, until the call ends."),
)
"""What is said of a call while it runs."""

OWN_WORK_METRICS: Final = (ACTIVE_STREAMS, STREAM_DURATION, STREAM_ENDS)
"""Those of the application's own work: docs/spans.md."""

OWN_METRICS: Final = (
    ACTIVE_CALLS,
    CACHE_SAVINGS,
    CALLS,
    COST,
    CUT_COST,
    EMPTY_RESPONSES,
    ERRORS,
    GENERATION_TIME,
    LOSSES,
    RETRIES,
    RETRY_TIME,
    STALLS,
    FIRST_TOKEN_TIME,
    UNPRICED_CALLS,
)
