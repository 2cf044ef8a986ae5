"""Which attributes may reach every destination, by name and type; which are content; and which name a person.

Whatever stands in none of these tables goes nowhere but to the private store. A name of the conventions that nobody has
decided about ends the generator; our own names are of facts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from generated_file import ROOT

from firsttoken.semconv import names, own
from firsttoken.semconv.dialects import DIALECTS
from firsttoken.semconv.fields import ATTEMPT_FIELDS, CONTEXT_FIELDS, SPAN_FIELDS, TRACE_FIELDS
from firsttoken.semconv.older import OLDER_ATTRIBUTES, TOKEN_TYPE

Type = Literal["text", "number", "list", "shaped"]
"""Numbers are those and booleans. A list is of short words. A shape has a pattern of its own."""

TYPES: Final[Mapping[str, Type]] = {
    "any": "text",
    "boolean": "number",
    "double": "number",
    "enum(open)": "text",
    "int": "number",
    "list of maps": "shaped",
    "seconds": "number",
    "string": "text",
    "string[]": "list",
    "strings": "list",
    "true": "number",
}

CONTENT: Final = frozenset(
    {
        names.GEN_AI_AGENT_DESCRIPTION,
        names.GEN_AI_EVALUATION_EXPLANATION,
        names.GEN_AI_INPUT_MESSAGES,
        names.GEN_AI_MAIN_AGENT_DESCRIPTION,
        names.GEN_AI_MEMORY_QUERY_TEXT,
        names.GEN_AI_MEMORY_RECORDS,
        names.GEN_AI_OUTPUT_MESSAGES,
        names.GEN_AI_PROMPT_VARIABLE,
        names.GEN_AI_REQUEST_STOP_SEQUENCES,
        names.GEN_AI_RETRIEVAL_DOCUMENTS,
        names.GEN_AI_RETRIEVAL_QUERY_TEXT,
        names.GEN_AI_SKILL_DESCRIPTION,
        names.GEN_AI_SKILL_SOURCE_URI,
        names.GEN_AI_SYSTEM_INSTRUCTIONS,
        names.GEN_AI_TOOL_CALL_ARGUMENTS,
        names.GEN_AI_TOOL_CALL_RESULT,
        names.GEN_AI_TOOL_DEFINITIONS,
        names.GEN_AI_TOOL_DESCRIPTION,
        own.CONTEXT_NAMES,
    }
)
"""What was said, and what somebody wrote for a model or a person to read."""

_SEGMENT: Final = (
    "[0-9]{1,4}|arguments|completion|content|contents|description|document|embedding|finish_reason|function|"
    "function_call_arguments_json|function_call_name|id|image|json_schema|message|message_content|metadata|name|"
    "parameters|prompt|reasoning|role|score|signature|text|tool|tool_call|tool_call_id|tool_calls|type|url"
)
_PATH: Final = rf"(\.({_SEGMENT})){{1,10}}"
CONTENT_OF_OTHERS: Final = (
    rf"gen_ai\.(prompt|completion)(\.[0-9]{{1,4}}{_PATH})?",
    r"gen_ai\.event\.content",
    rf"llm\.(input_messages|output_messages|prompts|choices|tools|request\.functions){_PATH}",
    r"(llm|embedding)\.invocation_parameters",
    rf"embedding\.embeddings{_PATH}",
    rf"retrieval\.documents{_PATH}",
    r"(input|output)\.value",
    r"traceloop\.entity\.(input|output)",
    "events",
)
"""Names under which other instrumentations tell the same. No part of one is free, for it could say something."""

ERRORS: Final = frozenset({names.EXCEPTION_MESSAGE, names.EXCEPTION_STACKTRACE, "error.message"})
"""Providers repeat in them what was asked."""

PERSONS: Final = frozenset(
    {
        names.USER_ID,
        names.SESSION_ID,
        names.GEN_AI_CONVERSATION_ID,
        own.ORGANIZATION_ID,
        "client.address",
        "enduser.id",
        "gen_ai.user",
        "llm.user",
        "traceloop.association.properties.session_id",
        "traceloop.association.properties.user_id",
        "langsmith.trace.session_id",
    }
)
"""Who asked, or where from."""


def _each(names: str) -> list[str]:
    return names.split()


WORDS: Final = _each(
    "code.function.name db.collection.name db.namespace db.operation.name db.system.name "
    "embedding.model_name faas.trigger gen_ai.system http.method http.request.method http.route "
    "input.mime_type langsmith.span.kind llm.model_name llm.provider llm.request.model_name "
    "llm.request.type llm.response.model_name llm.system messaging.operation.name "
    "messaging.operation.type messaging.system network.protocol.name network.protocol.version "
    "network.transport network.type openinference.span.kind output.mime_type rpc.grpc.status_code "
    "rpc.method rpc.service rpc.system rpc.system.name traceloop.entity.name traceloop.entity.path "
    "traceloop.span.kind traceloop.workflow.name url.scheme url.template"
)
NUMBERS: Final = _each(
    "gen_ai.is_streaming gen_ai.usage.total_tokens http.status_code llm.cost.completion llm.cost.prompt "
    "llm.cost.prompt_details.cache_read llm.cost.prompt_details.cache_write llm.cost.total "
    "llm.is_streaming llm.token_count.total llm.usage.total_tokens operation.cost"
)
RESOURCE: Final = _each(
    "cloud.account.id cloud.availability_zone cloud.platform cloud.provider cloud.region "
    "cloud.resource_id container.id container.image.name container.name container.runtime "
    "deployment.environment deployment.environment.name faas.instance faas.name faas.version host.arch "
    "host.id host.image.id host.name host.type k8s.cluster.name k8s.cluster.uid k8s.container.name "
    "k8s.cronjob.name k8s.daemonset.name k8s.deployment.name k8s.job.name k8s.namespace.name "
    "k8s.node.name k8s.node.uid k8s.pod.name k8s.pod.uid k8s.replicaset.name k8s.statefulset.name os.type "
    "os.version process.executable.name process.pid process.runtime.name process.runtime.version "
    "service.instance.id service.name service.namespace service.version telemetry.auto.version "
    "telemetry.distro.name telemetry.distro.version telemetry.sdk.language telemetry.sdk.name "
    "telemetry.sdk.version"
)
"""Of the rest of the conventions. Addresses of clients, queries, paths and command lines are left out on purpose."""

WORD: Final = r'"[\w .:/@+-]{0,64}"'
FEW_WORDS: Final = rf"^\[({WORD}(,{WORD})*)?\]$"
COUNTS: Final = r'^([\[\]{}:,\s0-9.eE+-]|"[\w.-]{0,64}"|true|false|null)*$'
_ATTEMPT: Final = "|".join(field.attribute.replace(".", r"\.") for field in ATTEMPT_FIELDS)
_SAID: Final = rf'"({_ATTEMPT})":("[\w .:/@+-]{{0,128}}"|[0-9.eE+-]{{1,24}})'
SHAPES: Final[Mapping[str, str]] = {
    own.USAGE_RAW: COUNTS,
    own.ATTEMPTS: rf"^\[(\{{({_SAID}(,{_SAID})*)?\}},?)*\]$",
}
"""What is more than a word and a number and still says nothing: names and counts."""


def allowed() -> dict[str, Type]:
    """By name: what may go everywhere. Raises ValueError for a name that nobody has decided about."""
    ours = _ours()
    told: dict[str, Type] = {
        name: kind for name, kind in (ours | _conventions()).items() if name not in CONTENT | ERRORS | PERSONS
    }
    of_others: dict[str, Type] = {
        row.theirs: told[row.current] for dialect in DIALECTS for row in dialect.rows if row.current in told
    }
    older: dict[str, Type] = {row.older: told[row.current] for row in OLDER_ATTRIBUTES if row.current in told}
    outside: dict[str, Type] = {**dict.fromkeys(WORDS, "text"), **dict.fromkeys(NUMBERS, "number"), TOKEN_TYPE: "text"}
    everything: dict[str, Type] = {**of_others, **older, **told, **outside, **dict.fromkeys(SHAPES, "shaped")}
    # What was a list of one reason for one emitter is that one word for another.
    singular: dict[str, Type] = {
        row.theirs: "text" for dialect in DIALECTS for row in dialect.rows if everything.get(row.theirs) == "list"
    }
    everything |= singular
    return dict(sorted(everything.items()))


def _ours() -> dict[str, Type]:
    fields = (*SPAN_FIELDS, *CONTEXT_FIELDS, *TRACE_FIELDS, *ATTEMPT_FIELDS)
    tables = (
        own.OWN_ATTRIBUTES,
        own.OWN_STALL_ATTRIBUTES,
        own.OWN_METRIC_ATTRIBUTES,
        own.OWN_LOSS_ATTRIBUTES,
        own.OWN_EVENT_ATTRIBUTES,
        own.OWN_WORK_ATTRIBUTES,
        own.OWN_RUNNING_ATTRIBUTES,
    )
    told: dict[str, Type] = {field.attribute: TYPES[field.kind] for field in fields}
    told.update({row.name: TYPES[row.type.partition(",")[0]] for table in tables for row in table})
    return told


HARMLESS: Final = frozenset(
    {
        names.AWS_BEDROCK_GUARDRAIL_ID,
        names.AWS_BEDROCK_KNOWLEDGE_BASE_ID,
        names.ERROR_TYPE,
        names.EXCEPTION_TYPE,
        names.GEN_AI_AGENT_NAME,
        names.GEN_AI_AGENT_VERSION,
        names.GEN_AI_DATA_SOURCE_ID,
        names.GEN_AI_EVALUATION_NAME,
        names.GEN_AI_EVALUATION_SCORE_LABEL,
        names.GEN_AI_EVALUATION_SCORE_VALUE,
        names.GEN_AI_MAIN_AGENT_ID,
        names.GEN_AI_MAIN_AGENT_NAME,
        names.GEN_AI_MEMORY_RECORD_COUNT,
        names.GEN_AI_MEMORY_RECORD_ID,
        names.GEN_AI_MEMORY_STORE_ID,
        names.GEN_AI_PROMPT_NAME,
        names.GEN_AI_PROMPT_VERSION,
        names.GEN_AI_RETRIEVAL_TOP_K,
        names.GEN_AI_SKILL_NAME,
        names.GEN_AI_SKILL_RESOURCE_NAME,
        names.GEN_AI_TOKEN_MODALITY,
        names.GEN_AI_TOOL_CALL_ID,
        names.GEN_AI_TOOL_NAME,
        names.GEN_AI_TOOL_TYPE,
        names.GEN_AI_USAGE_AUDIO_CACHE_READ_INPUT_TOKENS,
        names.GEN_AI_USAGE_IMAGE_CACHE_READ_INPUT_TOKENS,
        names.GEN_AI_USAGE_TEXT_CACHE_READ_INPUT_TOKENS,
        names.GEN_AI_WORKFLOW_NAME,
        names.OPENAI_API_TYPE,
    }
)
"""Names of the conventions, beside those that a Call is made of."""


def _conventions() -> dict[str, Type]:
    facts = json.loads((ROOT / "conventions" / "gen_ai.json").read_text(encoding="utf-8"))["attributes"]
    undecided = sorted(set(_constants()) - HARMLESS - CONTENT - ERRORS - PERSONS - _ours().keys())
    if undecided:
        raise ValueError(f"decide in {__file__} whether they may go everywhere: {', '.join(undecided)}")
    return {name: TYPES[facts.get(name, {"type": "string"})["type"]] for name in HARMLESS}


def _constants() -> Iterable[str]:
    """Every attribute of the conventions that we know."""
    return (
        value
        for name, value in vars(names).items()
        if isinstance(value, str) and name.isupper() and not name.startswith("EVENT_") and name != "SCHEMA_URL"
    )
