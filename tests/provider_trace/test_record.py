"""The record of a provider trace: complete, valid, and the same again when it is read back."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from firsttoken.call import Call, Failure, Outcome, Stage
from firsttoken.call.bodies import Redaction, Truncation
from firsttoken.trace.of_call import Bodies, traces_of
from firsttoken.trace.record import ProviderTrace, SpanIds
from firsttoken.trace.structure import structure
from provider_trace.any_call import FULL, REFUSED, UNANSWERED, VALUES, calls
from provider_trace.over_otlp import over_otlp
from provider_trace.schema import SCHEMA, complaints

SPAN = SpanIds(trace_id="a" * 32, span_id="b" * 16)
BODIES = Bodies(
    request={"model": "gpt-5", "input": "Hi"},
    response={"id": "resp_1", "output": []},
    truncations=(Truncation(path="/request_body/input", original_bytes=20, sha256="c" * 64, stored="cc/cc/c"),),
    redactions=(Redaction(kind="api_key", count=1),),
)


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_final_record_says_everything_that_is_known_of_the_call_but_its_stack_trace() -> None:
    *_, final = traces_of(FULL, SPAN, BODIES)
    body = final.body()
    assert (body["attempt"], body["raw_usage"], body["cost_total"], body["request_body"]) == (
        {
            "number": 3,
            "final": True,
            "earlier": [_known(asdict(REFUSED)), _known(asdict(UNANSWERED))],
        },
        {"input_tokens": 100, "new": {"counts": [1]}},
        "0.100000000000000001",
        {"model": "gpt-5", "input": "Hi"},
    )
    assert body["request"]["context"]["more"] == {"plan": "pro", "beta": True, "n": 3}
    assert (
        replace(
            FULL,
            request=final.request,
            timing=final.timing,
            response=final.response,
            usage=final.usage,
            failure=replace(final.error, stacktrace="Traceback …"),  # type: ignore[type-var]
            cost=final.cost,
            outcome=final.outcome,
        )
        == FULL
    )
    assert "Traceback" not in str(body)
    assert complaints(body) == []
    missing = SCHEMA["properties"].keys() - body.keys()
    assert missing == set()


def test_an_attempt_that_was_followed_by_another_has_a_record_of_its_own_without_bodies_and_usage() -> None:
    first, second, final = traces_of(FULL, SPAN, BODIES)
    assert [(trace.attempt.number, trace.attempt.final) for trace in (first, second, final)] == [
        (1, False),
        (2, False),
        (3, True),
    ]
    assert (first.attempt.failed, second.attempt.failed) == (REFUSED, UNANSWERED)
    assert (first.error, first.response.status_code, first.response.request_id) == (
        Failure("rate_limit_error", "", category=REFUSED.category, code="rate_limit_error", retry_after_ns=4),
        429,
        "req_1",
    )
    assert second.error is not None
    assert (second.error.type, second.response.status_code) == ("httpx.ReadTimeout", None)
    for trace in (first, second):
        assert trace.outcome is Outcome.FAILED
        assert not {"usage", "raw_usage", "cost", "request_body", "response_body", "events"} & trace.body().keys()
        assert complaints(trace.body()) == []


def test_an_attempt_that_the_caller_kept_the_sdk_from_repeating_is_told_by_the_final_record() -> None:
    (first, final) = traces_of(replace(FULL, outcome=Outcome.CANCELLED, resend_count=1), None)
    assert (first.attempt.number, final.attempt.number) == (1, 2)
    assert final.attempt.earlier == (REFUSED, UNANSWERED)


def test_more_attempts_than_were_kept_are_still_counted() -> None:
    *_, final = traces_of(replace(FULL, resend_count=500), None)
    assert (final.attempt.number, len(final.attempt.earlier)) == (501, 2)


@given(call=calls())
def test_whatever_the_call_its_last_record_alone_is_final_and_all_are_valid_and_read_back_from_otlp(
    call: Call,
) -> None:
    traces = list(traces_of(call, SPAN, BODIES))
    assert [trace.attempt.final for trace in traces] == [False] * (len(traces) - 1) + [True]
    for trace in traces:
        assert complaints(trace.body()) == []
        again = ProviderTrace.from_log_record(over_otlp(trace.body()))
        assert again.body() == trace.body()


def test_a_record_that_was_sent_is_the_same_again() -> None:
    for trace in traces_of(FULL, SPAN, BODIES):
        assert trace == ProviderTrace.from_log_record(over_otlp(trace.body()))


@given(value=VALUES)
def test_any_json_can_be_sent(value: Any) -> None:
    over_otlp(structure(json.dumps(value)))


def test_what_can_be_sent_stays_as_it_is() -> None:
    value = {"text": "naïve \N{GRINNING FACE}", "numbers": [0, -1, 2**63 - 1, -(2**63), 0.5], "more": [None, True, {}]}
    assert value == structure(json.dumps(value))


@pytest.mark.parametrize("number", [str(2**63), f"-1{'0' * 5000}", "1e999", "NaN", "-Infinity"])
def test_a_number_that_otlp_lacks_stands_as_its_text(number: str) -> None:
    assert [number, 1] == structure(f"[{number}, 1]")


def test_half_a_surrogate_pair_is_a_question_mark() -> None:
    assert structure(r'{"\ud800": ["\udc00", "\ud83d\ude00"]}') == {"?": ["?", "\N{GRINNING FACE}"]}


def test_a_newer_record_is_read_as_far_as_it_is_known() -> None:
    *_, final = traces_of(FULL, SPAN)
    newer = final.body() | {"schema_version": "1.7", "mood": "good"}
    newer["timing"] = newer["timing"] | {"dreamt_ns": 5}
    assert ProviderTrace.from_body(newer) == final.model_copy(update={"schema_version": "1.7"})


@pytest.mark.parametrize("body", [None, "text", [], {}, {"schema_version": "2.0"}], ids=repr)
def test_what_is_no_such_record_is_refused_in_one_way(body: object) -> None:
    with pytest.raises(ValidationError):
        ProviderTrace.from_body(body)


def test_a_record_of_another_schema_is_refused() -> None:
    *_, final = traces_of(FULL, SPAN)
    with pytest.raises(ValidationError, match="schema_version"):
        ProviderTrace.from_body(final.body() | {"schema_version": "2.0"})


def test_money_is_exact() -> None:
    *_, final = traces_of(FULL, None)
    assert ProviderTrace.from_body(json.loads(json.dumps(final.body()))).cost_total == Decimal("0.100000000000000001")


def test_a_stage_and_a_category_are_words() -> None:
    *_, final = traces_of(FULL, None)
    assert (final.body()["error"]["stage"], final.body()["error"]["category"]) == (Stage.MID_STREAM.value, "server")


def _known(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
