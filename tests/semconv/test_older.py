"""The conventions of before October 2026: what was called what, and how a call is told under either names or both."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from any_call import calls
from hypothesis import assume, given
from hypothesis import strategies as st
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes, openai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics
from opentelemetry.semconv.schemas import Schemas
from test_round_trip import GARBAGE, as_travelled, span_of

from firsttoken.call import Call
from firsttoken.semconv import names
from firsttoken.semconv.older import OLDER_ATTRIBUTES, OLDER_METRICS, PROVIDERS, SCHEMA_URLS, TOKEN_TYPE
from firsttoken.semconv.read import read_call
from firsttoken.semconv.renaming import currently_named, named
from firsttoken.semconv.write import call_attributes
from firsttoken.settings import Conventions

ROOT = Path(__file__).resolve().parents[2]
CURRENT: dict[str, Any] = json.loads((ROOT / "conventions" / "gen_ai.json").read_text())
RELEASED = {
    value
    for module in (gen_ai_attributes, openai_attributes, gen_ai_metrics)
    for constant, value in vars(module).items()
    if constant.isupper() and isinstance(value, str)
}
"""Every name that a release of the conventions had, as far as the newest of them remembers."""
REMEMBERED = pytest.mark.skipif(not hasattr(Schemas, "V1_41_0"), reason="the conventions installed are older still")
OLDER = {row.older for row in OLDER_ATTRIBUTES} - CURRENT["attributes"].keys()
TYPES = {"string": str, "int": int, "double": float}
ALL = get_args(Conventions)
WANTED = pytest.mark.parametrize("conventions", ALL)


@REMEMBERED
@pytest.mark.parametrize("name", [*(row.older for row in OLDER_ATTRIBUTES), TOKEN_TYPE])
def test_an_older_attribute_was_in_a_release(name: str) -> None:
    assert name in RELEASED


@REMEMBERED
@pytest.mark.parametrize("metric", [row.metric for row in OLDER_METRICS], ids=lambda metric: metric.name)
def test_an_older_metric_was_in_a_release_with_its_unit(metric: Any) -> None:
    assert metric.name in RELEASED

    class Meter:
        @staticmethod
        def create_histogram(name: str, description: str, unit: str) -> tuple[str, str, str]:
            del description
            return name, "histogram", unit

    create = getattr(gen_ai_metrics, f"create_{metric.name.replace('.', '_')}")
    assert create(Meter()) == metric[:3]


def test_what_took_a_names_place_is_current() -> None:
    assert {row.current for row in OLDER_ATTRIBUTES} <= CURRENT["attributes"].keys()
    assert {metric.name for row in OLDER_METRICS for metric in row.current} <= CURRENT["metrics"].keys()


def test_only_the_type_of_one_attribute_and_the_scope_of_one_metric_are_older_under_a_current_name() -> None:
    assert {row.older for row in OLDER_ATTRIBUTES} & CURRENT["attributes"].keys() == {"gen_ai.request.top_k"}
    assert {row.metric.name for row in OLDER_METRICS} & CURRENT["metrics"].keys() == {
        "gen_ai.client.operation.duration"
    }


@REMEMBERED
def test_a_current_name_gives_way_where_no_release_had_it() -> None:
    gave = {row.current: row.gives_way for row in OLDER_ATTRIBUTES if row.older != row.current}
    assert {name: name not in RELEASED for name in gave} == gave


@REMEMBERED
def test_no_name_of_a_release_that_we_could_tell_is_missing() -> None:
    """Everything deprecated that a call knows under another name: the others are content, agents and tools, or the
    response format, which is told apart more finely than it is kept."""
    gone = {name for name in RELEASED if name.startswith("gen_ai.")} - CURRENT["attributes"].keys()
    untold = {"gen_ai.prompt", "gen_ai.completion", "gen_ai.openai.request.response_format"}
    metrics = {row.metric.name for row in OLDER_METRICS}
    assert gone - CURRENT["metrics"].keys() - metrics - OLDER == untold | {TOKEN_TYPE}


@REMEMBERED
def test_the_schema_of_the_older_conventions_was_published() -> None:
    assert SCHEMA_URLS["older"] == Schemas.V1_41_0.value
    assert {SCHEMA_URLS[each] for each in ("current", "both")} == {names.SCHEMA_URL}


@given(calls())
def test_the_current_conventions_leave_everything_as_it_is(call: Call) -> None:
    attributes = call_attributes(call)
    assert named(attributes, "current") is attributes
    assert not OLDER & attributes.keys()


@given(calls())
def test_both_are_the_current_attributes_and_the_older_ones_beside_them(call: Call) -> None:
    attributes = call_attributes(call)
    both = named(attributes, "both")
    assert attributes == {name: value for name, value in both.items() if name not in OLDER}
    known = {row.older for row in OLDER_ATTRIBUTES if row.current in attributes}
    assert known - {"gen_ai.request.top_k"} == OLDER & both.keys()


def test_a_full_call_has_every_older_attribute_with_its_type(full_call: Call) -> None:
    attributes = named(call_attributes(full_call), "older")
    expected = {
        "gen_ai.system": "openai",
        "gen_ai.request.top_k": 5.0,
        "gen_ai.openai.request.seed": 7,
        "gen_ai.openai.request.service_tier": "flex",
        "gen_ai.openai.response.service_tier": "default",
        "gen_ai.openai.response.system_fingerprint": "fp_1",
        "gen_ai.usage.prompt_tokens": 100,
        "gen_ai.usage.completion_tokens": 50,
        "gen_ai.usage.cache_creation.input_tokens": 10,
    }
    assert expected == {row.older: attributes[row.older] for row in OLDER_ATTRIBUTES}
    types = {row.older: TYPES[row.type.partition(",")[0]] for row in OLDER_ATTRIBUTES}
    assert types == {name: type(attributes[name]) for name in types}


def test_the_older_attributes_replace_what_no_release_had_and_stand_beside_the_rest(full_call: Call) -> None:
    current, older = call_attributes(full_call), named(call_attributes(full_call), "older")
    assert {"gen_ai.usage.cache_write.input_tokens"} == current.keys() - older.keys()
    assert older.keys() - current.keys() == OLDER


@pytest.mark.parametrize(("provider", "system"), [("x_ai", "xai"), ("openai", "openai"), ("llm.example.com",) * 2])
def test_a_provider_has_the_name_that_it_had(full_call: Call, provider: str, system: str) -> None:
    call = replace(full_call, request=replace(full_call.request, provider=provider))
    attributes = named(call_attributes(call), "both")
    assert (provider, system) == (attributes["gen_ai.provider.name"], attributes["gen_ai.system"])
    del attributes["gen_ai.provider.name"]
    assert read_call(span_of(call, currently_named(attributes))).request.provider == provider


@pytest.mark.parametrize(("sent", "read"), [(5.0, 5), (5, 5), (-1.0, -1), (0.5, None), (2.0**60, None), ("5", None)])
def test_a_number_that_once_was_a_double_is_read_where_it_is_whole(full_call: Call, sent: object, read: object) -> None:
    attributes = call_attributes(full_call) | {"gen_ai.request.top_k": sent}
    assert read_call(span_of(full_call, currently_named(attributes))).request.parameters.top_k == read


@WANTED
@given(call=calls())
def test_reading_gives_back_what_was_written_under_whichever_names(conventions: Conventions, call: Call) -> None:
    attributes = named(call_attributes(call), conventions)
    assert as_travelled(call) == read_call(span_of(call, currently_named(attributes)))


@WANTED
def test_a_full_call_survives_under_whichever_names(full_call: Call, conventions: Conventions) -> None:
    attributes = named(call_attributes(full_call), conventions)
    assert as_travelled(full_call) == read_call(span_of(full_call, currently_named(attributes)))


@given(calls())
def test_older_names_alone_say_as_much(call: Call) -> None:
    assume(call.request.provider not in PROVIDERS)  # as a current name nobody has it, and as an older one it is another
    attributes = named(call_attributes(call), "older")
    alone = {row.current for row in OLDER_ATTRIBUTES if row.older in attributes and row.older != row.current}
    for name in alone & attributes.keys():
        del attributes[name]
    assert as_travelled(call) == read_call(span_of(call, currently_named(attributes)))


def test_of_two_names_that_disagree_the_current_one_counts() -> None:
    attributes = {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.prompt_tokens": 7, "gen_ai.system": "openai"}
    read = currently_named(attributes)
    assert (read["gen_ai.usage.input_tokens"], read["gen_ai.provider.name"]) == (5, "openai")


@given(st.dictionaries(st.sampled_from(sorted(OLDER | {"gen_ai.request.top_k"})), GARBAGE))
def test_whatever_stands_under_an_older_name_is_no_mishap(attributes: dict[str, Any]) -> None:
    before = dict(attributes)
    currently_named(attributes)
    assert attributes.keys() == before.keys()
