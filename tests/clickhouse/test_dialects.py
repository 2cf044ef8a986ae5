"""What ClickHouse reads from other instrumentations' words is what the receiver reads from them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from store.samples import ids

from firsttoken import analyse
from firsttoken.call import Call, Ledger
from firsttoken.call.content import Text
from firsttoken.clickhouse import ClickHouse
from firsttoken.semconv import names
from firsttoken.semconv.dialects import DIALECTS, Moment, Sent, currently_named, kept
from firsttoken.semconv.dialects.dialect import ByWord, Dialect, Row, listed
from firsttoken.semconv.dialects.errors import BY_STATUS, BY_WORD
from firsttoken.semconv.dialects.openinference import LIFETIMES, REQUEST_PARAMETERS, RESPONSE_MEMBERS, SERVER_TOOLS
from firsttoken.semconv.dialects.openllmetry import MARKS
from firsttoken.semconv.dialects.providers import PROVIDERS, SPELT_OTHERWISE
from firsttoken.semconv.fields import CONTEXT_FIELDS, SPAN_FIELDS
from firsttoken.semconv.read import SpanFacts, is_call, read_call
from firsttoken.store.call_columns import stored_money

from .exported import Exported, write_spans
from .server import Database
from .test_calls_from_spans import START_UNIX_NS, as_a_map_tells

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o"}
LLM = {"openinference.span.kind": "LLM"}
OPENLLMETRY = "opentelemetry.instrumentation.openai.v1"
OPENLLMETRY_ANTHROPIC = "opentelemetry.instrumentation.anthropic"
NATIVE = "com.anthropic.sdk.python"
UTIL = "opentelemetry.util.genai.handler"


@dataclass(frozen=True)
class Told:
    """A span of somebody's."""

    attributes: Mapping[str, Any]
    scope: str = ""
    moments: tuple[Moment, ...] = ()
    message: str = ""
    is_error: bool = False

    @property
    def named(self) -> Mapping[str, object]:
        return currently_named(Sent(self.attributes, self.scope, self.moments, self.message))

    def read(self) -> Call:
        return read_call(SpanFacts(self.named, START_UNIX_NS, 10**9, self.is_error, self.message))

    def exported(self) -> Exported:
        facts = SpanFacts(self.attributes, START_UNIX_NS, 10**9, self.is_error, self.message)
        trace_id, span_id = ids()
        return Exported(trace_id, span_id, facts, scope=self.scope, moments=self.moments)


def one_for_each_word() -> list[Told]:
    """A span for each row of each dialect, beside what tells a span of the dialect."""
    return [told for dialect in DIALECTS for row in dialect.rows for told in _with_word(dialect, row)]


def _with_word(dialect: Dialect, row: Row) -> list[Told]:
    mark = {name: KINDS_OF_SPANS.get(name, "x") for name in dialect.marks[:1] if name != row.theirs}
    operation = {} if row.current == names.GEN_AI_OPERATION_NAME else {"gen_ai.operation.name": "chat"}
    values = [*row.to_current.table, "else"] if isinstance(row.to_current, ByWord) else [_sample(row)]
    scope = dialect.scopes[0] if dialect.scopes else ""
    return [Told({**operation, **mark, row.theirs: value}, scope) for value in values]


KINDS_OF_SPANS = {"openinference.span.kind": "LLM", "langsmith.span.kind": "LLM"}
SAMPLES = {"string": "said", "int": 7, "double": 0.5, "seconds": 0.5, "strings": ["a", "b"], "true": True}


def _sample(row: Row) -> object:
    kinds = {field.attribute: field.kind for field in (*SPAN_FIELDS, *CONTEXT_FIELDS)}
    return "said" if row.to_current is listed else SAMPLES[kinds.get(row.current, "string")]


def raised(kind: str, message: str = "odd") -> Told:
    moment = Moment("exception", 0.5, {"exception.type": kind, "exception.message": message})
    return Told(LLM, "", (moment,), is_error=True)


def answered(**answer: object) -> Told:
    return Told({**LLM, "llm.model_name": "m", "output.value": json.dumps(answer)})


COUNTED = {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 9}
STREAMED = {**COUNTED, "gen_ai.response.model": "m"}
COSTS = {"llm.cost.total": 0.6, "llm.cost.prompt": 0.35, "llm.cost.completion": 0.25}
CACHED_COST = {"llm.cost.prompt_details.cache_read": 0.1}
REASONS = '[{"role":"assistant","parts":[],"finish_reason":"length"},{"parts":[]}]'

TOLD = (
    *(Told({**CHAT, mark: True}) for mark in MARKS),
    Told({**CHAT, **STREAMED, "gen_ai.is_streaming": True}, OPENLLMETRY_ANTHROPIC),
    Told({**CHAT, **STREAMED}, OPENLLMETRY_ANTHROPIC),
    Told({**CHAT, "gen_ai.response.model": "m", **COUNTED}, OPENLLMETRY_ANTHROPIC),
    Told({**CHAT, **STREAMED, "gen_ai.is_streaming": True}, OPENLLMETRY),
    *(
        Told({"llm.request.type": "chat", "gen_ai.openai.api_base": base}, OPENLLMETRY)
        for base in ("https://LLM.example.com:8443/v1/", "http://a@b.example.com", "nothing", "", "https://[::1/")
    ),
    Told(
        {
            "llm.request.type": "chat",
            **{f"gen_ai.completion.{number}.finish_reason": f"r{number}" for number in (10, 9, 0)},
            "gen_ai.completion.1.finish_reason": "",
            "gen_ai.completion.1.content": "No.",
        }
    ),
    Told({**LLM, "embedding.invocation_parameters": '{"dimensions": 64}'}),
    *(
        Told({**LLM, "llm.invocation_parameters": json.dumps({name: value})})
        for name in REQUEST_PARAMETERS
        for value in ("said", 7, 0.5, True, None)
    ),
    Told({**LLM, "llm.invocation_parameters": "{no"}),
    *(answered(**{name: "said"}) for name in RESPONSE_MEMBERS),
    *(answered(id="r", usage={"cache_creation": {name: 3}}) for name in LIFETIMES),
    *(answered(id="r", usage={"server_tool_use": {name: 3}}) for name in SERVER_TOOLS),
    answered(service_tier="default", usage={"service_tier": "priority"}),
    Told({**LLM, "llm.model_name": "m"}),
    Told({**LLM, "llm.model_name": "m", "llm.token_count.prompt": 3}),
    Told({**LLM, "llm.model_name": "m", "llm.request.model_name": "q", "llm.response.model_name": "p"}),
    Told({**LLM, "llm.token_count.prompt": 5, "llm.token_count.completion": 1, "output.value": '{"stop_reason":null}'}),
    Told({**LLM, "llm.token_count.completion": 1, "output.value": '{"stop_reason":"end_turn"}'}),
    Told(LLM, "", (Moment("First Token Stream Event", 0.25, {}), Moment("First Token Stream Event", 0.5, {}))),
    Told({**LLM, **COSTS}),
    Told({**LLM, **COSTS, **CACHED_COST}),
    Told({**LLM, **COSTS, "llm.cost.prompt_details.cache_write": 0.5}),
    Told({**LLM, "llm.cost.total": 0.6, "llm.cost.prompt": 0.35}),
    Told({**LLM, "llm.cost.total": "much"}),
    *(
        Told({**LLM, "llm.token_count.prompt": told, "llm.token_count.prompt_details.cache_read": 110})
        for told in (20, 110, 130)
    ),
    Told({**CHAT, "gen_ai.usage.input_tokens": 2, "gen_ai.usage.cache_read.input_tokens": 110}, "firsttoken.openai"),
    Told({**CHAT, "gen_ai.usage.input_tokens": 9}, NATIVE),
    Told({**CHAT, **COUNTED, "error.type": "APIConnectionError"}, NATIVE, is_error=True),
    Told({"http.route": "/v1/messages/count_tokens", "anthropic.message.count_tokens.input_tokens": 12}, NATIVE),
    *(Told({**CHAT, "gen_ai.usage.input_tokens": prompt}, UTIL) for prompt in (1_023, 1_024)),
    Told({**CHAT, "gen_ai.usage.input_tokens": 1_024, "gen_ai.usage.cache_read.input_tokens": 0}, UTIL),
    Told({**CHAT, "gen_ai.usage.input_tokens": 1_024, "gen_ai.operation.name": "embeddings"}, UTIL),
    Told({**CHAT, "gen_ai.output.messages": REASONS}, UTIL),
    Told({**CHAT, "gen_ai.output.messages": "no"}, UTIL),
    Told({**CHAT, "operation.cost": 0.25}, "pydantic-ai"),
    Told({**CHAT, "langsmith.span.kind": "LLM"}),
    Told({"langsmith.span.kind": "embedding", "gen_ai.system": "openai"}),
    Told({"gen_ai.system": "openai", "gen_ai.usage.prompt_tokens": 3, "gen_ai.usage.completion_tokens": 4}),
    *(
        Told({**CHAT, "gen_ai.provider.name": said}, UTIL)
        for said in (*PROVIDERS, *SPELT_OTHERWISE, " OpenAI ", "My", "")
    ),
    Told({**CHAT, "gen_ai.provider.name": "OpenAI"}, "firsttoken.openai"),
    *(raised(f"module.{word}") for word in BY_WORD),
    *(raised("APIStatusError", f"Error code: {status} - so") for status in (*BY_STATUS, 502, 999)),
    Told({**CHAT, "error.type": "RateLimitError"}, UTIL, message="Error code: 429 - slower", is_error=True),
    Told({**CHAT, "error.type": "500", "http.response.status_code": 500}, UTIL, is_error=True),
    Told({**CHAT, "error.type": "RateLimitError"}, "firsttoken.openai", is_error=True),
)
NO_CALLS = (
    Told({"traceloop.span.kind": "workflow", "traceloop.entity.name": "plan"}),
    Told({"llm.request.type": "rerank", "gen_ai.system": "Cohere"}),
    Told({"openinference.span.kind": "CHAIN", "input.value": "{}"}),
    Told({"openinference.span.kind": "AGENT", "llm.model_name": "gpt-4o"}),
    Told({"langsmith.span.kind": "chain", "gen_ai.operation.name": "chat"}),
    Told({"gen_ai.system": "openai", "gen_ai.tool.name": "f"}),
    Told({"http.request.method": "POST"}, "opentelemetry.instrumentation.httpx"),
)


def as_stored(call: Call) -> Call:
    """As a column of money has it, and a map of texts."""
    call = as_a_map_tells(call)
    cost = call.cost
    if not isinstance(cost, Ledger):
        return call
    amounts = {name: stored_money(getattr(cost, name)) for name in ("input", "cache_read", "cache_write", "output")}
    return replace(call, cost=replace(cost, **amounts, tools=stored_money(cost.tools), unsplit=Decimal(cost.unsplit)))


def test_every_word_of_every_dialect_is_read_as_the_receiver_reads_it(database: Database) -> None:
    told = [each for each in (*one_for_each_word(), *TOLD) if is_call(each.named)]
    spans = [each.exported() for each in told]
    write_spans(database.client, spans)
    with ClickHouse.open(database.url) as warehouse:
        found = {row.trace_id: row.call for row in analyse.recent_calls(warehouse, limit=10_000)}

    assert len(told) > 200
    different = [
        (each, expected, found.get(span.trace_id))
        for each, span in zip(told, spans, strict=True)
        if (expected := as_stored(each.read())) != found.get(span.trace_id)
    ]
    assert different == []


def test_what_is_no_call_in_any_words_stays_an_ordinary_span(database: Database) -> None:
    write_spans(database.client, [told.exported() for told in NO_CALLS])
    counted = [
        database.client.query(f"SELECT count() FROM firsttoken_{view}").result_rows[0][0]  # noqa: S608
        for view in ("calls", "spans")
    ]
    assert counted == [0, len(NO_CALLS)]


SAID = (
    Told(
        {
            **CHAT,
            "gen_ai.usage.total_tokens": 3,
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "Rain?",
            "gen_ai.completion.0.content": "No.",
        },
        OPENLLMETRY,
    ),
    Told(
        {
            **LLM,
            "input.value": "{}",
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "Rain?",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "No.",
        }
    ),
    Told(
        {
            "langsmith.span.kind": "LLM",
            "gen_ai.prompt": '{"messages": [{"role": "user", "content": "Rain?"}]}',
            "gen_ai.completion": '{"choices": [{"message": {"role": "assistant", "content": "No."}}]}',
        }
    ),
    Told(
        {
            **CHAT,
            "events": '[{"event.name": "gen_ai.user.message", "role": "user", "content": "Rain?"},'
            '{"event.name": "gen_ai.choice", "message": {"role": "assistant", "content": "No."}}]',
        },
        "pydantic-ai",
    ),
)


@pytest.mark.parametrize("told", SAID, ids=["OpenLLMetry", "OpenInference", "LangSmith", "Logfire"])
def test_what_was_said_is_shown_in_whoever_s_words_and_not_twice(database: Database, told: Told) -> None:
    span = told.exported()
    write_spans(database.client, [span])
    with ClickHouse.open(database.url) as warehouse:
        found = analyse.find_call(warehouse, span.trace_id, span.span_id)
        with warehouse.read() as reader:
            (exported,) = [row for batch in reader.batches("calls") for row in batch.to_pylist()]

    assert found is not None
    content = found.row.call.content
    assert content is not None
    assert (content.input[0].parts, content.output[0].parts) == ((Text("Rain?"),), (Text("No."),))
    of_embedded = kept(Sent(told.attributes, told.scope), told.named).keys()
    assert {name for name in found.attributes if name in told.attributes} <= of_embedded
    assert json.loads(exported["attributes"])["gen_ai.output.messages"] == told.named["gen_ai.output.messages"]
