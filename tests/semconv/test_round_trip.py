"""What a span says of a call is what was written, and nothing that came from elsewhere can make reading raise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from any_call import calls
from hypothesis import given
from hypothesis import strategies as st

from firsttoken.call import Call, Category, Failure, Ledger, Outcome, Request, Timing, Unpriced
from firsttoken.semconv import names, own
from firsttoken.semconv.read import SpanFacts, is_call, read_call
from firsttoken.semconv.write import attempt_attributes, call_attributes

ATTRIBUTES = sorted(
    value for module in (names, own) for value in vars(module).values() if isinstance(value, str) and "." in value
)
NUMBERS_AND_TEXTS = st.none() | st.booleans() | st.integers() | st.integers(10**300, 10**400) | st.floats() | st.text()


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=4,
    )


JSON_GARBAGE = nested(NUMBERS_AND_TEXTS)
"""As receivers have it."""
GARBAGE = nested(NUMBERS_AND_TEXTS | st.binary())


def span_of(call: Call, attributes: dict[str, Any]) -> SpanFacts:
    failed = call.failure is not None
    return SpanFacts(
        attributes=attributes,
        started_unix_ns=call.timing.started_unix_ns,
        duration_ns=call.timing.duration_ns,
        is_error=failed,
        status_message=call.failure.message if call.failure is not None else "",
        attempts=[attempt_attributes(attempt) for attempt in call.attempts],
    )


def as_travelled(call: Call) -> Call:
    """Without what the exception's log event carries and a span does not."""
    if call.failure is None:
        return call
    return replace(call, failure=replace(call.failure, exception_type=None, stacktrace=None))


@given(calls())
def test_reading_gives_back_what_was_written(call: Call) -> None:
    assert as_travelled(call) == read_call(span_of(call, call_attributes(call)))


def test_a_call_with_every_field_survives(full_call: Call) -> None:
    assert as_travelled(full_call) == read_call(span_of(full_call, call_attributes(full_call)))


@given(calls())
def test_sequences_may_arrive_as_lists(call: Call) -> None:
    written = call_attributes(call)
    attributes = {name: list(value) if isinstance(value, tuple) else value for name, value in written.items()}
    assert as_travelled(call) == read_call(span_of(call, attributes))


@given(st.dictionaries(st.sampled_from(ATTRIBUTES), GARBAGE), st.booleans(), st.text())
def test_reading_never_raises(attributes: dict[str, Any], failed: bool, message: str) -> None:
    call = read_call(SpanFacts(attributes, 1, 2, failed, message))
    assert is_call(attributes) in {True, False}
    assert call == read_call(span_of(call, call_attributes(call)))


@given(st.dictionaries(st.sampled_from(ATTRIBUTES), GARBAGE))
def test_reading_an_attempt_never_raises_and_invents_none(attributes: dict[str, Any]) -> None:
    call = read_call(SpanFacts({}, 1, 2, attempts=[attributes]))
    assert call.attempts == () or {own.ATTEMPT_FAILED_AFTER, own.ATTEMPT_WAIT} <= attributes.keys()


def test_a_category_or_stage_of_a_later_version_is_unknown(full_call: Call) -> None:
    attributes = call_attributes(full_call) | {own.ERROR_CATEGORY: "bad_luck", own.ERROR_STAGE: "afterwards"}
    failure = read_call(span_of(full_call, attributes)).failure
    assert failure is not None
    assert (failure.category, failure.stage) == (Category.UNKNOWN, None)


def test_a_cancelled_call_has_a_category_and_no_failure(full_call: Call) -> None:
    cancelled = replace(full_call, outcome=Outcome.CANCELLED, failure=None)
    attributes = call_attributes(cancelled)
    assert attributes[own.ERROR_CATEGORY] == "cancelled"
    assert cancelled == read_call(span_of(cancelled, attributes))


@pytest.mark.parametrize("value", [1e300, 1e10, 10**400, float("nan"), float("inf"), float("-inf"), True, "1", None])
def test_a_time_that_no_clock_could_measure_is_unknown(value: object) -> None:
    assert read_call(SpanFacts({own.TIME_TO_FIRST_TOKEN: value}, 1, 2)).timing == Timing(1, 2)


def test_a_foreign_span_is_read_as_far_as_it_goes() -> None:
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": "12",
        "gen_ai.request.temperature": 1,
        "gen_ai.request.stream": False,
        "gen_ai.response.finish_reasons": ["stop", None],
        "something.else": 1,
    }
    call = read_call(SpanFacts(attributes, 1, 2))
    assert (
        call.usage,
        call.request.parameters.temperature,
        call.request.stream,
        call.response.finish_reasons,
        call.outcome,
        call.cost,
    ) == (None, 1.0, False, None, Outcome.COMPLETED, None)


def test_a_foreign_error_without_a_type_is_still_a_failure() -> None:
    call = read_call(SpanFacts({"gen_ai.operation.name": "chat"}, 1, 2, is_error=True, status_message="broken"))
    assert (Outcome.FAILED, Failure("_OTHER", "broken")) == (call.outcome, call.failure)


@pytest.mark.parametrize("operation", ["chat", "generate_content", "text_completion", "embeddings", "fetch_response"])
def test_what_a_model_did_or_is_asked_about_is_a_call(operation: str) -> None:
    assert is_call({"gen_ai.operation.name": operation})


@pytest.mark.parametrize("operation", ["execute_tool", "invoke_agent", "", None, 1, ["chat"], {"chat": 1}])
def test_nothing_else_is_one(operation: object) -> None:
    assert not is_call({"gen_ai.operation.name": operation})
    assert not is_call({})


def test_a_fetch_never_has_tokens_or_a_cost_whoever_says_so(full_call: Call) -> None:
    attributes = call_attributes(full_call) | {"gen_ai.operation.name": "fetch_response"}
    call = read_call(span_of(full_call, attributes))
    assert (call.usage, call.cost) == (None, None)


@pytest.mark.parametrize("spoilt", [own.COST_INPUT, own.COST_OUTPUT, own.COST_CURRENCY])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), True])
def test_a_cost_with_an_unknown_part_is_no_cost(full_call: Call, spoilt: str, value: object) -> None:
    attributes = call_attributes(full_call) | {spoilt: value}
    assert read_call(span_of(full_call, attributes)).cost is None


def test_an_unpriced_call_says_why(full_call: Call) -> None:
    unpriced = replace(full_call, cost=Unpriced("unknown_model"))
    attributes = call_attributes(unpriced)
    assert attributes[own.COST_UNPRICED] == "unknown_model"
    assert Unpriced("unknown_model") == read_call(span_of(unpriced, attributes)).cost


@given(calls())
def test_the_parts_of_a_cost_add_up_after_the_journey(call: Call) -> None:
    if isinstance(call.cost, Ledger):
        read = read_call(span_of(call, call_attributes(call))).cost
        assert isinstance(read, Ledger)
        assert call.cost.total == read.total


def test_what_is_unknown_is_not_written() -> None:
    call = Call(Request("chat", "openai", ""), Timing(0, 5), Outcome.COMPLETED)
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "firsttoken.api": "",
        "firsttoken.outcome": "completed",
    }
    assert expected == call_attributes(call)
