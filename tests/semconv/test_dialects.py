"""A call is the same call, in whichever words another instrumentation tells of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_round_trip import ATTRIBUTES, JSON_GARBAGE

from firsttoken.call import Call, Category, Ledger, Outcome, Unpriced
from firsttoken.call.content import Message, Reasoning, Text, ToolCall, ToolResponse
from firsttoken.semconv import names, own
from firsttoken.semconv.dialects import DIALECTS, Moment, Sent, currently_named, dialect_of, kept
from firsttoken.semconv.read import SpanFacts, is_call, read_call
from firsttoken.semconv.read_messages import read_content

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"}
OPENLLMETRY = "opentelemetry.instrumentation.openai.v1"
OPENLLMETRY_ANTHROPIC = "opentelemetry.instrumentation.anthropic"
NATIVE = "com.anthropic.sdk.python"
UTIL = "opentelemetry.util.genai.handler"


def read(
    attributes: Mapping[str, Any], scope: str = "", *moments: Moment, message: str = "", error: bool = False
) -> Call:
    sent = Sent(attributes, scope, moments, message)
    return read_call(SpanFacts(currently_named(sent), 1, 10**9, is_error=error, status_message=message))


def messages_of(attributes: Mapping[str, Any], scope: str = "") -> tuple[Any, Any]:
    content = read_content(currently_named(Sent(attributes, scope)))
    assert content is not None
    return content.input, content.output


def test_our_own_spans_are_left_as_they_are() -> None:
    assert currently_named(Sent(CHAT, "firsttoken")) is CHAT


def test_a_span_that_tells_of_no_model_is_left_as_it_is() -> None:
    attributes = {"http.request.method": "POST", "server.address": "api.openai.com"}
    assert currently_named(Sent(attributes, "opentelemetry.instrumentation.httpx")) is attributes


def test_openllmetry_is_read_by_its_names_of_before_2025() -> None:
    call = read(
        {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.response.model": "gpt-4o-2024-08-06",
            "llm.is_streaming": True,
            "gen_ai.openai.api_base": "https://llm.example.com:8443/v1/",
            "gen_ai.usage.prompt_tokens": 120,
            "gen_ai.usage.completion_tokens": 7,
            "llm.usage.total_tokens": 127,
            "gen_ai.usage.cache_read_input_tokens": 100,
            "llm.usage.reasoning_tokens": 3,
            "llm.frequency_penalty": 0.5,
            "llm.user": "u1",
            "traceloop.association.properties.session_id": "s1",
            "gen_ai.completion.0.finish_reason": "length",
        },
        OPENLLMETRY,
    )
    assert call.usage is not None
    assert (call.request.operation, call.request.provider, call.request.stream) == ("chat", "openai", True)
    assert (call.request.server_address, call.request.server_port) == ("llm.example.com", 8443)
    assert (call.usage.input_tokens, call.usage.output_tokens) == (120, 7)
    assert (call.usage.cache_read_tokens, call.usage.reasoning_tokens) == (100, 3)
    assert (call.response.model, call.response.finish_reasons) == ("gpt-4o-2024-08-06", ("length",))
    assert call.request.parameters.frequency_penalty == 0.5
    assert (call.request.context.user_id, call.request.context.session_id) == ("u1", "s1")


@pytest.mark.parametrize(("kind", "operation"), [("completion", "text_completion"), ("embedding", "embeddings")])
def test_the_type_of_a_request_is_its_operation(kind: str, operation: str) -> None:
    assert read({"llm.request.type": kind, "gen_ai.system": "Cohere"}).request.operation == operation


@pytest.mark.parametrize(
    "attributes",
    [
        {"traceloop.span.kind": "workflow", "traceloop.entity.name": "plan"},
        {"traceloop.span.kind": "tool", "gen_ai.system": "Langchain"},
        {"llm.request.type": "rerank", "gen_ai.system": "Cohere"},
        {"openinference.span.kind": "CHAIN", "input.value": "{}"},
        {"openinference.span.kind": "TOOL", "tool.name": "f"},
        {"openinference.span.kind": "AGENT", "llm.model_name": "gpt-4o"},
        {"langsmith.span.kind": "chain", "gen_ai.operation.name": "chat", "gen_ai.system": "langchain"},
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.system": "openai"},
        {"gen_ai.system": "openai", "gen_ai.tool.name": "f"},
    ],
    ids=str,
)
def test_what_is_no_call_of_a_model_stays_an_ordinary_span(attributes: dict[str, Any]) -> None:
    assert not is_call(currently_named(Sent(attributes)))


def test_openllmetrys_messages_are_content() -> None:
    asked, answered = messages_of(
        {
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": '[{"type": "text", "text": "What is on it?"}, '
            '{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]',
            "gen_ai.prompt.1.role": "assistant",
            "gen_ai.prompt.1.tool_calls.0.id": "c1",
            "gen_ai.prompt.1.tool_calls.0.name": "look",
            "gen_ai.prompt.1.tool_calls.0.arguments": '{"at": "it"}',
            "gen_ai.prompt.2.role": "tool",
            "gen_ai.prompt.2.content": "A boat.",
            "gen_ai.prompt.2.tool_call_id": "c1",
            "gen_ai.prompt.10.role": "user",
            "gen_ai.prompt.10.content": "And?",
            "gen_ai.completion.0.content": "A boat.",
            "gen_ai.completion.0.reasoning": "It floats.",
        }
    )
    picture, call, result, last = asked
    assert [type(part).__name__ for part in picture.parts] == ["Text", "Media"]
    assert call.parts == (ToolCall("look", '{"at":"it"}', valid_json=True, id="c1"),)
    assert result == Message("tool", (ToolResponse((Text("A boat."),), "c1"),))
    assert last == Message("user", (Text("And?"),))
    assert answered == (Message("assistant", (Reasoning("It floats."), Text("A boat."))),)


@pytest.mark.parametrize(
    "told",
    [
        {"gen_ai.is_streaming": True, "gen_ai.usage.output_tokens": 9, "gen_ai.response.model": "m"},
        {"gen_ai.usage.output_tokens": 9, "gen_ai.response.model": "m"},
    ],
)
def test_the_output_that_openllmetry_counts_for_a_stream_of_anthropics_is_unknown(told: dict[str, Any]) -> None:
    """It adds what the start and the end of the stream say, and the end says it all."""
    call = read(CHAT | {"gen_ai.usage.input_tokens": 5} | told, OPENLLMETRY_ANTHROPIC)
    assert call.usage is not None
    assert (call.usage.input_tokens, call.usage.output_tokens, call.request.stream) == (5, None, True)


def test_the_output_that_openllmetry_counts_for_a_whole_message_is_known() -> None:
    told = {"gen_ai.response.model": "m", "gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 9}
    call = read(CHAT | told, OPENLLMETRY_ANTHROPIC)
    assert call.usage is not None
    assert (call.usage.output_tokens, call.request.stream) == (9, False)


def test_openinference_is_read() -> None:
    call = read(
        {
            "openinference.span.kind": "LLM",
            "llm.provider": "anthropic",
            "llm.model_name": "claude-sonnet-4-5-20250929",
            "llm.request.model_name": "claude-sonnet-4-5",
            "llm.invocation_parameters": '{"max_tokens": 64, "temperature": 0.5, "stream": true}',
            "llm.token_count.prompt": 120,
            "llm.token_count.completion": 7,
            "llm.token_count.prompt_details.cache_write": 100,
            "llm.token_count.completion_details.reasoning": 3,
            "llm.finish_reason": "end_turn",
            "output.mime_type": "application/json",
            "output.value": json.dumps(
                {
                    "id": "msg_1",
                    "stop_reason": "end_turn",
                    "usage": {
                        "service_tier": "priority",
                        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 100},
                        "server_tool_use": {"web_search_requests": 2},
                    },
                }
            ),
        },
        "openinference.instrumentation.anthropic",
        Moment("First Token Stream Event", 0.25, {}),
    )
    assert call.usage is not None
    assert (call.request.provider, call.request.model, call.request.stream) == ("anthropic", "claude-sonnet-4-5", True)
    assert (call.response.id, call.response.model) == ("msg_1", "claude-sonnet-4-5-20250929")
    assert (call.usage.input_tokens, call.usage.output_tokens, call.usage.reasoning_tokens) == (120, 7, 3)
    assert (call.usage.cache_write_5m_tokens, call.usage.cache_write_1h_tokens) == (0, 100)
    assert (call.usage.cache_read_tokens, call.usage.web_search_requests) == (None, 2)
    assert (call.request.parameters.max_tokens, call.request.parameters.temperature) == (64, 0.5)
    assert (call.response.service_tier, call.response.finish_reasons) == ("priority", ("end_turn",))
    assert call.timing.first_chunk_ns == 250_000_000


def test_a_call_that_got_no_answer_has_no_model_that_answered() -> None:
    call = read({"openinference.span.kind": "LLM", "llm.system": "openai", "llm.model_name": "gpt-4o"})
    assert (call.request.model, call.response.model, call.usage) == ("gpt-4o", None, None)


def test_the_output_of_a_message_that_broke_off_is_unknown_and_not_that_of_its_start() -> None:
    call = read(
        {
            "openinference.span.kind": "LLM",
            "llm.token_count.prompt": 5,
            "llm.token_count.completion": 1,
            "output.value": '{"id": "msg_1", "stop_reason": null}',
        }
    )
    assert call.usage is not None
    assert (call.usage.partial, call.usage.input_tokens, call.usage.output_tokens) == (True, 5, None)


def test_openinferences_messages_are_content_and_are_not_kept_twice() -> None:
    attributes: dict[str, Any] = {
        "openinference.span.kind": "LLM",
        "metadata": "{}",
        "input.value": "{}",
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.contents.0.message_content.type": "text",
        "llm.input_messages.0.message.contents.0.message_content.text": "Rain?",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.contents.0.message_content.type": "reasoning",
        "llm.output_messages.0.message.contents.0.message_content.text": "Hm.",
        "llm.output_messages.0.message.contents.0.message_content.signature": "s",
        "llm.output_messages.0.message.contents.1.message_content.type": "tool_use",
        "llm.output_messages.0.message.contents.1.tool_call.id": "t1",
        "llm.output_messages.0.message.tool_calls.0.tool_call.id": "t1",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": "{}",
        "llm.tools.0.tool.json_schema": '{"type": "function", "function": {"name": "look"}}',
    }
    asked, answered = messages_of(attributes)
    assert asked == (Message("user", (Text("Rain?"),)),)
    thought, call = answered[0].parts
    assert (thought, call) == (Reasoning("Hm.", signature="s"), ToolCall("look", "{}", valid_json=True, id="t1"))
    sent = Sent(attributes)
    assert {"openinference.span.kind", "metadata"} == kept(sent, currently_named(sent)).keys() & attributes.keys()


def test_what_was_embedded_is_content_and_its_vector_is_not_kept() -> None:
    attributes: dict[str, Any] = {
        "openinference.span.kind": "EMBEDDING",
        "embedding.model_name": "e",
        "embedding.embeddings.0.embedding.text": "Harbour",
        "embedding.embeddings.0.embedding.vector": [0.5] * 64,
    }
    sent = Sent(attributes)
    named = currently_named(sent)
    content = read_content(named)
    assert content is not None
    assert content.input == (Message("user", (Text("Harbour"),)),)
    assert not [name for name in kept(sent, named) if "vector" in name]


def test_anthropics_own_spans_say_more_than_the_conventions_do() -> None:
    call = read(
        CHAT
        | {
            "gen_ai.provider.name": "anthropic",
            "anthropic.message.stop_reason": "tool_use",
            "anthropic.request.id": "req_1",
            "anthropic.response.service_tier": "batch",
            "anthropic.usage.cache_creation.ephemeral_1h_input_tokens": 4,
            "gen_ai.usage.input_tokens": 9,
        },
        NATIVE,
    )
    assert call.usage is not None
    assert (call.response.finish_reasons, call.response.request_id) == (("tool_use",), "req_1")
    assert (call.response.service_tier, call.usage.cache_write_1h_tokens) == ("batch", 4)
    assert (call.usage.output_tokens, call.usage.partial) == (None, True)


def test_anthropics_counting_of_tokens_is_a_call_of_its_own_kind() -> None:
    route = {"http.route": "/v1/messages/count_tokens", "anthropic.message.count_tokens.input_tokens": 12}
    call = read({"gen_ai.provider.name": "anthropic", **route}, NATIVE)
    assert (call.request.operation, call.response.counted_tokens, call.usage) == ("count_tokens", 12, None)


@pytest.mark.parametrize(
    ("prompt", "more", "cost"),
    [
        (1_023, {}, None),
        (1_024, {}, Unpriced("unknown_cache")),
        (1_024, {"gen_ai.usage.cache_read.input_tokens": 0}, None),
        (1_024, {"gen_ai.operation.name": "embeddings"}, None),
    ],
)
def test_a_prompt_that_may_have_been_cached_unseen_has_no_price(prompt: int, more: dict[str, Any], cost: Any) -> None:
    assert read(CHAT | {"gen_ai.usage.input_tokens": prompt} | more, UTIL).cost == cost


def test_why_a_stream_ended_is_read_from_its_messages() -> None:
    said = '[{"role": "assistant", "parts": [], "finish_reason": "length"}]'
    assert read(CHAT | {"gen_ai.output.messages": said}, UTIL).response.finish_reasons == ("length",)


def test_pydantic_ais_details_and_events_are_read() -> None:
    attributes: dict[str, Any] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "google-gla",
        "gen_ai.usage.input_tokens": 20,
        "gen_ai.usage.details.cache_read_tokens": 8,
        "operation.cost": 0.25,
        "events": json.dumps(
            [
                {"event.name": "gen_ai.system.message", "content": "Be brief."},
                {"event.name": "gen_ai.user.message", "role": "user", "content": "Rain?"},
                {"event.name": "gen_ai.choice", "index": 0, "message": {"role": "assistant", "content": "No."}},
            ]
        ),
    }
    call = read(attributes, "pydantic-ai")
    assert call.usage is not None
    assert isinstance(call.cost, Ledger)
    assert (call.request.provider, call.usage.cache_read_tokens, str(call.cost.total)) == ("gcp.gemini", 8, "0.25")
    asked, answered = messages_of(attributes, "pydantic-ai")
    assert [message.role for message in asked] == ["system", "user"]
    assert answered == (Message("assistant", (Text("No."),)),)


def test_langsmiths_spans_of_models_are_calls() -> None:
    attributes = {
        "langsmith.span.kind": "LLM",
        "gen_ai.operation.name": "chat",
        "gen_ai.system": "openai",
        "gen_ai.prompt": '{"messages": [{"role": "user", "content": "Rain?"}]}',
        "gen_ai.completion": '{"choices": [{"message": {"role": "assistant", "content": "No."}}]}',
    }
    assert is_call(currently_named(Sent(attributes)))
    assert messages_of(attributes) == ((Message("user", (Text("Rain?"),)),), (Message("assistant", (Text("No."),)),))


def test_whoever_counts_prompt_tokens_made_a_call() -> None:
    """The conventions of before 1.27 did not name operations."""
    told = {"gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 3, "gen_ai.usage.completion_tokens": 4}
    call = read(told)
    assert call.usage is not None
    assert (call.request.operation, call.usage.input_tokens, call.usage.output_tokens) == ("chat", 3, 4)


@pytest.mark.parametrize(("told", "total"), [(20, 130), (110, 110), (130, 130)])
def test_cached_tokens_beside_the_input_are_added_to_it(told: int, total: int) -> None:
    usage = {"llm.token_count.prompt": told, "llm.token_count.prompt_details.cache_read": 110}
    read_usage = read({"openinference.span.kind": "LLM"} | usage).usage
    assert read_usage is not None
    assert (read_usage.input_tokens, read_usage.cache_read_tokens) == (total, 110)


def test_a_cost_that_the_sender_states_is_split_as_he_splits_it() -> None:
    kind = {"openinference.span.kind": "LLM", "llm.cost.total": 0.6}
    parts = {
        "llm.cost.prompt": 0.35,
        "llm.cost.completion": 0.25,
        "llm.cost.prompt_details.cache_read": 0.1,
    }
    split, whole = read(kind | parts).cost, read(kind).cost
    assert isinstance(split, Ledger)
    assert isinstance(whole, Ledger)
    assert [str(part) for part in (split.input, split.cache_read, split.cache_write, split.output)] == [
        "0.25",
        "0.1",
        "0.0",
        "0.25",
    ]
    assert (str(whole.total), whole.input, whole.source) == ("0.6", None, "sender")


@pytest.mark.parametrize(
    ("kind", "message", "category", "outcome", "status"),
    [
        ("openai.RateLimitError", "Error code: 429 - slower", Category.RATE_LIMIT, Outcome.FAILED, 429),
        ("openai.InternalServerError", "Error code: 502 - oh", Category.SERVER, Outcome.FAILED, 502),
        ("anthropic.APITimeoutError", "Request timed out.", Category.TIMEOUT, Outcome.TIMED_OUT, None),
        ("openai.APIStatusError", "Error code: 529 - busy", Category.OVERLOADED, Outcome.FAILED, 529),
        ("ValueError", "odd", Category.UNKNOWN, Outcome.FAILED, None),
    ],
)
def test_an_exception_says_what_went_wrong(
    kind: str, message: str, category: Category, outcome: Outcome, status: int | None
) -> None:
    raised = Moment("exception", 0.5, {"exception.type": kind, "exception.message": message})
    call = read({"openinference.span.kind": "LLM"}, "", raised, error=True)
    assert call.failure is not None
    assert (call.failure.type, call.failure.category, call.outcome) == (kind, category, outcome)
    assert call.response.status_code == status


def test_the_status_of_a_span_says_what_the_provider_answered() -> None:
    call = read(CHAT | {"error.type": "RateLimitError"}, UTIL, message="Error code: 429 - slower", error=True)
    assert (call.response.status_code, call.was_refused) == (429, True)


@pytest.mark.parametrize(
    ("said", "provider"),
    [
        ("OpenAI", "openai"),
        ("az.ai.openai", "azure.ai.openai"),
        ("xai", "x_ai"),
        ("mistralai", "mistral_ai"),
        ("My", "My"),
    ],
)
def test_a_provider_has_the_name_of_the_conventions(said: str, provider: str) -> None:
    assert read(CHAT | {"gen_ai.provider.name": said}, UTIL).request.provider == provider


def test_time_to_the_first_chunk_is_unknown_without_its_event() -> None:
    assert read({"openinference.span.kind": "LLM"}).timing.first_chunk_ns is None


def test_the_first_of_openllmetrys_chunks_is_the_first_chunk() -> None:
    chunks = [Moment("gen_ai.content.completion.chunk", after_s, {}) for after_s in (0.5, 0.75)]
    assert read(CHAT | {"gen_ai.is_streaming": True}, OPENLLMETRY, *chunks).timing.first_chunk_ns == 500_000_000


THEIRS = sorted(
    {row.theirs for dialect in DIALECTS for row in dialect.rows}
    | {
        "openinference.span.kind",
        "llm.invocation_parameters",
        "output.value",
        "llm.cost.prompt",
        "llm.cost.completion",
        "llm.input_messages.0.message.contents.0.message_content.text",
        "llm.output_messages.99999999999.message.role",
        "gen_ai.prompt.0.content",
        "gen_ai.prompt.x.content",
        "gen_ai.completion.0.tool_calls.0.arguments",
        "gen_ai.openai.api_base",
        "langsmith.span.kind",
        "gen_ai.prompt",
        "gen_ai.completion",
        "events",
    }
)
SCOPES = ["", NATIVE, OPENLLMETRY, OPENLLMETRY_ANTHROPIC, UTIL, "pydantic-ai", "firsttoken"]
WHATEVER = JSON_GARBAGE | st.sampled_from(
    [
        '{"a": "\\ud800"}',
        "[" * 5_000 + "]" * 5_000,
        '{"messages": [1, {"role": 2}]}',
        '[{"event.name": 3}, 4]',
        "[[[",
        '{"usage": 1, "model": []}',
        "LLM",
        "http://[x",
    ]
)


@given(
    st.dictionaries(st.sampled_from([*THEIRS, *ATTRIBUTES]), WHATEVER),
    st.sampled_from(SCOPES),
    st.text(max_size=40),
)
def test_nothing_that_comes_makes_reading_raise(attributes: dict[str, Any], scope: str, message: str) -> None:
    before = dict(attributes)
    moments = [Moment("exception", 0.1, attributes), Moment("First Token Stream Event", 0.2, {})]
    sent = Sent(attributes, scope, moments, message)
    named = currently_named(sent)
    read_call(SpanFacts(named, 1, 2))
    read_content(named)
    kept(sent, named)
    assert attributes.keys() == before.keys()


def test_every_dialect_is_told_by_what_it_sends() -> None:
    told = [
        dialect_of(Sent(attributes, scope))
        for attributes, scope in (
            ({}, NATIVE),
            ({"openinference.span.kind": "LLM"}, ""),
            ({"llm.request.type": "chat"}, ""),
            ({}, UTIL),
            ({}, "pydantic-ai"),
            ({"langsmith.span.kind": "LLM"}, ""),
            (CHAT, "my.own"),
        )
    ]
    assert [dialect.name for dialect in told if dialect is not None] == [dialect.name for dialect in DIALECTS]
    assert told[-1] is None


def test_every_name_that_a_dialect_leads_to_is_one_of_ours() -> None:
    known = {value for module in (names, own) for value in vars(module).values() if isinstance(value, str)}
    assert {row.current for dialect in DIALECTS for row in dialect.rows} <= known
