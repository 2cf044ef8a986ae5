"""OpenInference (`openinference-instrumentation-openai`, `-anthropic`, `-langchain` and so on)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from firsttoken.semconv import names, own
from firsttoken.semconv.dialects.costs import CURRENCY, SENDER, amount, one_amount
from firsttoken.semconv.dialects.dialect import Attributes, ByWord, Dialect, Row, Sent, listed
from firsttoken.semconv.dialects.indexed import Json, items_under, json_object, text_of
from firsttoken.semconv.dialects.speech import content_attributes, message, parts, picture, reasoning, tool_call

KIND: Final = "openinference.span.kind"
OPERATION: Final = ByWord({"LLM": "chat", "EMBEDDING": "embeddings"})
"""Chains, agents, tools and retrievers are no calls."""
PARAMETERS: Final = ("llm.invocation_parameters", "embedding.invocation_parameters")
OUTPUT: Final = "output.value"
FIRST_CHUNK: Final = "First Token Stream Event"
REQUEST_PARAMETERS: Final[Mapping[str, str]] = {
    "model": names.GEN_AI_REQUEST_MODEL,
    "temperature": names.GEN_AI_REQUEST_TEMPERATURE,
    "top_p": names.GEN_AI_REQUEST_TOP_P,
    "top_k": names.GEN_AI_REQUEST_TOP_K,
    "max_tokens": names.GEN_AI_REQUEST_MAX_TOKENS,
    "max_completion_tokens": names.GEN_AI_REQUEST_MAX_TOKENS,
    "max_output_tokens": names.GEN_AI_REQUEST_MAX_TOKENS,
    "frequency_penalty": names.GEN_AI_REQUEST_FREQUENCY_PENALTY,
    "presence_penalty": names.GEN_AI_REQUEST_PRESENCE_PENALTY,
    "seed": names.GEN_AI_REQUEST_SEED,
    "n": names.GEN_AI_REQUEST_CHOICE_COUNT,
    "stream": names.GEN_AI_REQUEST_STREAM,
    "reasoning_effort": names.GEN_AI_REQUEST_REASONING_LEVEL,
    "service_tier": own.REQUEST_SERVICE_TIER,
    "previous_response_id": names.GEN_AI_REQUEST_PREVIOUS_RESPONSE_ID,
    "dimensions": names.GEN_AI_EMBEDDINGS_DIMENSION_COUNT,
}
RESPONSE_MEMBERS: Final[Mapping[str, str]] = {
    "id": names.GEN_AI_RESPONSE_ID,
    "model": names.GEN_AI_RESPONSE_MODEL,
    "service_tier": own.RESPONSE_SERVICE_TIER,
    "system_fingerprint": names.OPENAI_RESPONSE_SYSTEM_FINGERPRINT,
}
CACHE_CREATION: Final = "cache_creation"
SERVER_TOOL_USE: Final = "server_tool_use"
LIFETIMES: Final[Mapping[str, str]] = {
    "ephemeral_5m_input_tokens": own.USAGE_CACHE_WRITE_5M,
    "ephemeral_1h_input_tokens": own.USAGE_CACHE_WRITE_1H,
}
SERVER_TOOLS: Final[Mapping[str, str]] = {
    "web_search_requests": own.USAGE_WEB_SEARCH,
    "web_fetch_requests": own.USAGE_WEB_FETCH,
}
MODELS: Final = ("llm.model_name", "embedding.model_name")
REQUEST_MODEL: Final = "llm.request.model_name"
RESPONSE_MODEL: Final = "llm.response.model_name"
PROMPT_TOKENS: Final = "llm.token_count.prompt"
FINISH_REASON: Final = "llm.finish_reason"
STOP_REASON: Final = "stop_reason"
"""In an answer of Anthropic's."""
TOTAL_COST: Final = "llm.cost.total"
PROMPT_COST: Final = "llm.cost.prompt"
COMPLETION_COST: Final = "llm.cost.completion"
CACHE_COSTS: Final = (
    (own.COST_CACHE_READ, "llm.cost.prompt_details.cache_read"),
    (own.COST_CACHE_WRITE, "llm.cost.prompt_details.cache_write"),
)


def _more(sent: Sent) -> dict[str, object]:
    attributes = sent.attributes
    if OPERATION(attributes.get(KIND)) is None:
        return {}
    asked, answer = _parameters(attributes), json_object(attributes.get(OUTPUT))
    streamed = any(moment.name == FIRST_CHUNK for moment in sent.moments)
    return {
        **_models(attributes, asked, answer),
        **_named(asked, REQUEST_PARAMETERS),
        **_named(answer, RESPONSE_MEMBERS),
        **_named_usage(answer.get("usage")),
        **({names.GEN_AI_REQUEST_STREAM: True} if streamed else {}),
        **_cut(attributes, answer),
        **_cost(attributes),
        **_said(attributes),
    }


def _parameters(attributes: Attributes) -> Json:
    return json_object(next((attributes[name] for name in PARAMETERS if name in attributes), None))


def _named(holder: Mapping[str, Any], table: Mapping[str, str]) -> dict[str, object]:
    return {table[name]: value for name, value in holder.items() if name in table and value is not None}


def _models(attributes: Attributes, asked: Json, answer: Json) -> dict[str, object]:
    """One name is for both models: the one that answered, once one did, and until then the one that was asked for."""
    name = text_of(attributes, *MODELS)
    answered = bool(answer) or PROMPT_TOKENS in attributes
    requested = text_of(attributes, REQUEST_MODEL) or text_of(asked, "model") or name
    told = {names.GEN_AI_REQUEST_MODEL: requested}
    if answered:
        told[names.GEN_AI_RESPONSE_MODEL] = text_of(attributes, RESPONSE_MODEL) or name
    return {name: model for name, model in told.items() if model is not None}


def _named_usage(usage: object) -> dict[str, object]:
    """What only the provider's own usage says, which is there where the whole answer is."""
    told = json_object(usage)
    tier = {own.RESPONSE_SERVICE_TIER: told["service_tier"]} if told.get("service_tier") is not None else {}
    return {
        **tier,
        **_named(json_object(told.get(CACHE_CREATION)), LIFETIMES),
        **_named(json_object(told.get(SERVER_TOOL_USE)), SERVER_TOOLS),
    }


def _cut(attributes: Attributes, answer: Json) -> dict[str, object]:
    """A message of Anthropic's without a reason to stop did not come to its end, and its count is that of its start."""
    told = FINISH_REASON in attributes or names.GEN_AI_RESPONSE_FINISH_REASONS in attributes
    cut = STOP_REASON in answer and answer[STOP_REASON] is None and not told
    return {own.USAGE_PARTIAL: True, names.GEN_AI_USAGE_OUTPUT_TOKENS: None} if cut else {}


def _cost(attributes: Attributes) -> dict[str, object]:
    """What the sender priced, in dollars, split as far as it says what it was for."""
    prompt, completion = amount(attributes.get(PROMPT_COST)), amount(attributes.get(COMPLETION_COST))
    if prompt is None or completion is None:
        return one_amount(attributes.get(TOTAL_COST))
    cached = {ours: amount(attributes.get(theirs)) or Decimal(0) for ours, theirs in CACHE_COSTS}
    uncached = prompt - sum(cached.values())
    if uncached < 0:
        return one_amount(float(prompt + completion))
    return {
        own.COST_INPUT: float(uncached),
        own.COST_OUTPUT: float(completion),
        **{name: float(amount) for name, amount in cached.items()},
        own.COST_CURRENCY: CURRENCY,
        own.COST_SOURCE: SENDER,
    }


def _said(attributes: Attributes) -> dict[str, object]:
    asked = [_message(item) for item in items_under(attributes, "llm.input_messages")]
    asked += [
        message("user", text)
        for item in items_under(attributes, "llm.prompts")
        if (text := text_of(item, "prompt.text")) is not None
    ]
    asked += [
        message("user", text)
        for item in items_under(attributes, "embedding.embeddings")
        if (text := text_of(item, "embedding.text")) is not None
    ]
    answered = [_message(item) for item in items_under(attributes, "llm.output_messages")]
    answered += [
        message("assistant", text)
        for item in items_under(attributes, "llm.choices")
        if (text := text_of(item, "completion.text")) is not None
    ]
    tools = [_tool(item) for item in items_under(attributes, "llm.tools")]
    return content_attributes(asked, answered, [tool for tool in tools if tool is not None])


def _message(item: Mapping[str, Any]) -> Json:
    calls = [_call(call) for call in items_under(item, "message.tool_calls")]
    listed = [_part(part) for part in items_under(item, "message.contents")]
    inner = [part for part in listed if part is not None and not (calls and part["type"] == "tool_call")]
    told = message(
        text_of(item, "message.role") or "", item.get("message.content"), (), text_of(item, "message.tool_call_id")
    )
    return {**told, "parts": [*told["parts"], *inner, *calls]}


def _call(call: Mapping[str, Any]) -> Json:
    return tool_call(
        call.get("tool_call.function.name"), call.get("tool_call.function.arguments"), call.get("tool_call.id")
    )


def _part(part: Mapping[str, Any]) -> Json | None:
    kind = part.get("message_content.type")
    uri = text_of(part, "message_content.image.image.url")
    if uri is not None:
        return picture(uri)
    if kind == "tool_use":
        return _call(part)
    said = text_of(part, "message_content.text")
    if kind == "reasoning":
        return reasoning(said, text_of(part, "message_content.signature"))
    return None if said is None else parts(said)[0]


def _tool(item: Mapping[str, Any]) -> Json | None:
    schema = json_object(item.get("tool.json_schema"))
    name = text_of(schema, "name") or text_of(json_object(schema.get("function")), "name") or text_of(item, "tool.name")
    return None if name is None else {"type": text_of(schema, "type") or "function", "name": name}


OPENINFERENCE: Final = Dialect(
    "OpenInference",
    marks=(KIND,),
    rows=(
        Row(KIND, names.GEN_AI_OPERATION_NAME, OPERATION),
        Row("llm.provider", names.GEN_AI_PROVIDER_NAME),
        Row("llm.system", names.GEN_AI_PROVIDER_NAME),
        Row(FINISH_REASON, names.GEN_AI_RESPONSE_FINISH_REASONS, listed),
        Row(PROMPT_TOKENS, names.GEN_AI_USAGE_INPUT_TOKENS),
        Row("llm.token_count.completion", names.GEN_AI_USAGE_OUTPUT_TOKENS),
        Row("llm.token_count.prompt_details.cache_read", names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
        Row("llm.token_count.prompt_details.cache_write", names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),
        Row("llm.token_count.prompt_details.audio", names.GEN_AI_USAGE_AUDIO_INPUT_TOKENS),
        Row("llm.token_count.completion_details.reasoning", names.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
        Row("llm.token_count.completion_details.audio", names.GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS),
        Row("agent.name", names.GEN_AI_AGENT_NAME),
    ),
    more=_more,
    first_chunk=FIRST_CHUNK,
    content=(
        "llm.input_messages.",
        "llm.output_messages.",
        "llm.prompts.",
        "llm.choices.",
        "llm.tools.",
        "embedding.embeddings.",
        "input.value",
        OUTPUT,
    ),
)
