"""conventions/gen_ai.json as rules that a signal of a call can be held against."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from conformance.plays import Play
from firsttoken.semconv import own
from firsttoken.testing import Answer

CONVENTIONS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "conventions" / "gen_ai.json").read_text()
)
SPAN: Final[dict[str, Any]] = CONVENTIONS["spans"]["gen_ai.client.inference"]
METRICS: Final[dict[str, Any]] = CONVENTIONS["metrics"]
EVENTS: Final[dict[str, Any]] = CONVENTIONS["events"]

CORE: Final = {
    "error.type": "string",
    "http.request.resend_count": "int",
    "http.response.status_code": "int",
    "server.address": "string",
    "server.port": "int",
}
"""Of the core conventions, with their types."""

Attributes = Mapping[str, object]
Condition = Callable[[Play, Attributes], bool]


def asked(*names: str, unless: tuple[object, ...] = ()) -> Condition:
    return lambda play, _: any(name in play.body and play.body[name] not in unless for name in names)


def answered(play: Play, _: Attributes) -> bool:
    return isinstance(play.reply, Answer)


def counted(part: str) -> Condition:
    return lambda play, _: play.usage is not None and getattr(play.usage, part) is not None


def never(_: Play, __: Attributes) -> bool:
    return False


def always(_: Play, __: Attributes) -> bool:
    return True


def streamed(play: Play, _: Attributes) -> bool:
    return play.stream


def names_an_output_format(play: Play, _: Attributes) -> bool:
    return "response_format" in play.body or "format" in play.body.get("output_config", {})


CONDITIONS: Final[dict[str, Condition]] = {
    "error.type": lambda play, _: play.fails,
    "gen_ai.conversation.id": never,
    "gen_ai.output.type": names_an_output_format,
    "gen_ai.prompt.name": never,
    "gen_ai.prompt.version": never,
    "gen_ai.request.choice.count": asked("n", unless=(1,)),
    "gen_ai.request.model": always,
    "gen_ai.request.seed": asked("seed"),
    "gen_ai.request.stream": streamed,
    "gen_ai.request.top_k": asked("top_k"),
    "openai.request.service_tier": lambda play, _: play.sdk == "openai" and "service_tier" in play.body,
    "openai.response.service_tier": lambda play, _: play.sdk == "openai" and answered(play, {}),
    "server.port": lambda _, attributes: "server.address" in attributes,
}
"""When a conditionally required attribute has to be there. Where it has not, it must not be."""

RECOMMENDATIONS: Final[dict[str, Condition]] = {
    "gen_ai.request.frequency_penalty": asked("frequency_penalty"),
    "gen_ai.request.max_tokens": asked("max_tokens", "max_completion_tokens"),
    "gen_ai.request.presence_penalty": asked("presence_penalty"),
    "gen_ai.request.reasoning.level": lambda play, _: "reasoning_effort" in play.body or "output_config" in play.body,
    "gen_ai.request.stop_sequences": asked("stop", "stop_sequences"),
    "gen_ai.request.temperature": asked("temperature"),
    "gen_ai.request.top_k": asked("top_k"),
    "gen_ai.request.top_p": asked("top_p"),
    "gen_ai.response.finish_reasons": always,
    "gen_ai.response.id": answered,
    "gen_ai.response.model": answered,
    "gen_ai.response.time_to_first_chunk": lambda play, _: play.stream and answered(play, {}),
    "gen_ai.usage.audio.input_tokens": counted("input_audio_tokens"),
    "gen_ai.usage.audio.output_tokens": counted("output_audio_tokens"),
    "gen_ai.usage.text.input_tokens": counted("input_text_tokens"),
    "gen_ai.usage.text.output_tokens": counted("output_text_tokens"),
    "gen_ai.usage.image.input_tokens": counted("input_image_tokens"),
    "gen_ai.usage.image.output_tokens": counted("output_image_tokens"),
    "gen_ai.usage.cache_read.input_tokens": counted("cache_read_tokens"),
    "gen_ai.usage.cache_write.input_tokens": counted("cache_write_tokens"),
    "gen_ai.usage.input_tokens": counted("input_tokens"),
    "gen_ai.usage.output_tokens": counted("output_tokens"),
    "gen_ai.usage.reasoning.output_tokens": counted("reasoning_tokens"),
    "openai.api.type": lambda play, _: play.sdk == "openai",
    "openai.response.system_fingerprint": never,
    "server.address": always,
}
"""When a recommended attribute applies; one that is not here does to no chat."""

INPUT_OF_A_CUT_STREAM: Final = (
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_write.input_tokens",
    "gen_ai.usage.input_tokens",
)
"""Known from the opening of an Anthropic stream, though its output never is."""


def span_levels(play: Play) -> dict[str, Any]:
    """The level of each attribute on an inference span, with the provider's refinement."""
    return SPAN["attributes"] | CONVENTIONS["span_refinements"][f"{play.sdk}.gen_ai.client.inference"]["attributes"]


def metric_levels(name: str, play: Play) -> dict[str, Any]:
    refined = CONVENTIONS["openai_metric_refinements"].get(name, {}) if play.sdk == "openai" else {}
    return METRICS[name]["attributes"] | refined


def is_required(level: object) -> bool:
    return level == "required"


def is_conditional(level: object) -> bool:
    return isinstance(level, dict) and "conditionally_required" in level


def is_recommended(level: object) -> bool:
    return level == "recommended" or (isinstance(level, dict) and "recommended" in level)


def missing(attributes: Attributes, levels: Mapping[str, Any], play: Play) -> set[str]:
    """What has to be there and is not."""
    return {
        name
        for name, level in levels.items()
        if name not in attributes
        and (is_required(level) or (is_conditional(level) and CONDITIONS[name](play, attributes)))
    }


def uncalled_for(attributes: Attributes, levels: Mapping[str, Any], play: Play) -> set[str]:
    """What is there although its condition does not hold, or although it has no place there."""
    return {
        name
        for name in attributes
        if name not in own_names()
        and name not in CORE.keys() - levels.keys()
        and (
            name not in levels
            or levels[name] == "opt_in"
            or (is_conditional(levels[name]) and not CONDITIONS[name](play, attributes))
        )
    }


def own_names() -> set[str]:
    return {mine.name for mine in own.OWN_ATTRIBUTES}


def type_of(name: str) -> str:
    """The type that an attribute's values have."""
    ours = {mine.name: mine.type.partition(",")[0] for mine in own.OWN_ATTRIBUTES}
    about = CONVENTIONS["attributes"].get(name, {})
    declared: str = (CORE | ours).get(name) or about["type"]
    return declared.replace("enum(open)", "string")


def is_of(value: object, declared: str) -> bool:
    """Whether OTLP would carry the value as the declared type. A subclass, such as an enum, is not the type itself."""
    if declared == "string[]":
        return type(value) is tuple and all(type(item) is str for item in value)
    return type(value) is {"string": str, "int": int, "double": float, "boolean": bool}[declared]
