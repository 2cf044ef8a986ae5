"""Errors and retries agree with what one would count by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL, calls

from firsttoken.analyse.asking import answered
from firsttoken.analyse.failing import ERRORS, ErrorsAnswer, ErrorsOptions
from firsttoken.call import Attempt, Call, CallContext, Category, Failure, Outcome, RateLimits, Stage, Timing
from firsttoken.store import Selection

from .conftest import Runs

MS: Final = 1_000_000
OVERLOADED: Final = Failure("overloaded", "", category=Category.OVERLOADED, stage=Stage.HEADERS)
FAILED: Final = replace(SMALLEST_CALL, outcome=Outcome.FAILED, failure=OVERLOADED)


def asked(runs: Runs, made: Sequence[Call], **options: object) -> ErrorsAnswer:
    selection = Selection(run_id=runs.add(*made))
    return answered(ERRORS, runs.store, ErrorsOptions(selection=selection, **options))  # type: ignore[arg-type]


def of_model(call: Call, model: str | None, provider: str = "openai") -> Call:
    return replace(call, request=replace(call.request, model=model, provider=provider))


def repeated(*attempts: tuple[int, int], lasted_ms: int = 10_000, outcome: Outcome = Outcome.COMPLETED) -> Call:
    """Each failed after the first so many milliseconds, and waited the second."""
    made = tuple(Attempt(failed_ms * MS, wait_ms * MS) for failed_ms, wait_ms in attempts)
    timing = Timing(1, lasted_ms * MS)
    return replace(SMALLEST_CALL, timing=timing, outcome=outcome, resend_count=len(made), attempts=made)


def in_place(call: Call, retry_group: str, started_ms: int) -> Call:
    request = replace(call.request, context=CallContext(retry_group=retry_group))
    return replace(call, request=request, timing=replace(call.timing, started_unix_ns=1 + started_ms * MS))


@given(made=st.lists(calls, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_errors_are_those_one_would_count(runs: Runs, made: list[Call]) -> None:
    answer = asked(runs, made, group_by=("outcome",))
    failed = [call for call in made if call.outcome.is_error]
    kinds = Counter(
        (
            str(call.failure.category) if call.failure else "unknown",
            str(call.failure.stage) if call.failure and call.failure.stage else None,
            call.request.provider,
            call.request.model if call.request.model is not None else call.response.model,
            (str(call.outcome),),
        )
        for call in failed
    )
    assert {(row.category, row.stage, row.provider, row.model, row.group): row.errors for row in answer.rows} == kinds
    assert (answer.total.calls, answer.total.errors) == (len(made), len(failed))
    assert answer.total.error_rate == len(failed) / len(made)
    assert answer.total.resends == sum(call.resend_count for call in made)
    assert answer.total.retried_calls == sum(call.resend_count > 0 for call in made)
    assert {each.group: each.calls for each in answer.groups} == Counter((str(call.outcome),) for call in made)


def test_the_rate_of_a_kind_is_that_of_all_calls_of_its_model_and_group(runs: Runs) -> None:
    made = [of_model(FAILED, "a"), of_model(SMALLEST_CALL, "a"), of_model(SMALLEST_CALL, "b"), of_model(FAILED, None)]
    rows = {row.model: (row.errors, row.calls, row.error_rate) for row in asked(runs, made).rows}
    assert rows == {"a": (1, 2, 0.5), None: (1, 1, 1.0)}


def test_every_kind_names_its_latest_call(runs: Runs) -> None:
    run_id = runs.add()
    made = [replace(FAILED, timing=Timing(started, 1)) for started in (5, 9, 7)]
    records = runs.add_to(run_id, *made)
    (kind,) = answered(ERRORS, runs.store, ErrorsOptions(selection=Selection(run_id=run_id))).rows
    assert (kind.latest_unix_ns, kind.latest_trace_id, kind.latest_span_id) == (
        9,
        records[1].trace_id,
        records[1].span_id,
    )


def test_calls_that_went_well_are_no_errors_and_have_a_rate_of_zero(runs: Runs) -> None:
    answer = asked(runs, [SMALLEST_CALL, replace(SMALLEST_CALL, outcome=Outcome.CANCELLED)])
    assert (answer.rows, answer.total.errors, answer.total.error_rate, answer.chains) == ((), 0, 0.0, ())
    assert (answer.total.lost_s, answer.chain_count, answer.chains_lost_s) == (None, 0, None)


def test_the_time_of_retries_ends_when_the_last_request_was_sent(runs: Runs) -> None:
    answer = asked(runs, [repeated((100, 500), (800, 1_000)), repeated((50, 50), outcome=Outcome.FAILED)])
    total = answer.total
    assert (total.retried_calls, total.recovered_calls, total.resends, total.timed_calls) == (2, 1, 3, 2)
    assert (total.lost_s, total.wait_s) == (1.9, 1.55)
    assert [(chain.attempts, chain.lost_s, chain.outcome) for chain in answer.chains] == [
        (3, 1.8, "completed"),
        (2, 0.1, "failed"),
    ]


def test_a_wait_that_was_given_up_costs_no_more_than_the_call_took(runs: Runs) -> None:
    answer = asked(runs, [repeated((100, 60_000), lasted_ms=3_000, outcome=Outcome.CANCELLED)])
    assert (answer.total.lost_s, answer.chains[0].lost_s) == (3.0, 3.0)


def test_the_time_of_retries_that_nobody_told_of_is_unknown(runs: Runs) -> None:
    answer = asked(runs, [replace(SMALLEST_CALL, resend_count=2), repeated((100, 0))])
    assert (answer.total.retried_calls, answer.total.timed_calls, answer.total.lost_s) == (2, 1, 0.1)
    assert [(chain.attempts, chain.lost_s) for chain in answer.chains] == [(2, 0.1), (3, None)]
    assert (answer.chain_count, answer.timed_chains, answer.chains_lost_s) == (2, 1, 0.1)


def test_calls_in_place_of_one_another_are_one_chain(runs: Runs) -> None:
    made = [
        in_place(FAILED, "g", 0),
        in_place(of_model(repeated((100, 200)), "last"), "g", 5_000),
        in_place(FAILED, "alone", 0),
    ]
    (chain,) = asked(runs, made).chains
    assert (chain.retry_group, chain.calls, chain.attempts, chain.lost_s) == ("g", 2, 3, 5.3)
    assert (chain.model, chain.outcome, chain.started_unix_ns) == ("last", "completed", 1)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_no_more_chains_are_named_than_asked_for(runs: Runs, count: int) -> None:
    answer = asked(runs, [repeated((number, 0)) for number in range(1, 6)], chains=count)
    assert [chain.lost_s for chain in answer.chains] == [0.005, 0.004, 0.003][:count]
    assert (answer.chain_count, answer.chains_lost_s) == (5, 0.015)


def test_each_group_has_the_retries_of_its_own_calls(runs: Runs) -> None:
    made = [of_model(repeated((100, 0)), "a"), of_model(FAILED, "b")]
    answer = asked(runs, made, group_by=("model",))
    assert [(each.group, each.errors, each.resends, each.lost_s) for each in answer.groups] == [
        (("b",), 1, 0, None),
        (("a",), 0, 1, 0.1),
    ]
    assert [row.group for row in answer.rows] == [("b",)]


def test_the_longest_times_there_can_be_are_no_overflow(runs: Runs) -> None:
    longest = Attempt(2**62, 2**61)
    made = [replace(SMALLEST_CALL, timing=Timing(1, 2**63 - 1), resend_count=1, attempts=(longest,))] * 3
    assert asked(runs, made).total.lost_s == pytest.approx(3 * (2**62 + 2**61) / 1e9)


def limited(started: int, model: str, **limits: int) -> Call:
    return of_model(replace(SMALLEST_CALL, timing=Timing(started, 1), rate_limits=RateLimits(**limits)), model)


def test_headroom_is_the_least_that_was_left_and_when(runs: Runs) -> None:
    made = [
        limited(1, "a", requests_limit=100, requests_remaining=9, requests_reset_ns=10**9),
        limited(2, "a", requests_limit=1_000, requests_remaining=50, requests_reset_ns=2 * 10**9),
        limited(3, "a", requests_limit=100, requests_remaining=99, output_tokens_limit=10, output_tokens_remaining=0),
        limited(4, "b", tokens_limit=10, tokens_remaining=20),
        limited(5, "b", requests_limit=0, requests_remaining=0, tokens_limit=5, input_tokens_remaining=7),
        SMALLEST_CALL,
    ]
    found = asked(runs, made, group_by=("stream",)).headroom
    assert [
        (each.group, each.model, each.limited, each.remaining, each.limit, each.remaining_share, each.started_unix_ns)
        for each in found
    ] == [
        (("false",), "a", "output_tokens", 0, 10, 0.0, 3),
        (("false",), "a", "requests", 50, 1_000, 0.05, 2),
        (("false",), "b", "tokens", 20, 10, 2.0, 4),
    ]
    assert [(each.calls, each.reset_s) for each in found] == [(1, None), (3, 2.0), (1, None)]


def test_of_moments_with_as_little_left_the_latest_is_named(runs: Runs) -> None:
    made = [limited(started, "a", tokens_limit=8, tokens_remaining=2) for started in (5, 7, 6)]
    assert [each.started_unix_ns for each in asked(runs, made).headroom] == [7]
