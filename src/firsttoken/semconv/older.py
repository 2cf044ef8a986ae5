"""What the conventions called things before October 2026: the one table of older and current names.

An older name is one that a released version of the conventions had; every release from 1.26 to 1.44 was looked at,
through the constants of `opentelemetry-semantic-conventions`. What is new, and took no other's place, is not here: it
has one name, whichever conventions are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from firsttoken.semconv import names
from firsttoken.semconv.metric import Metric
from firsttoken.settings import Conventions

RELEASED_SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.41.0"
"""Of the last release in which the GenAI conventions were in force; from 1.42 on they are marked as moved."""

SCHEMA_URLS: Final[Mapping[Conventions, str]] = {
    "current": names.SCHEMA_URL,
    "older": RELEASED_SCHEMA_URL,
    "both": names.SCHEMA_URL,
}

EXACT: Final = 2**53
"""Beyond it a double does not tell whole numbers apart."""

SYSTEMS: Final = {"x_ai": "xai"}
"""Providers whose former name is not the current one."""
PROVIDERS: Final = {system: provider for provider, system in SYSTEMS.items()}


def _system(provider: object) -> object:
    return SYSTEMS.get(provider, provider) if isinstance(provider, str) else provider


def _provider(system: object) -> object:
    return PROVIDERS.get(system, system) if isinstance(system, str) else system


def _double(number: object) -> object:
    return float(number) if isinstance(number, int) else number


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and abs(number) <= EXACT and number.is_integer() else number


def _same(value: object) -> object:
    return value


class OlderAttribute(NamedTuple):
    """An attribute under its older name."""

    older: str
    type: str
    replaced_in: str
    """The version of the conventions, or the time, from which on it was called otherwise."""
    current: str
    gives_way: bool = False
    """Whether no release had the current name, so that whoever wants the older conventions does not get it as well."""
    to_older: Callable[[object], object] = _same
    to_current: Callable[[object], object] = _same


OLDER_ATTRIBUTES: Final = (
    OlderAttribute("gen_ai.system", "string", "1.37", names.GEN_AI_PROVIDER_NAME, False, _system, _provider),
    OlderAttribute(
        names.GEN_AI_REQUEST_TOP_K, "double", "summer 2026", names.GEN_AI_REQUEST_TOP_K, True, _double, _whole
    ),
    OlderAttribute("gen_ai.openai.request.seed", "int", "1.30", names.GEN_AI_REQUEST_SEED),
    OlderAttribute("gen_ai.openai.request.service_tier", "string", "1.37", names.OPENAI_REQUEST_SERVICE_TIER),
    OlderAttribute("gen_ai.openai.response.service_tier", "string", "1.37", names.OPENAI_RESPONSE_SERVICE_TIER),
    OlderAttribute(
        "gen_ai.openai.response.system_fingerprint", "string", "1.37", names.OPENAI_RESPONSE_SYSTEM_FINGERPRINT
    ),
    OlderAttribute("gen_ai.usage.prompt_tokens", "int, {token}", "1.27", names.GEN_AI_USAGE_INPUT_TOKENS),
    OlderAttribute("gen_ai.usage.completion_tokens", "int, {token}", "1.27", names.GEN_AI_USAGE_OUTPUT_TOKENS),
    OlderAttribute(
        "gen_ai.usage.cache_creation.input_tokens",
        "int, {token}",
        "summer 2026",
        names.GEN_AI_USAGE_CACHE_WRITE_INPUT_TOKENS,
        True,
    ),
)


class OlderMetric(NamedTuple):
    """A metric under its older name, and what took its place."""

    metric: Metric
    replaced_in: str
    current: tuple[Metric, ...]


OPERATION_DURATION: Final = names.GEN_AI_CLIENT_OPERATION_DURATION
OPERATION_TIME_TO_FIRST_CHUNK: Final = names.GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK._replace(
    name="gen_ai.client.operation.time_to_first_chunk"
)
OPERATION_TIME_PER_OUTPUT_CHUNK: Final = names.GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK._replace(
    name="gen_ai.client.operation.time_per_output_chunk"
)
TOKEN_USAGE: Final = names.GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS._replace(name="gen_ai.client.token.usage")

TOKEN_TYPE: Final = "gen_ai.token.type"
"""On `TOKEN_USAGE`, which counts both ways at once."""
INPUT: Final = "input"
OUTPUT: Final = "output"

OLDER_METRICS: Final = (
    OlderMetric(OPERATION_DURATION, "2026-10", (names.GEN_AI_CLIENT_INFERENCE_DURATION,)),
    OlderMetric(OPERATION_TIME_TO_FIRST_CHUNK, "2026-10", (names.GEN_AI_CLIENT_INFERENCE_TIME_TO_FIRST_CHUNK,)),
    OlderMetric(OPERATION_TIME_PER_OUTPUT_CHUNK, "2026-10", (names.GEN_AI_CLIENT_INFERENCE_TIME_PER_OUTPUT_CHUNK,)),
    OlderMetric(
        TOKEN_USAGE,
        "2026-09",
        (
            names.GEN_AI_CLIENT_INFERENCE_USAGE_INPUT_TOKENS,
            names.GEN_AI_CLIENT_INFERENCE_USAGE_OUTPUT_TOKENS,
            names.GEN_AI_CLIENT_INFERENCE_OPERATION_INPUT_TOKENS,
            names.GEN_AI_CLIENT_INFERENCE_OPERATION_OUTPUT_TOKENS,
        ),
    ),
)
"""The first is current as well, for everything that is no inference."""
