"""What a cache saved and what a cut stream had cost: as the bill of the call says, and nothing for all other calls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firsttoken.call import Portion, Response, Unpriced, Usage, stated_in_one
from firsttoken.call.ledger import STATED, ZERO
from firsttoken.pricing import PriceBook
from firsttoken.pricing.beside_cost import NOTHING, beside_cost
from firsttoken.pricing.statement import statement_of

BOOK = PriceBook()
CACHED = Usage(input_tokens=100_000, output_tokens=10, cache_read_tokens=60_000, cache_write_tokens=30_000)
WRITTEN = Usage(input_tokens=100_000, output_tokens=10, cache_read_tokens=0, cache_write_tokens=100_000)
CUT = Usage(input_tokens=1_000, output_tokens=10, partial=True)


def priced(call):
    return replace(call, cost=BOOK.price(call))


@pytest.mark.parametrize("usage", [CACHED, WRITTEN])
def test_what_a_cache_saved_is_what_the_bill_of_the_call_says(make_call, usage):
    call = priced(make_call(usage=usage))

    assert statement_of(call, BOOK).saved_by_cache == beside_cost(call, BOOK).saved_by_cache
    assert (usage is WRITTEN) == (beside_cost(call, BOOK).saved_by_cache < ZERO)


def test_what_a_cut_stream_had_cost_is_what_its_bill_says(make_call):
    call = priced(make_call(usage=CUT))

    assert call.cost == Unpriced("partial_usage")
    assert statement_of(call, BOOK).at_least == beside_cost(call, BOOK).so_far
    assert beside_cost(call, BOOK).so_far.total > 0


@pytest.mark.parametrize("usage", [None, Usage(1000, 10), Usage(1000, 10, cache_read_tokens=0)])
def test_a_whole_call_without_a_cache_has_nothing_beside_its_cost(make_call, usage):
    assert beside_cost(priced(make_call(usage=usage)), BOOK) == NOTHING


@pytest.mark.parametrize("usage", [CACHED, CUT])
def test_a_model_that_no_list_knows_has_nothing_beside_its_cost(make_call, usage):
    assert beside_cost(priced(make_call("nobodys-model", usage=usage)), BOOK) == NOTHING


def test_of_a_cost_that_the_provider_stated_nobody_knows_what_the_cache_saved(make_call):
    call = make_call(usage=CACHED)
    stated = stated_in_one(BOOK.price(call).total, "USD", f"openrouter{STATED}")

    assert beside_cost(replace(call, cost=stated), BOOK) == NOTHING


def test_of_portions_with_prices_of_their_own_nobody_knows_what_the_cache_saved(make_call):
    call = priced(make_call(usage=CACHED))
    portion = Portion(Response(model=call.response.model), CACHED)

    assert beside_cost(call, BOOK, [portion]) == NOTHING
