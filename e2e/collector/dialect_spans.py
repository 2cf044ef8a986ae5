"""Spans of calls in the words of every dialect: what emitters have been seen to send, and each row of the tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from e2e.otlp import event, span, traces
from firsttoken.semconv.dialects import DIALECTS, OLDER_NAMES
from firsttoken.semconv.dialects.dialect import ByWord, Dialect, Row, listed
from firsttoken.semconv.dialects.errors import BY_WORD
from firsttoken.semconv.dialects.providers import PROVIDERS, SPELT_OTHERWISE
from firsttoken.semconv.fields import SPAN_FIELDS
from firsttoken.semconv.older import OLDER_ATTRIBUTES

OPENLLMETRY: Final = "opentelemetry.instrumentation.openai.v1"
OPENLLMETRY_ANTHROPIC: Final = "opentelemetry.instrumentation.anthropic"
OPENINFERENCE: Final = "openinference.instrumentation.openai"
NATIVE: Final = "com.anthropic.sdk.python"
CONTRIB: Final = "opentelemetry.util.genai.handler"
LOGFIRE: Final = "pydantic-ai"

CHAT: Final = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"}
USAGE: Final = {"gen_ai.usage.input_tokens": 20, "gen_ai.usage.output_tokens": 7}
LLM: Final = {"openinference.span.kind": "LLM", "llm.model_name": "gpt-4o-2024-08-06", "llm.system": "openai"}
ASKED: Final = {
    "model": "gpt-4o",
    "max_tokens": 64,
    "temperature": 0.5,
    "top_p": 1,
    "seed": 7.5,
    "n": 2,
    "stream": True,
    "reasoning_effort": "low",
    "service_tier": "flex",
    "stop": ["END"],
    "dimensions": 2**63,
}
ANSWER: Final = {
    "id": "msg_1",
    "stop_reason": "end_turn",
    "system_fingerprint": "fp",
    "usage": {
        "service_tier": "priority",
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 100},
        "server_tool_use": {"web_search_requests": 2},
    },
}
COUNTED: Final = {"llm.token_count.prompt": 120, "llm.token_count.completion": 7}
COSTS: Final = {"llm.cost.prompt": 0.35, "llm.cost.completion": 0.25, "llm.cost.prompt_details.cache_read": 0.1}

SEEN: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    OPENLLMETRY: (
        {
            "llm.request.type": "chat",
            "gen_ai.system": "OpenAI",
            "gen_ai.usage.prompt_tokens": 12,
            "llm.is_streaming": True,
        },
        {"llm.request.type": "rerank", "gen_ai.system": "Cohere"},
        {"traceloop.span.kind": "workflow", "traceloop.entity.name": "plan", "traceloop.entity.input": "{}"},
        CHAT | USAGE | {"gen_ai.is_streaming": False, "gen_ai.openai.api_base": "https://LLM.example.com:8443/v1/"},
        CHAT | {"gen_ai.is_streaming": False, "gen_ai.openai.api_base": "http://[x"},
        CHAT
        | {"gen_ai.is_streaming": True, "gen_ai.completion.0.finish_reason": "length", "gen_ai.completion.1.role": "a"}
        | {
            "gen_ai.completion.1.finish_reason": "stop",
            "gen_ai.prompt.0.content": "Rain?",
            "gen_ai.prompt.0.role": "user",
        },
        CHAT | {"llm.is_streaming": True, "gen_ai.response.finish_reason": "stop", "llm.user": "u1"},
    ),
    OPENLLMETRY_ANTHROPIC: (
        CHAT | {"gen_ai.is_streaming": True, "gen_ai.usage.output_tokens": 9, "gen_ai.response.model": "m"},
        CHAT | {"gen_ai.usage.output_tokens": 9, "gen_ai.response.model": "m"},
        CHAT | {"gen_ai.usage.completion_tokens": 9, "gen_ai.usage.prompt_tokens": 1, "gen_ai.response.model": "m"},
        CHAT | {"gen_ai.response.model": "m", "gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 9},
        CHAT | USAGE | {"gen_ai.usage.cache_read_input_tokens": 110},
    ),
    OPENINFERENCE: (
        LLM,
        {"openinference.span.kind": "CHAIN", "input.value": "{}"},
        {"openinference.span.kind": "AGENT", "llm.model_name": "gpt-4o"},
        {"openinference.span.kind": "EMBEDDING", "embedding.model_name": "e"}
        | {"embedding.invocation_parameters": '{"dimensions": 64}', "embedding.embeddings.0.embedding.text": "Harbour"},
        LLM | COUNTED | {"llm.invocation_parameters": json.dumps(ASKED), "output.value": json.dumps(ANSWER)},
        LLM | {"llm.request.model_name": "gpt-4o", "output.value": "{}", "llm.invocation_parameters": "[1"},
        LLM | COUNTED | {"output.value": '{"id": "msg_1", "stop_reason": null}'},
        LLM | COUNTED | {"output.value": '{"stop_reason": null}', "llm.finish_reason": "end_turn"},
        LLM | {"llm.token_count.prompt": 20, "llm.token_count.prompt_details.cache_read": 110},
        LLM | COSTS,
        LLM | COSTS | {"llm.cost.prompt_details.cache_write": 0.3},
        LLM | {"llm.cost.prompt": 0.3, "llm.cost.completion": 0.6, "llm.cost.total": 1},
        LLM | {"llm.cost.total": 0.6},
        LLM | {"llm.cost.total": True},
    ),
    NATIVE: (
        CHAT | {"anthropic.message.stop_reason": "tool_use", "gen_ai.usage.input_tokens": 9},
        {"gen_ai.provider.name": "anthropic", "http.route": "/v1/messages/count_tokens"}
        | {"anthropic.message.count_tokens.input_tokens": 12},
        CHAT | USAGE | {"gen_ai.usage.cache_read.input_tokens": 100, "gen_ai.usage.cache_creation.input_tokens": 8},
    ),
    CONTRIB: (
        CHAT | {"gen_ai.usage.input_tokens": 1_023},
        CHAT | {"gen_ai.usage.input_tokens": 1_024},
        CHAT | {"gen_ai.usage.input_tokens": 1_024, "gen_ai.usage.cache_read.input_tokens": 0},
        CHAT | {"gen_ai.usage.input_tokens": 1_024, "gen_ai.operation.name": "embeddings"},
        CHAT | {"gen_ai.output.messages": '[{"finish_reason": "length"}, {"finish_reason": "stop"}]'},
        CHAT | {"gen_ai.output.messages": "[nonsense"},
    ),
    LOGFIRE: (
        {"gen_ai.operation.name": "chat", "gen_ai.system": "google-gla", "operation.cost": 0.25, **USAGE},
        CHAT | {"operation.cost": "free", "events": '[{"event.name": "gen_ai.user.message", "content": "Rain?"}]'},
    ),
    "langsmith": (
        {"langsmith.span.kind": "LLM", "gen_ai.operation.name": "chat", "gen_ai.system": "openai"},
        {"langsmith.span.kind": "chain", "gen_ai.operation.name": "chat", "gen_ai.system": "langchain"},
    ),
    "some.framework": (
        {"gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 3, "gen_ai.usage.completion_tokens": 4},
        {"gen_ai.system": "openai", "gen_ai.tool.name": "f"},
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.system": "openai"},
        {"http.request.method": "POST", "server.address": "api.openai.com"},
        CHAT | {"gen_ai.request.top_k": 4.0},
        CHAT | {"gen_ai.request.top_k": 4.5},
        CHAT | {"gen_ai.usage.input_tokens": "many", "gen_ai.usage.cache_read.input_tokens": -4},
    ),
    "firsttoken": (
        CHAT | USAGE | {"gen_ai.system": "other", "firsttoken.outcome": "completed"},
        {"gen_ai.operation.name": "chat", "gen_ai.system": "xai", "gen_ai.usage.prompt_tokens": 5},
    ),
}


def requests() -> Iterator[ExportTraceServiceRequest]:
    for scope, samples in SEEN.items():
        yield traces([span(sample) for sample in samples], scope)
    for dialect in DIALECTS:
        scope = dialect.scopes[0] if dialect.scopes else ""
        marked = CHAT if dialect.scopes else CHAT | {dialect.marks[0]: "LLM"}
        yield traces([span(marked | {row.theirs: _sample(row)}) for row in dialect.rows], scope)
        yield traces([span(marked | {mark: "LLM"}) for mark in dialect.marks], scope)
        yield traces([*_errors(marked), *_first_chunks(marked, dialect)], scope)
    older = [row for row in OLDER_ATTRIBUTES if row.older in OLDER_NAMES]
    rows = [Row(row.older, row.current) for row in older]
    yield traces([span({"gen_ai.operation.name": "chat", row.theirs: _sample(row)}) for row in rows])
    said = [word for known in (*PROVIDERS, *SPELT_OTHERWISE) for word in (known, known.title(), f" {known} ")]
    yield traces([span({"gen_ai.operation.name": "chat", "gen_ai.system": word}) for word in said])


def _sample(row: Row) -> Any:
    """A value that the row can carry."""
    if isinstance(row.to_current, ByWord):
        return next(iter(row.to_current.table))
    kind = "string" if row.to_current is listed else _KINDS.get(row.current, "string")
    return {"string": "a word", "int": 17, "double": 0.25, "seconds": 0.25, "strings": ["a", "b"], "true": True}[kind]


_KINDS: Final = {field.attribute: field.kind for field in SPAN_FIELDS}


def _errors(marked: dict[str, Any]) -> Iterator[Span]:
    raised = [*(f"openai.{word}" for word in BY_WORD), "ValueError", "openai.APIStatusError"]
    for kind, status in zip(raised, (502, 400, 401, 403, 404, 408, 413, 429, 500, 503, 529, None) * 4, strict=False):
        message = "Request timed out." if status is None else f"Error code: {status} - oh"
        told = event("exception", **{"exception.type": kind, "exception.message": message})
        yield span(marked, events=[told], error=message)
        yield span(marked | {"error.type": kind.rpartition(".")[2]}, error=message)
    yield span(marked, error="nobody knows")
    told = event("exception", **{"exception.type": "ValueError", "exception.message": "odd"})
    yield span(marked, events=[told], error="Error code: 500")
    yield span(marked | {"error.type": 500}, events=[event("exception", **{"exception.message": "Error code: 500"})])


def _first_chunks(marked: dict[str, Any], dialect: Dialect) -> Iterator[Span]:
    name = dialect.first_chunk or "First Token Stream Event"
    yield span(marked, events=[event("other", 0.125), event(name, 0.250000001), event(name, 0.75)])
    current = {"gen_ai.response.time_to_first_chunk": 0.5}
    yield span(marked | current, events=[event(name, 0.25)])
