"""The metrics of a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsttoken.call import Attempt, Call, Ledger, Outcome, Unpriced, Usage
from firsttoken.emit import MetricEmitter
from firsttoken.pricing.beside_cost import NOTHING, BesideCost
from firsttoken.testing import CapturedPoint, CapturedTelemetry

SHARED = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "server.address": "api.openai.com",
    "server.port": 443,
}
TIERED = {**SHARED, "openai.response.service_tier": "default"}
PAID_IN = {"firsttoken.cost.currency": "USD"}
ENDED_WELL = {"firsttoken.outcome": "completed", "firsttoken.usage.known": "final", **PAID_IN}
TIMED = {
    "firsttoken.client.calls",
    "firsttoken.client.generation_time",
    "firsttoken.client.time_to_first_token",
}
ABOUT_COST = {f"firsttoken.client.{name}" for name in ("cache_savings", "cost", "cut_cost", "unpriced_calls")}
UNKNOWN = {**TIERED, "gen_ai.token.modality": "unknown"}
AUDIO = {**TIERED, "gen_ai.token.modality": "audio"}
INFERENCE = "gen_ai.client.inference"
COUNTED = {
    f"{INFERENCE}.usage.input_tokens": "input_tokens",
    f"{INFERENCE}.usage.output_tokens": "output_tokens",
    f"{INFERENCE}.usage.cache_read.input_tokens": "cache_read_tokens",
    f"{INFERENCE}.usage.cache_write.input_tokens": "cache_write_tokens",
    f"{INFERENCE}.usage.reasoning.output_tokens": "reasoning_tokens",
}
COUNTS = st.none() | st.integers(0, 10**9)


def recorded(calls: Iterable[Call], gaps_ns: Iterable[int] = (), beside: BesideCost = NOTHING) -> list[CapturedPoint]:
    with CapturedTelemetry() as telemetry:
        emitter = MetricEmitter(telemetry.meter_provider.get_meter("test"))
        for call in calls:
            emitter.record(call, None, beside)
            emitter.record_gaps(call.request, call.response.model, gaps_ns)
        return telemetry.points


def summary(points: Iterable[CapturedPoint]) -> list[tuple[str, Any, Any]]:
    return sorted(((point["name"], point["attributes"], point["value"]) for point in points), key=str)


def test_a_streamed_call_gives_a_point_of_each_metric(completed: Call) -> None:
    expected = [
        ("firsttoken.client.calls", {**SHARED, **ENDED_WELL, "gen_ai.request.stream": True}, 1),
        ("firsttoken.client.cost", {**SHARED, "firsttoken.cost.currency": "USD"}, 0.75),
        ("firsttoken.client.generation_time", SHARED, 0.5),
        ("firsttoken.client.time_to_first_token", SHARED, 0.3),
        (f"{INFERENCE}.duration", TIERED, 0.9),
        (f"{INFERENCE}.operation.input_tokens", TIERED, 100),
        (f"{INFERENCE}.operation.output_tokens", TIERED, 11),
        (f"{INFERENCE}.time_per_output_chunk", SHARED, 0.25),
        (f"{INFERENCE}.time_to_first_chunk", SHARED, 0.2),
        (f"{INFERENCE}.usage.cache_read.input_tokens", UNKNOWN, 0),
        (f"{INFERENCE}.usage.input_tokens", AUDIO, 30),
        (f"{INFERENCE}.usage.input_tokens", UNKNOWN, 70),
        (f"{INFERENCE}.usage.output_tokens", UNKNOWN, 11),
        (f"{INFERENCE}.usage.reasoning.output_tokens", UNKNOWN, 4),
    ]
    assert expected == summary(recorded([completed], gaps_ns=[100_000_000, 150_000_000]))


REFUSED = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "anthropic",
    "gen_ai.request.model": "claude-sonnet-4-5",
}


def test_a_failed_call_gives_its_duration_with_the_type_of_its_error(failed: Call) -> None:
    expected = [
        ("firsttoken.client.calls", {**REFUSED, "firsttoken.outcome": "failed"}, 1),
        ("firsttoken.client.errors", {**REFUSED, "firsttoken.error.category": "overloaded"}, 1),
        (f"{INFERENCE}.duration", {**REFUSED, "error.type": "overloaded_error"}, 0.05),
    ]
    assert expected == summary(recorded([failed]))


def test_each_attempt_that_was_repeated_counts_by_its_own_category(retried: Call) -> None:
    expected = [
        ("firsttoken.client.retries", {**REFUSED, "firsttoken.error.category": "rate_limit"}, 1),
        ("firsttoken.client.retries", {**REFUSED, "firsttoken.error.category": "timeout"}, 1),
    ]
    assert expected == [point for point in summary(recorded([retried])) if point[0] == "firsttoken.client.retries"]


def test_the_time_of_attempts_adds_up_to_the_start_of_the_last_one(retried: Call) -> None:
    expected = [
        ("firsttoken.client.retry_time", {**REFUSED, "firsttoken.error.category": "rate_limit"}, 0.015),
        ("firsttoken.client.retry_time", {**REFUSED, "firsttoken.error.category": "timeout"}, pytest.approx(0.011)),
    ]
    assert expected == [point for point in summary(recorded([retried])) if point[0] == "firsttoken.client.retry_time"]


def test_an_attempt_that_failed_before_the_wait_of_the_last_was_over_takes_no_time_back(retried: Call) -> None:
    early = replace(retried, attempts=(Attempt(10, 50), Attempt(20, 5)))
    values = [point["value"] for point in recorded([early]) if point["name"] == "firsttoken.client.retry_time"]
    assert values == [pytest.approx(60e-9)]


def test_embeddings_give_their_duration_as_an_operation_and_their_cost(embedded: Call) -> None:
    shared = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "text-embedding-3-small",
        "gen_ai.response.model": "text-embedding-3-small",
    }
    expected = [
        ("firsttoken.client.calls", {**shared, **ENDED_WELL}, 1),
        ("firsttoken.client.cost", {**shared, "firsttoken.cost.currency": "USD"}, 0.25),
        ("gen_ai.client.operation.duration", shared, 0.05),
    ]
    assert expected == summary(recorded([embedded]))


def test_a_call_is_counted_with_a_currency_where_it_was_paid_in_one(completed: Call) -> None:
    in_euros = replace(completed, cost=Ledger(Decimal(1), Decimal(0), Decimal(0), Decimal(0), "EUR", "list"))
    unpriced, refused = (replace(completed, cost=cost) for cost in (Unpriced("unknown_model"), None))
    counted = [
        (point["attributes"].get("firsttoken.cost.currency"), point["value"])
        for point in recorded([completed, in_euros, in_euros, unpriced, refused])
        if point["name"] == "firsttoken.client.calls"
    ]
    assert sorted(counted, key=str) == [("EUR", 2), ("USD", 1), (None, 2)]


def test_a_fetch_gives_its_duration_as_an_operation_and_is_counted(fetched: Call) -> None:
    attributes = {
        "gen_ai.operation.name": "fetch_response",
        "gen_ai.provider.name": "openai",
        "gen_ai.response.model": "gpt-5",
    }
    ended = {"firsttoken.outcome": "completed", "gen_ai.request.stream": True}
    expected = [
        ("firsttoken.client.calls", {**attributes, **ended}, 1),
        ("gen_ai.client.operation.duration", attributes, 0.05),
    ]
    assert expected == summary(recorded([fetched], gaps_ns=[5, 6]))


def test_unknown_usage_is_no_point_and_not_zero(completed: Call) -> None:
    names = {point["name"] for point in recorded([replace(completed, usage=None)])}
    assert {f"{INFERENCE}.duration", f"{INFERENCE}.time_to_first_chunk", "firsttoken.client.cost", *TIMED} == names


def test_a_partial_count_is_counted_as_far_as_it_goes_and_kept_out_of_the_percentiles(completed: Call) -> None:
    points = recorded([replace(completed, usage=Usage(input_tokens=100, partial=True))])
    assert [(f"{INFERENCE}.usage.input_tokens", UNKNOWN, 100)] == [
        found for found in summary(points) if "tokens" in found[0]
    ]


def test_the_tier_of_another_provider_is_not_called_openais(completed: Call) -> None:
    other = replace(completed, request=replace(completed.request, api="anthropic.messages"))
    assert {False} == {"openai.response.service_tier" in point["attributes"] for point in recorded([other])}


def test_an_unpriced_call_is_counted_with_its_reason_and_costs_nothing_known(completed: Call) -> None:
    points = recorded([replace(completed, cost=Unpriced("unknown_model"))] * 3)
    expected = [("firsttoken.client.unpriced_calls", {**SHARED, "firsttoken.cost.unpriced": "unknown_model"}, 3)]
    assert expected == [found for found in summary(points) if found[0] in ABOUT_COST]


def test_a_call_that_nobody_priced_says_nothing_of_cost(completed: Call) -> None:
    points = recorded([replace(completed, cost=None)])
    assert [point for point in points if point["name"] in ABOUT_COST] == []


@pytest.mark.parametrize(
    ("saved", "effect", "amount"),
    [("0.5", "saved", 0.5), ("-0.125", "surcharge", 0.125), ("0", "saved", 0)],
)
def test_what_a_cache_saved_and_what_it_cost_more_are_two_sums_that_rise(
    completed: Call, saved: str, effect: str, amount: float
) -> None:
    points = summary(recorded([completed], beside=BesideCost(saved_by_cache=Decimal(saved))))
    attributes = {**SHARED, "firsttoken.cost.currency": "USD", "firsttoken.cache.effect": effect}
    assert ("firsttoken.client.cache_savings", attributes, amount) in points


def test_what_a_cut_stream_had_cost_so_far_is_no_part_of_the_cost(completed: Call) -> None:
    so_far = Ledger(Decimal("0.5"), Decimal(0), Decimal(0), Decimal("0.25"), "EUR", "list")
    cut = replace(completed, outcome=Outcome.CANCELLED, cost=Unpriced("partial_usage"), usage=Usage(5, partial=True))
    points = summary(recorded([cut], beside=BesideCost(so_far=so_far)))
    attributes = {**SHARED, "firsttoken.cost.currency": "EUR", "firsttoken.outcome": "cancelled"}
    assert ("firsttoken.client.cut_cost", attributes, 0.75) in points
    assert "firsttoken.client.cost" not in {name for name, _, _ in points}


@pytest.mark.parametrize(
    ("usage", "known"), [(None, "none"), (Usage(5, partial=True), "partial"), (Usage(5, 5), "final")]
)
def test_a_call_is_counted_by_what_is_known_of_its_usage(completed: Call, usage: Usage | None, known: str) -> None:
    [attributes] = counted_as(replace(completed, usage=usage))
    assert known == attributes["firsttoken.usage.known"]


@pytest.mark.parametrize(
    ("reasons", "truncated"),
    [
        (None, False),
        (("stop",), False),
        (("stop", "length"), True),
        (("max_tokens",), True),
        (("model_context_window_exceeded",), True),
        (("error",), False),
    ],
)
def test_an_answer_that_a_limit_ended_counts_as_truncated(
    completed: Call, reasons: tuple[str, ...] | None, truncated: bool
) -> None:
    [attributes] = counted_as(replace(completed, response=replace(completed.response, finish_reasons=reasons)))
    assert truncated == attributes.get("firsttoken.response.truncated", False)


def test_a_stream_without_a_token_has_neither_a_first_one_nor_a_generation(completed: Call) -> None:
    silent = replace(completed, timing=replace(completed.timing, first_token_ns=None))
    assert not (TIMED - {"firsttoken.client.calls"}) & {point["name"] for point in recorded([silent])}


def counted_as(call: Call) -> list[dict[str, Any]]:
    return [dict(point["attributes"]) for point in recorded([call]) if point["name"] == "firsttoken.client.calls"]


def test_chunk_times_are_measured_one_by_one(completed: Call) -> None:
    (point,) = (point for point in recorded([completed], [1, 2, 3]) if point["name"].endswith("per_output_chunk"))
    assert (3, pytest.approx(6e-9)) == (point["count"], point["value"])


def test_tokens_are_told_apart_by_modality_and_only_what_is_left_is_unknown(completed: Call) -> None:
    usage = Usage(100, 50, input_text_tokens=60, input_image_tokens=40, output_image_tokens=20)
    points = recorded([replace(completed, usage=usage)])
    counted = {
        (COUNTED[point["name"]], point["attributes"]["gen_ai.token.modality"]): point["value"]
        for point in points
        if point["name"] in COUNTED
    }
    assert counted == {
        ("input_tokens", "image"): 40,
        ("input_tokens", "text"): 60,
        ("output_tokens", "image"): 20,
        ("output_tokens", "unknown"): 30,
    }


@given(
    st.lists(
        st.builds(
            Usage,
            input_tokens=COUNTS,
            output_tokens=COUNTS,
            cache_read_tokens=COUNTS,
            cache_write_tokens=COUNTS,
            reasoning_tokens=COUNTS,
            input_text_tokens=COUNTS,
            output_text_tokens=COUNTS,
            input_image_tokens=COUNTS,
            output_image_tokens=COUNTS,
            input_audio_tokens=COUNTS,
            output_audio_tokens=COUNTS,
            partial=st.booleans(),
        ),
        max_size=5,
    )
)
@settings(max_examples=50, deadline=None)
def test_the_counters_add_up_to_what_was_reported(completed: Call, usages: list[Usage]) -> None:
    points = recorded(replace(completed, usage=usage) for usage in usages)
    counted: Counter[str] = Counter()
    for point in points:
        if point["name"] in COUNTED:
            counted[COUNTED[point["name"]]] += int(point["value"])
            assert point["attributes"]["gen_ai.token.modality"] in {"audio", "image", "text", "unknown"}
    reported = {
        field: sum(known)
        for field in COUNTED.values()
        if (known := [count for usage in usages if (count := getattr(usage, field)) is not None])
    }
    assert reported == dict(counted)
