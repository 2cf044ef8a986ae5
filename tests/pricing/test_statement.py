"""The bill of a call, line by line."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsttoken.call import Ledger, Portion, Response, Unpriced, Usage, stated_in_one
from firsttoken.pricing import PriceBook
from firsttoken.pricing.invoice import Line
from firsttoken.pricing.statement import Statement, statement_of

from .test_price_list import DAYS, LISTED, usages

BOOK = PriceBook()
USAGE = Usage(
    input_tokens=100_000,
    output_tokens=10_000,
    cache_read_tokens=60_000,
    cache_write_tokens=30_000,
    cache_write_5m_tokens=20_000,
    cache_write_1h_tokens=10_000,
    reasoning_tokens=4_000,
    web_search_requests=3,
)


def priced(call, book=BOOK):
    return replace(call, cost=book.price(call))


def test_every_kind_of_token_has_a_line_with_its_rate_and_its_amount(make_call):
    statement = statement_of(priced(make_call(usage=USAGE)), BOOK)

    assert {
        ("input", 10_000, Decimal(2), Decimal("0.02")),
        ("cache_read", 60_000, Decimal("0.2"), Decimal("0.012")),
        ("cache_write_5m", 20_000, Decimal("2.5"), Decimal("0.05")),
        ("cache_write_1h", 10_000, Decimal(4), Decimal("0.04")),
        ("output", 10_000, Decimal(10), Decimal("0.1")),
        ("web_search", 3, Decimal(10), Decimal("0.03")),
    } == {(line.kind, line.count, line.rate, line.amount) for line in statement.lines}
    assert (Line("reasoning", 4_000, Decimal(10)),) == statement.within
    assert (Decimal("0.252"), Decimal(0)) == (statement.total.total, statement.difference)


@settings(deadline=None)
@given(data=st.data())
def test_the_lines_of_whatever_call_add_up_to_what_it_was_priced_at(make_call, data):
    provider, model = data.draw(st.sampled_from(LISTED))
    call = priced(make_call(model, provider, usage=data.draw(usages()), at=data.draw(DAYS)))

    statement = statement_of(call, BOOK)

    if isinstance(call.cost, Unpriced):
        assert (call.cost.reason, ()) == (statement.reason, statement.lines)
        return
    assert sum((line.amount for line in statement.lines), Decimal(0)) == call.cost.total
    assert call.cost == statement.total
    assert statement.difference == 0


def test_images_have_a_line_of_their_own(make_call):
    usage = Usage(input_tokens=1000, output_tokens=0, input_text_tokens=700, input_image_tokens=300)
    lines = statement_of(make_call("gpt-image-1", "openai", usage=usage), BOOK).lines
    assert {(None, 700), ("image", 300)} == {(line.modality, line.count) for line in lines}


def test_a_rate_is_that_of_the_tier_that_the_whole_input_has_reached(make_call):
    usage = Usage(input_tokens=200_001, output_tokens=1)
    statement = statement_of(make_call("claude-sonnet-4-5", usage=usage), BOOK)
    assert [(200_001, 6), (1, Decimal("22.5"))] == [(line.count, line.rate) for line in statement.lines]


def test_where_another_price_was_recorded_the_difference_is_said(make_call):
    call = priced(make_call(usage=USAGE))
    dearer = replace(call, cost=replace(call.cost, output=call.cost.output + Decimal("0.5")))
    assert Decimal("0.5") == statement_of(dearer, BOOK).difference


def test_an_amount_that_travelled_as_a_double_agrees_with_the_exact_one(make_call, price_file):
    book = PriceBook.load(price_file('[[price]]\nmodel = "own"\ninput = 0.123456789\noutput = 0'))
    call = make_call("own", usage=Usage(input_tokens=987_654_321, output_tokens=0))
    exact = book.price(call)
    travelled = replace(exact, input=Decimal(repr(float(exact.input))))
    assert travelled != exact
    assert statement_of(replace(call, cost=travelled), book).difference == 0


@pytest.mark.parametrize("recorded", [None, Unpriced("no_price_list"), Ledger(*[Decimal(1)] * 4, "EUR", "own")])
def test_without_a_cost_to_hold_it_against_there_is_no_difference(make_call, recorded):
    statement = statement_of(replace(make_call(usage=USAGE), cost=recorded), BOOK)
    assert statement.lines
    assert statement.difference is None


def test_a_cost_that_the_provider_stated_is_not_taken_apart(make_call):
    call = replace(make_call(usage=USAGE), cost=stated_in_one(Decimal("0.1"), "USD", "x_ai response"))
    assert Statement(recorded=call.cost, reason="stated") == statement_of(call, BOOK)


def test_runs_of_several_models_have_lines_only_while_they_are_told_apart(make_call):
    own, side = Usage(1000, 10), Usage(500, 5)
    usage = Usage(1500, 15, side_input_tokens=500, side_output_tokens=5)
    call = make_call("claude-sonnet-5", usage=usage, model="claude-sonnet-5")
    portions = [Portion(own, Response(model="claude-sonnet-5")), Portion(side, Response(model="claude-opus-5"))]

    assert Statement(reason="several_runs") == statement_of(call, BOOK)
    statement = statement_of(replace(call, cost=BOOK.price(call, portions)), BOOK, portions)
    assert [line.count for line in statement.lines] == [1000, 10, 500, 5]
    assert statement.difference == 0


def test_a_cache_that_was_read_has_saved_money(make_call):
    usage = Usage(input_tokens=100_000, output_tokens=0, cache_read_tokens=90_000)
    assert Decimal("0.162") == statement_of(make_call(usage=usage), BOOK).saved_by_cache


def test_a_cache_that_was_only_written_has_cost_money(make_call):
    usage = Usage(input_tokens=100_000, output_tokens=0, cache_write_tokens=100_000, cache_write_1h_tokens=100_000)
    assert Decimal("-0.2") == statement_of(make_call(usage=usage), BOOK).saved_by_cache


def test_without_a_cache_nothing_was_saved(make_call):
    assert statement_of(make_call(usage=Usage(1000, 10)), BOOK).saved_by_cache == 0


@pytest.mark.parametrize(
    ("usage", "at_least"),
    [
        (Usage(100_000, partial=True), "0.2"),
        (Usage(100_000, 10_000, partial=True), "0.3"),
        (Usage(100_000, cache_read_tokens=90_000, partial=True), "0.038"),
    ],
)
def test_a_stream_that_was_cut_has_cost_at_least_what_its_tokens_so_far_do(make_call, usage, at_least):
    call = priced(make_call(usage=usage))
    statement = statement_of(call, BOOK)
    assert (Unpriced("partial_usage"), "partial_usage", ()) == (call.cost, statement.reason, statement.lines)
    assert Decimal(at_least) == statement.at_least.total


@pytest.mark.parametrize("usage", [None, Usage(partial=True), Usage(1, 1, cache_read_tokens=5), Usage(1)])
def test_without_counts_there_is_no_least_cost(make_call, usage):
    assert statement_of(make_call(usage=usage), BOOK).at_least is None


def test_what_is_not_billed_has_no_bill(make_call):
    call = make_call(usage=None)
    assert Statement() == statement_of(replace(call, request=replace(call.request, operation="fetch_response")), BOOK)


def test_a_discount_shows_in_the_rates(make_call, price_file):
    book = PriceBook.load(price_file('[[price]]\nprovider = "anthropic"\ndiscount = 0.25'))
    statement = statement_of(priced(make_call(usage=Usage(1000, 10)), book), book)
    assert [Decimal("1.5"), Decimal("7.5")] == [line.rate for line in statement.lines]
    assert statement.difference == 0
