"""Frameworks that follow the conventions but for a few names: Pydantic AI and Logfire, and LangSmith's exporter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from firsttoken.semconv import names
from firsttoken.semconv.dialects.costs import one_amount
from firsttoken.semconv.dialects.dialect import Attributes, ByWord, Dialect, Row, Sent
from firsttoken.semconv.dialects.indexed import Json, json_object, json_value, text_of
from firsttoken.semconv.dialects.speech import content_attributes, wire_message
from firsttoken.semconv.read_messages import objects

LOGFIRE_SCOPES: Final = ("pydantic-ai", "logfire")
LOGFIRE_COST: Final = "operation.cost"
LANGSMITH_KIND: Final = "langsmith.span.kind"
LANGSMITH_OPERATION: Final = ByWord({"LLM": "chat", "llm": "chat", "embedding": "embeddings"})
CHOICE: Final = "gen_ai.choice"


def _logfire(sent: Sent) -> dict[str, object]:
    """Older versions have all messages as events in one attribute."""
    asked: list[Json] = []
    answered: list[Json] = []
    for event in objects(json_value(sent.attributes.get("events"))):
        if event.get("event.name") == CHOICE:
            answered.append(wire_message(json_object(event.get("message")), "assistant"))
        else:
            asked.append(wire_message(event, _role(event)))
    return {**content_attributes(asked, answered, []), **one_amount(sent.attributes.get(LOGFIRE_COST))}


def _role(event: Mapping[str, Any]) -> str:
    return str(event.get("event.name", "")).removeprefix("gen_ai.").removesuffix(".message")


LOGFIRE: Final = Dialect(
    "Pydantic AI and Logfire",
    scopes=LOGFIRE_SCOPES,
    rows=(
        Row("gen_ai.usage.details.cache_read_tokens", names.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS),
        Row("gen_ai.usage.details.cache_write_tokens", names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS),
        Row("gen_ai.usage.details.reasoning_tokens", names.GEN_AI_USAGE_REASONING_OUTPUT_TOKENS),
        Row("gen_ai.usage.details.input_audio_tokens", names.GEN_AI_USAGE_AUDIO_INPUT_TOKENS),
        Row("gen_ai.usage.details.output_audio_tokens", names.GEN_AI_USAGE_AUDIO_OUTPUT_TOKENS),
    ),
    more=_logfire,
    content=("events",),
)


def _langsmith(sent: Sent) -> dict[str, object]:
    """Its operations have names of their own: only those of a model are calls."""
    told: dict[str, object] = {names.GEN_AI_OPERATION_NAME: LANGSMITH_OPERATION(sent.attributes[LANGSMITH_KIND])}
    return told | _langsmith_content(sent.attributes)


def _langsmith_content(attributes: Attributes) -> dict[str, object]:
    asked = objects(json_object(attributes.get("gen_ai.prompt")).get("messages"))
    answer = json_object(attributes.get("gen_ai.completion"))
    answers = [item for choice in objects(answer.get("choices")) if (item := json_object(choice.get("message")))]
    return content_attributes(
        [wire_message(item) for item in asked if text_of(item, "role")],
        [wire_message(item, "assistant") for item in answers],
        [],
    )


LANGSMITH: Final = Dialect(
    "LangSmith",
    marks=(LANGSMITH_KIND,),
    rows=(Row("langsmith.trace.session_id", names.SESSION_ID),),
    more=_langsmith,
)
