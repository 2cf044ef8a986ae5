"""What no single attribute of a dialect says, in SQL: beside each, the function of `semconv.dialects` that says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firsttoken.clickhouse.texts import (
    SPAN,
    first_of,
    first_with_words,
    is_named,
    listed,
    meaning,
    named,
    quoted,
    value_at,
    word_at,
)
from firsttoken.semconv import names, own
from firsttoken.semconv.dialects import anthropic_sdk, contrib, frameworks, openinference, openllmetry
from firsttoken.semconv.dialects.anthropic_sdk import ANTHROPIC_SDK
from firsttoken.semconv.dialects.contrib import CONTRIB
from firsttoken.semconv.dialects.costs import CURRENCY, SENDER
from firsttoken.semconv.dialects.frameworks import LANGSMITH, LOGFIRE
from firsttoken.semconv.dialects.openinference import OPENINFERENCE
from firsttoken.semconv.dialects.openllmetry import OPENLLMETRY
from firsttoken.semconv.fields import SPAN_FIELDS

Texts = Mapping[str, str]
"""Expressions by current name."""

INPUT: Final = names.GEN_AI_USAGE_INPUT_TOKENS
OUTPUT: Final = names.GEN_AI_USAGE_OUTPUT_TOKENS
WORDS: Final = frozenset(field.attribute for field in SPAN_FIELDS if field.kind == "string")
REASONS: Final = names.GEN_AI_RESPONSE_FINISH_REASONS


def where(condition: str, text: str) -> str:
    return f"if({condition}, {text}, NULL)"


def _anthropic_sdk() -> Texts:
    counting = f"ifNull({named(anthropic_sdk.ROUTE)} = {quoted(anthropic_sdk.COUNTING)}, false)"
    return {
        own.API: quoted(anthropic_sdk.API),
        names.GEN_AI_OPERATION_NAME: where(counting, quoted(anthropic_sdk.COUNTING_OPERATION)),
        own.USAGE_PARTIAL: where(f"{is_named(INPUT)} AND NOT {is_named(OUTPUT)}", "'true'"),
    }


def _openinference() -> Texts:
    streamed = f"has(`Events.Name`, {quoted(openinference.FIRST_CHUNK)})"
    name = first_with_words(*openinference.MODELS)
    answered = f"(notEmpty(JSONExtractKeys(answer_)) OR {is_named(openinference.PROMPT_TOKENS)})"
    in_parameters: dict[str, list[str]] = {}
    for theirs, current in openinference.REQUEST_PARAMETERS.items():
        in_parameters.setdefault(current, []).append(_member(current, "parameters_", theirs))
    asked = in_parameters.pop(names.GEN_AI_REQUEST_MODEL)
    in_answer = {
        current: [_member(current, "answer_", name)] for name, current in openinference.RESPONSE_MEMBERS.items()
    }
    answering = in_answer.pop(names.GEN_AI_RESPONSE_MODEL)
    in_answer[own.RESPONSE_SERVICE_TIER].insert(0, word_at("answer_", "usage", "service_tier"))
    for holder, table in (
        (openinference.CACHE_CREATION, openinference.LIFETIMES),
        (openinference.SERVER_TOOL_USE, openinference.SERVER_TOOLS),
    ):
        in_answer |= {current: [value_at("answer_", "usage", holder, theirs)] for theirs, current in table.items()}
    told = {current: first_of(ways) for current, ways in {**in_parameters, **in_answer}.items()}
    told[names.GEN_AI_REQUEST_STREAM] = first_of([where(streamed, "'true'"), told[names.GEN_AI_REQUEST_STREAM]])
    told[names.GEN_AI_REQUEST_MODEL] = first_of([*asked, first_with_words(openinference.REQUEST_MODEL), name])
    response_model = first_of([first_with_words(openinference.RESPONSE_MODEL), name])
    told[names.GEN_AI_RESPONSE_MODEL] = first_of([*answering, where(answered, response_model)])
    told[own.USAGE_PARTIAL] = where("is_cut_", "'true'")
    return {current: where("is_inference_", text) for current, text in {**told, **_openinference_cost()}.items()}


def _member(current: str, json: str, name: str) -> str:
    return word_at(json, name) if current in WORDS else value_at(json, name)


def _openinference_cost() -> Texts:
    """As far as the sender says what it was for; else in one."""
    split = {
        own.COST_INPUT: "uncached_cost_",
        own.COST_OUTPUT: _amount(openinference.COMPLETION_COST),
        **{ours: f"ifNull({_amount(theirs)}, 0)" for ours, theirs in openinference.CACHE_COSTS},
    }
    both = f"{_amount(openinference.PROMPT_COST)} + {_amount(openinference.COMPLETION_COST)}"
    in_one = f"multiIf(isNull({both}), {_amount(openinference.TOTAL_COST)}, uncached_cost_ < 0, {both}, NULL)"
    is_split = f"ifNull(uncached_cost_ >= 0, false) AND isNotNull({both})"
    is_priced = f"isNotNull(coalesce({both}, {_amount(openinference.TOTAL_COST)}))"
    return {
        **{name: where(is_split, f"toString({text})") for name, text in split.items()},
        own.COST_UNSPLIT: f"toString({in_one})",
        own.COST_CURRENCY: where(is_priced, quoted(CURRENCY)),
        own.COST_SOURCE: where(is_priced, quoted(SENDER)),
    }


def _amount(attribute: str) -> str:
    return f"toDecimal256OrNull({named(attribute)}, 40)"


def _openllmetry() -> Texts:
    base = f"ifNull({named(openllmetry.API_BASE)}, '')"
    reason = quoted(r"^gen_ai\.completion\.([0-9]{1,6})\.finish_reason$")
    found = f"mapFilter((name, value) -> match(name, {reason}) AND value != '', {SPAN})"
    in_order = (
        f"arraySort((value, name) -> toUInt32OrZero(extract(name, {reason})), mapValues({found}), mapKeys({found}))"
    )
    return {
        names.SERVER_ADDRESS: f"nullIf(lower(domain({base})), '')",
        names.SERVER_PORT: f"toString(nullIf(port({base}), 0))",
        names.GEN_AI_REQUEST_STREAM: where("is_uncounted_", "'true'"),
        REASONS: where(f"notEmpty({found})", f"toJSONString({in_order})"),
    }


def _was_streamed() -> str:
    flags = " OR ".join(f"{SPAN}[{quoted(flag)}] = 'true'" for flag in openllmetry.STREAM_FLAGS)
    written = f"arrayFilter(name -> name IN ({listed(openllmetry.WRITTEN_IN_ORDER)}), mapKeys({SPAN}))"
    return f"({flags} OR (length({written}) > 1 AND {written}[-1] = {quoted(names.GEN_AI_RESPONSE_MODEL)}))"


def _contrib() -> Texts:
    answers = f"JSONExtractArrayRaw(ifNull({named(names.GEN_AI_OUTPUT_MESSAGES)}, ''))"
    told = f"arrayFilter(answer -> JSONType(answer, 'finish_reason') = 'String', {answers})"
    reasons = f"toJSONString(arrayMap(answer -> JSONExtractString(answer, 'finish_reason'), {told}))"
    long = f"toInt64OrZero({SPAN}[{quoted(INPUT)}]) >= {contrib.SHORTEST_CACHED_TOKENS}"
    embeds = f"{SPAN}[{quoted(names.GEN_AI_OPERATION_NAME)}] = 'embeddings'"
    unseen = f"{long} AND NOT {embeds} AND NOT {is_named(names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS)}"
    return {
        REASONS: where(f"notEmpty({told})", reasons),
        own.COST_UNPRICED: where(unseen, quoted(contrib.UNKNOWN_CACHE)),
    }


def _logfire() -> Texts:
    stated = _amount(frameworks.LOGFIRE_COST)
    return {
        own.COST_UNSPLIT: f"toString({stated})",
        own.COST_CURRENCY: where(f"isNotNull({stated})", quoted(CURRENCY)),
        own.COST_SOURCE: where(f"isNotNull({stated})", quoted(SENDER)),
    }


def _langsmith() -> Texts:
    return {
        names.GEN_AI_OPERATION_NAME: meaning(named(frameworks.LANGSMITH_KIND), frameworks.LANGSMITH_OPERATION.table)
    }


MORE: Final[Mapping[str, Texts]] = {
    ANTHROPIC_SDK.name: _anthropic_sdk(),
    OPENINFERENCE.name: _openinference(),
    OPENLLMETRY.name: _openllmetry(),
    CONTRIB.name: _contrib(),
    LOGFIRE.name: _logfire(),
    LANGSMITH.name: _langsmith(),
}
"""By the name of a dialect."""

_IS_INFERENCE: Final = f"dialect_ = {quoted(OPENINFERENCE.name)} AND " + (
    f"{SPAN}[{quoted(openinference.KIND)}] IN ({listed(openinference.OPERATION.table)})"
)
_CACHED_COST: Final = " - ".join(f"ifNull({_amount(theirs)}, 0)" for _, theirs in openinference.CACHE_COSTS)

READ_ONCE: Final[Texts] = {
    "is_inference_": _IS_INFERENCE,
    "parameters_": f"if(is_inference_, ifNull({first_of(map(named, openinference.PARAMETERS))}, ''), '')",
    "answer_": f"if(is_inference_, ifNull({named(openinference.OUTPUT)}, ''), '')",
    "is_cut_": f"JSONHas(answer_, {quoted(openinference.STOP_REASON)}) "
    f"AND JSONType(answer_, {quoted(openinference.STOP_REASON)}) = 'Null' "
    f"AND NOT {is_named(openinference.FINISH_REASON)}",
    "uncached_cost_": f"{_amount(openinference.PROMPT_COST)} - {_CACHED_COST}",
    "is_uncounted_": f"dialect_ = {quoted(OPENLLMETRY.name)} AND ScopeName = {quoted(openllmetry.ANTHROPIC_SCOPE)} "
    f"AND {_was_streamed()}",
}
"""What several of them need, by the name that it has in a statement."""

_LANGSMITHS_OTHERS: Final = f"dialect_ = {quoted(LANGSMITH.name)} AND " + (
    f"{SPAN}[{quoted(frameworks.LANGSMITH_KIND)}] NOT IN ({listed(frameworks.LANGSMITH_OPERATION.table)})"
)

NOT_SAID: Final[Texts] = {
    OUTPUT: "is_cut_ OR is_uncounted_",
    names.GEN_AI_OPERATION_NAME: _LANGSMITHS_OTHERS,
}
"""When what a span claims is not so."""
