"""The record of a call, and the few things that it works out of itself."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import firsttoken.call
from firsttoken.call import (
    Call,
    Cost,
    Ledger,
    Outcome,
    Request,
    Response,
    Timing,
    Unpriced,
    Usage,
    total_cost,
    total_of,
)

SECOND = 1_000_000_000
STREAMED = Call(
    request=Request("chat", "openai", "openai.chat_completions", stream=True),
    timing=Timing(5 * SECOND, 3 * SECOND, first_chunk_ns=SECOND // 2, first_token_ns=SECOND, last_chunk_ns=3 * SECOND),
    outcome=Outcome.COMPLETED,
    usage=Usage(input_tokens=10, output_tokens=41),
)


def test_the_rate_is_of_the_tokens_after_the_first_in_the_time_after_it() -> None:
    assert STREAMED.output_tokens_per_second == 20.0


def test_reasoning_that_was_not_shown_was_over_before_the_first_token_and_is_not_in_the_rate() -> None:
    usage = Usage(input_tokens=10, output_tokens=41, reasoning_tokens=20)
    hidden = replace(STREAMED, usage=usage, response=Response(hidden_reasoning=True))
    assert hidden.output_tokens_per_second == 10.0
    assert replace(STREAMED, usage=usage).output_tokens_per_second == 20.0


@pytest.mark.parametrize(
    "usage",
    [
        None,
        Usage(),
        Usage(output_tokens=0),
        Usage(output_tokens=1),
        Usage(output_tokens=41, partial=True),
        Usage(input_tokens=41),
    ],
)
def test_without_a_full_count_of_two_tokens_there_is_no_rate(usage: Usage | None) -> None:
    assert replace(STREAMED, usage=usage).output_tokens_per_second is None


@pytest.mark.parametrize(
    "marks",
    [
        {"first_token_ns": None},
        {"last_chunk_ns": None},
        {"first_token_ns": None, "last_chunk_ns": None},
        {"first_token_ns": 3 * SECOND},
        {"first_token_ns": 3 * SECOND + 1},
    ],
)
def test_without_time_after_the_first_token_there_is_no_rate(marks: dict[str, int | None]) -> None:
    assert replace(STREAMED, timing=replace(STREAMED.timing, **marks)).output_tokens_per_second is None


@pytest.mark.parametrize(
    ("status_code", "refused"), [(None, False), (200, False), (399, False), (400, True), (429, True), (529, True)]
)
def test_a_call_is_refused_by_an_error_status_alone(status_code: int | None, refused: bool) -> None:
    assert replace(STREAMED, usage=None, response=Response(status_code=status_code)).was_refused is refused


def test_a_call_with_usage_was_not_refused() -> None:
    assert not replace(STREAMED, response=Response(status_code=400)).was_refused


def test_a_call_ends_its_duration_after_it_started() -> None:
    assert STREAMED.timing.ended_unix_ns == 8 * SECOND


@pytest.mark.parametrize(
    ("mark", "first_token", "first_chunk"), [(1, 1, 2), (2, None, 2), (0, 0, 2), (None, None, None)]
)
def test_the_first_mark_is_the_first_token_or_else_the_first_chunk(
    mark: int | None, first_token: int | None, first_chunk: int | None
) -> None:
    assert mark == Timing(0, 9, first_token_ns=first_token, first_chunk_ns=first_chunk).first_mark_ns


@given(*[st.decimals(0, 100, places=9)] * 4)
def test_a_total_is_the_sum_of_its_parts(uncached: Decimal, read: Decimal, write: Decimal, output: Decimal) -> None:
    ledger = Ledger(uncached, read, write, output, "USD", "list", tools=read)
    assert uncached + read + write + output + read == ledger.total


def test_only_what_the_provider_or_the_network_did_is_an_error() -> None:
    assert {Outcome.FAILED, Outcome.TIMED_OUT} == {outcome for outcome in Outcome if outcome.is_error}


def test_nothing_in_a_record_can_be_changed() -> None:
    public = [vars(firsttoken.call)[name] for name in firsttoken.call.__all__]
    values = [kind for kind in public if isinstance(kind, type) and dataclasses.is_dataclass(kind)]
    assert len(values) == 17
    for kind in values:
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert not hasattr(kind, "__dict__") or "__slots__" in vars(kind)


def test_the_total_of_several_usages_knows_what_any_of_them_knew() -> None:
    parts = (Usage(10, 5, cache_read_tokens=3), Usage(1, 2, reasoning_tokens=0), Usage(0, 0))
    assert Usage(11, 7, cache_read_tokens=3, reasoning_tokens=0) == total_of(parts)


@pytest.mark.parametrize("part", [Usage(partial=True, input_tokens=1, output_tokens=1), Usage(3), Usage()])
def test_a_total_with_an_unknown_part_is_partial(part: Usage) -> None:
    assert total_of([Usage(10, 5), part]).partial


def test_the_total_of_several_costs_is_the_sum_of_each_part() -> None:
    one, two = (
        Ledger(Decimal(i), Decimal(i), Decimal(i), Decimal(i), "USD", f"list {i}", "2026-01-01", tools=Decimal(i))
        for i in (1, 2)
    )
    three = Decimal(3)
    assert Ledger(three, three, three, three, "USD", "list 1, list 2", "2026-01-01", tools=three) == total_cost(
        [one, two]
    )


@pytest.mark.parametrize(
    ("reason", "last"),
    [
        ("unknown_model", Unpriced("unknown_model")),
        ("price_error", Ledger(*[Decimal(1)] * 4, "EUR", "own")),  # type: ignore[arg-type]
    ],
)
def test_costs_that_cannot_be_added_up_have_no_total(reason: str, last: Cost) -> None:
    assert Unpriced(reason) == total_cost([Ledger(*[Decimal(1)] * 4, "USD", "list"), last])  # type: ignore[arg-type]


def test_the_cost_of_nothing_is_unknown() -> None:
    assert Unpriced("price_error") == total_cost([])
