"""Every name is one of the conventions or listed as ours, and every value has the type that goes with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from any_call import calls
from hypothesis import given

from firsttoken.call import Call, Unpriced
from firsttoken.semconv import names, own
from firsttoken.semconv.context import is_reserved
from firsttoken.semconv.fields import (
    CONTEXT_FIELDS,
    INFERENCE_FIELDS,
    OPENAI_TIERS,
    OTHER_FIELDS,
    OTHER_TIERS,
    REQUEST_FIELDS,
    RESULT_FIELDS,
)
from firsttoken.semconv.metric import Metric
from firsttoken.semconv.older import OLDER_ATTRIBUTES
from firsttoken.semconv.write import call_attributes, request_attributes, span_name

ROOT = Path(__file__).resolve().parents[2]
CONVENTIONS: dict[str, Any] = json.loads((ROOT / "conventions" / "gen_ai.json").read_text())
CORE_TYPES = {
    "error.type": "string",
    "http.request.resend_count": "int",
    "http.response.status_code": "int",
    "server.address": "string",
    "server.port": "int",
    "session.id": "string",
    "user.id": "string",
}
"""Types of the core conventions, which the GenAI ones build on."""
TYPES = (
    CORE_TYPES
    | {name: about["type"] for name, about in CONVENTIONS["attributes"].items()}
    | {mine.name: mine.type.partition(",")[0] for mine in own.OWN_ATTRIBUTES}
)


def type_of(value: object) -> str:
    """The conventions' word for the type that OTLP would carry."""
    if isinstance(value, tuple):
        assert {type_of(item) for item in value} <= {"string"}
        return "string[]"
    return {str: "string", int: "int", float: "double", bool: "boolean"}[type(value)]


def has_its_type(name: str, value: object) -> bool:
    return type_of(value) == TYPES[name].replace("enum(open)", "string")


@given(calls())
def test_every_attribute_is_known_and_has_its_type(call: Call) -> None:
    more = call.request.context.more
    attributes = {name: value for name, value in call_attributes(call).items() if name not in more}
    assert {name: value for name, value in attributes.items() if not has_its_type(name, value)} == {}


def test_a_full_call_writes_every_attribute_that_there_is(full_call: Call) -> None:
    every = (*REQUEST_FIELDS, *CONTEXT_FIELDS, *RESULT_FIELDS, *INFERENCE_FIELDS, *OPENAI_TIERS)
    fields = {field.attribute for field in every}
    priced = {mine.name for mine in own.OWN_ATTRIBUTES if mine.name.startswith("firsttoken.cost.")}
    derived = {names.OPENAI_API_TYPE, names.ERROR_TYPE, *priced - {own.COST_UNPRICED, own.COST_UNSPLIT}}
    more = {own.CONTEXT_NAMES, *full_call.request.context.more}
    assert fields | derived | more == call_attributes(full_call).keys()
    whole = replace(full_call, usage=replace(full_call.usage, partial=False))  # type: ignore[type-var]
    assert {own.OUTPUT_TOKENS_PER_SECOND} == call_attributes(whole).keys() - call_attributes(full_call).keys()


def test_no_two_fields_share_an_attribute() -> None:
    at_start = (*REQUEST_FIELDS, *CONTEXT_FIELDS)
    every = (*at_start, *RESULT_FIELDS, *INFERENCE_FIELDS, *OTHER_FIELDS, *OPENAI_TIERS, *OTHER_TIERS)
    attributes = [field.attribute for field in every]
    assert len(set(attributes)) == len(attributes)


def test_every_own_name_is_in_the_table_once() -> None:
    constants = {name: value for name, value in vars(own).items() if name.isupper()}
    named = [value for value in constants.values() if isinstance(value, str)]
    tables = (
        own.OWN_ATTRIBUTES,
        own.OWN_EVENT_ATTRIBUTES,
        own.OWN_LOSS_ATTRIBUTES,
        own.OWN_METRIC_ATTRIBUTES,
        own.OWN_STALL_ATTRIBUTES,
        own.OWN_WORK_ATTRIBUTES,
        own.OWN_EVENTS,
        own.OWN_RUNNING_ATTRIBUTES,
        own.OWN_RUNNING_EVENTS,
    )
    assert sorted(named) == sorted(mine.name for table in tables for mine in table)
    assert {metric for metric in constants.values() if isinstance(metric, Metric)} == {
        *own.OWN_METRICS,
        *own.OWN_WORK_METRICS,
    }


def test_a_sampler_sees_all_that_the_conventions_want_it_to(full_call: Call) -> None:
    wanted = {
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.model",
        "server.address",
        "server.port",
    }
    assert wanted <= request_attributes(full_call.request).keys()


def test_the_service_tier_of_another_wire_is_not_called_openais(full_call: Call) -> None:
    other = replace(full_call, request=replace(full_call.request, api="anthropic.messages"))
    attributes = call_attributes(other)
    assert (attributes[own.REQUEST_SERVICE_TIER], attributes[own.RESPONSE_SERVICE_TIER]) == ("flex", "default")
    assert not {names.OPENAI_API_TYPE, *(field.attribute for field in OPENAI_TIERS)} & attributes.keys()


def test_only_an_inference_has_a_first_chunk_and_only_a_fetch_a_status_by_the_conventions(full_call: Call) -> None:
    fetch = call_attributes(replace(full_call, request=replace(full_call.request, operation="fetch_response")))
    chat = call_attributes(full_call)
    assert {field.attribute for field in INFERENCE_FIELDS} == chat.keys() - fetch.keys()
    assert {field.attribute for field in OTHER_FIELDS} == fetch.keys() - chat.keys()


@pytest.mark.parametrize(("name", "model"), [("chat gpt-4o", "gpt-4o"), ("chat", None), ("chat", "")])
def test_a_span_is_named_by_operation_and_model(full_call: Call, name: str, model: str | None) -> None:
    assert name == span_name(replace(full_call.request, model=model))


def test_an_unpriced_call_has_no_amount(full_call: Call) -> None:
    attributes = call_attributes(replace(full_call, cost=Unpriced("unknown_usage")))
    assert {own.COST_UNPRICED} == {name for name in attributes if name.startswith("firsttoken.cost.")}


def test_nothing_of_the_applications_own_can_have_a_name_of_the_conventions_or_of_ours() -> None:
    assert [name for name in {*TYPES, *(row.older for row in OLDER_ATTRIBUTES)} if not is_reserved(name)] == []
    assert not any(map(is_reserved, ("feature", "user.email", "session.kind", "app.error", "servername", "error")))
