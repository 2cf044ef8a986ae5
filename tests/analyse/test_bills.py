"""The ledger: every line has its rate where the prices give the cost that was recorded, and the sums are the costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL, calls

from firsttoken.analyse.asking import answered
from firsttoken.analyse.bills import LEDGER, BillLine, LedgerOptions
from firsttoken.call import (
    Call,
    CallContext,
    Ledger,
    Outcome,
    Request,
    Response,
    Timing,
    Unpriced,
    Usage,
    stated_in_one,
)
from firsttoken.pricing import PriceBook
from firsttoken.store import Selection

from .conftest import Runs

PRICES = PriceBook()
NOVEMBER_NS = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()) * 1_000_000_000
EVERY_KIND = Usage(
    input_tokens=100_000,
    output_tokens=10_000,
    cache_read_tokens=60_000,
    cache_write_tokens=30_000,
    cache_write_5m_tokens=20_000,
    cache_write_1h_tokens=10_000,
    web_search_requests=3,
)


def a_call(model: str = "claude-sonnet-4-5", provider: str = "anthropic", /, **parts: Any) -> Call:
    request = Request("chat", provider, "test", model, context=CallContext(user_id="u1"))
    call = Call(request, Timing(NOVEMBER_NS, 1), Outcome.COMPLETED, Response(id="r1", request_id="q1"), **parts)
    return call if "cost" in parts else replace(call, cost=PRICES.price(call))


def bill(runs: Runs, *made: Call, group_by: tuple[str, ...] = ()) -> list[BillLine]:
    options = LedgerOptions(selection=Selection(run_id=runs.add(*made)), group_by=group_by)
    return list(answered(LEDGER, runs.store, options).rows)


def test_a_bill_has_a_line_for_each_rate_with_its_count_and_amount(runs: Runs) -> None:
    lines = bill(runs, a_call(usage=EVERY_KIND))
    assert [(line.kind, line.count, line.rate, line.per, line.amount) for line in lines] == [
        ("input", 10_000, Decimal(3), 1_000_000, Decimal("0.03")),
        ("cache_read", 60_000, Decimal("0.3"), 1_000_000, Decimal("0.018")),
        ("cache_write_5m", 20_000, Decimal("3.75"), 1_000_000, Decimal("0.075")),
        ("cache_write_1h", 10_000, Decimal(6), 1_000_000, Decimal("0.06")),
        ("output", 10_000, Decimal(15), 1_000_000, Decimal("0.15")),
        ("web_search", 3, Decimal(10), 1_000, Decimal("0.03")),
    ]
    for line in lines:
        assert line.rate is not None
        assert line.count is not None
        assert line.per is not None
        assert line.amount == line.rate * line.count / line.per
        assert (line.started, line.provider, line.model) == (
            "2026-11-22T12:00:00.000Z",
            "anthropic",
            "claude-sonnet-4-5",
        )
        assert (line.user_id, line.response_id, line.request_id, line.currency) == ("u1", "r1", "q1", "USD")
        assert line.source is not None
        assert line.source.startswith("genai-prices ")


def test_what_a_double_lost_on_its_way_is_in_the_last_line_of_its_part(runs: Runs) -> None:
    call = a_call(usage=replace(EVERY_KIND, cache_write_tokens=30_001, cache_write_5m_tokens=20_001))
    assert isinstance(call.cost, Ledger)
    assert call.cost.cache_write is not None
    sent = replace(call.cost, cache_write=Decimal(repr(float(call.cost.cache_write))))
    lines = bill(runs, replace(call, cost=sent))
    assert sum(line.amount or 0 for line in lines if line.kind.startswith("cache_write")) == sent.cache_write


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (
            Ledger(Decimal(1), Decimal(0), Decimal(0), Decimal(2), "EUR", "another list", "2026-01-01"),
            [("input", 5, None, Decimal(1)), ("output", 3, None, Decimal(2))],
        ),
        (stated_in_one(Decimal(7), "USD", "openrouter response"), [("unsplit", None, None, Decimal(7))]),
    ],
    ids=["another list", "stated"],
)
def test_where_the_prices_here_are_not_those_that_were_paid_the_parts_stand_without_rates(
    runs: Runs, cost: Ledger, expected: list[tuple[Any, ...]]
) -> None:
    lines = bill(runs, a_call(usage=Usage(5, 3), cost=cost))
    assert [(line.kind, line.count, line.rate, line.amount) for line in lines] == expected
    assert {(line.currency, line.source, line.price_date) for line in lines} == {
        (cost.currency, cost.source, cost.price_date)
    }


@pytest.mark.parametrize("cost", [Unpriced("unknown_model"), None])
def test_a_call_without_a_price_is_one_line_without_an_amount(runs: Runs, cost: Unpriced | None) -> None:
    (line,) = bill(runs, a_call(usage=Usage(5, 3), cost=cost))
    reason = "not_priced" if cost is None else cost.reason
    assert (line.kind, line.amount, line.currency, line.unpriced_reason) == ("unpriced", None, None, reason)


def test_what_is_not_billed_has_no_line(runs: Runs) -> None:
    refused = replace(a_call(cost=None), outcome=Outcome.FAILED, response=Response(status_code=429))
    fetched = replace(SMALLEST_CALL, request=replace(SMALLEST_CALL.request, operation="fetch_response"))
    assert bill(runs, refused, fetched) == []


@given(made=st.lists(calls, min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_the_amounts_of_every_call_add_up_to_its_recorded_cost(runs: Runs, made: list[Call]) -> None:
    costs = sum((call.cost.total for call in made if isinstance(call.cost, Ledger)), Decimal(0))
    lines = bill(runs, *made, group_by=("outcome",))
    assert sum((line.amount for line in lines if line.amount is not None), Decimal(0)) == costs
    assert {line.group for line in lines} <= {(call.outcome.value,) for call in made}


def test_lines_stand_in_the_order_of_the_calls(runs: Runs) -> None:
    later = replace(a_call(usage=Usage(5, 3)), timing=Timing(NOVEMBER_NS + 1_500_000, 1))
    started = [line.started for line in bill(runs, later, a_call(usage=Usage(5, 3)))]
    assert started == ["2026-11-22T12:00:00.000Z"] * 2 + ["2026-11-22T12:00:00.001Z"] * 2
