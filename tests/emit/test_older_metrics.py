"""The metrics of a call under the names of before October 2026, instead of the current ones or beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.metrics import NoOpMeter

from firsttoken.call import Call, Request, Usage
from firsttoken.emit import MetricEmitter
from firsttoken.semconv import own
from firsttoken.semconv.older import OLDER_METRICS
from firsttoken.settings import Conventions
from firsttoken.testing import CapturedPoint, CapturedTelemetry

OPERATION, TOKENS = "gen_ai.client.operation", "gen_ai.client.token.usage"
INFERENCE = "gen_ai.client.inference"
SHARED = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "server.address": "api.openai.com",
    "server.port": 443,
}
TIERED = {**SHARED, "openai.response.service_tier": "default", "gen_ai.openai.response.service_tier": "default"}
SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
COUNTS = st.none() | st.integers(0, 10**9)
EITHER: tuple[Conventions, ...] = ("older", "both")
WITH_OLDER = pytest.mark.parametrize("conventions", EITHER)


def recorded(calls: Iterable[Call], conventions: Conventions, gaps_ns: Iterable[int] = ()) -> list[CapturedPoint]:
    with CapturedTelemetry() as telemetry:
        emitter = MetricEmitter(telemetry.meter_provider.get_meter("test"), conventions)
        for call in calls:
            emitter.record(call, None)
            emitter.record_gaps(call.request, call.response.model, gaps_ns)
        return telemetry.points


def older(points: Iterable[CapturedPoint]) -> list[tuple[str, Any, Any]]:
    wanted = [point for point in points if point["name"] in {row.metric.name for row in OLDER_METRICS}]
    return sorted(((point["name"], point["attributes"], point["value"]) for point in wanted), key=str)


@WITH_OLDER
def test_a_streamed_call_gives_a_point_of_each_metric(completed: Call, conventions: Conventions) -> None:
    expected = [
        (f"{OPERATION}.duration", TIERED, 0.9),
        (f"{OPERATION}.time_per_output_chunk", SHARED, 0.25),
        (f"{OPERATION}.time_to_first_chunk", SHARED, 0.2),
        (TOKENS, {**TIERED, "gen_ai.token.type": "input"}, 100),
        (TOKENS, {**TIERED, "gen_ai.token.type": "output"}, 11),
    ]
    points = recorded([completed], conventions, [100_000_000, 150_000_000])
    assert sorted(expected, key=str) == older(points)
    assert {1, 2} == {point["count"] for point in points if point["name"].startswith(OPERATION)}


@WITH_OLDER
def test_instruments_units_and_buckets_are_those_of_their_definition(completed: Call, conventions: Conventions) -> None:
    told = {
        point["name"]: (point["unit"], point["bounds"])
        for point in recorded([completed], conventions, [1])
        if point["name"].startswith((OPERATION, TOKENS))
    }
    assert told == {
        f"{OPERATION}.duration": ("s", SECONDS),
        f"{OPERATION}.time_to_first_chunk": ("s", SECONDS),
        f"{OPERATION}.time_per_output_chunk": ("s", SECONDS),
        TOKENS: ("{token}", tuple(4**power for power in range(14))),
    }


@WITH_OLDER
def test_a_failed_call_gives_its_duration_with_the_type_of_its_error(failed: Call, conventions: Conventions) -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.system": "anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "error.type": "overloaded_error",
    }
    assert [(f"{OPERATION}.duration", attributes, 0.05)] == older(recorded([failed], conventions))


@WITH_OLDER
def test_embeddings_give_one_duration_and_their_input_tokens(embedded: Call, conventions: Conventions) -> None:
    shared = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.system": "openai",
        "gen_ai.request.model": "text-embedding-3-small",
        "gen_ai.response.model": "text-embedding-3-small",
    }
    points = recorded([embedded], conventions)
    expected = [(f"{OPERATION}.duration", shared, 0.05), (TOKENS, {**shared, "gen_ai.token.type": "input"}, 100)]
    assert expected == older(points)
    assert [point["count"] for point in points if point["name"] == f"{OPERATION}.duration"] == [1]


@WITH_OLDER
def test_a_fetch_gives_its_duration_and_is_counted(fetched: Call, conventions: Conventions) -> None:
    attributes = {
        "gen_ai.operation.name": "fetch_response",
        "gen_ai.provider.name": "openai",
        "gen_ai.system": "openai",
        "gen_ai.response.model": "gpt-5",
    }
    points = recorded([fetched], conventions, [5, 6])
    assert [(f"{OPERATION}.duration", attributes, 0.05)] == older(points)
    assert {f"{OPERATION}.duration", own.CALLS.name} == {point["name"] for point in points}


def test_the_older_metrics_come_instead_of_the_current_ones_and_our_own_stay(completed: Call) -> None:
    ours = {metric.name for metric in (own.CALLS, own.COST, own.FIRST_TOKEN_TIME, own.GENERATION_TIME)}
    names = {point["name"] for point in recorded([completed], "older", [1])}
    assert {row.metric.name for row in OLDER_METRICS} | ours == names


def test_both_are_the_points_of_either_and_no_other(completed: Call, failed: Call, embedded: Call) -> None:
    calls = [completed, failed, embedded]
    alone = {each: recorded(calls, each, [1]) for each in get_args(Conventions)}
    shared = {f"{OPERATION}.duration", *(metric.name for metric in own.OWN_METRICS)}
    current = [point for point in alone["current"] if point["name"] not in shared]
    assert sorted([*current, *alone["older"]], key=str) == sorted(alone["both"], key=str)


def test_the_current_conventions_have_no_point_under_an_older_name(completed: Call, embedded: Call) -> None:
    points = recorded([completed, embedded], "current", [1])
    durations = {
        point["attributes"]["gen_ai.operation.name"] for point in points if point["name"].startswith(OPERATION)
    }
    assert durations == {"embeddings"}
    assert TOKENS not in {point["name"] for point in points}
    assert not {"gen_ai.system", "gen_ai.token.type"} & {name for point in points for name in point["attributes"]}


@pytest.mark.parametrize("conventions", get_args(Conventions))
def test_an_instrument_is_made_once_and_only_where_it_is_wanted(conventions: Conventions) -> None:
    made: list[str] = []

    class Listing(NoOpMeter):
        def create_histogram(self, name: str, *args: Any, **kwargs: Any) -> Any:
            made.append(name)
            return super().create_histogram(name, *args, **kwargs)

    MetricEmitter(Listing("test"), conventions)
    assert len(made) == len(set(made))
    assert any(name.startswith(INFERENCE) for name in made) == (conventions != "older")
    assert (TOKENS in made) == (f"{OPERATION}.time_to_first_chunk" in made) == (conventions != "current")


USAGES = st.builds(Usage, input_tokens=COUNTS, output_tokens=COUNTS, partial=st.booleans())


@given(st.lists(st.tuples(st.sampled_from(["chat", "text_completion", "batch_results"]), USAGES), max_size=5))
@settings(max_examples=50, deadline=None)
def test_the_older_histogram_sums_up_to_what_the_counters_count(completed: Call, told: list[tuple[str, Usage]]) -> None:
    def asked(operation: str) -> Request:
        return replace(completed.request, operation=operation)

    sums: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for point in recorded((replace(completed, request=asked(each), usage=usage) for each, usage in told), "both"):
        if point["name"] == TOKENS:
            sums[point["attributes"]["gen_ai.token.type"]] += int(point["value"])
        for way in ("input", "output"):
            if point["name"] == f"{INFERENCE}.usage.{way}_tokens":
                counted[way] += int(point["value"])
    assert sums == counted
