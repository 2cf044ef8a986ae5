"""What calls cost: sums that are exact, one currency at a time, and nothing in them that nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from genai_prices.types import ModelPrice
from hypothesis import given, settings
from hypothesis import strategies as st
from store.samples import SMALLEST_CALL, calls, write_calls

from firsttoken.analyse.asking import answered
from firsttoken.analyse.costs import COST, CostAnswer, CostOptions, SpentOn, lines_of
from firsttoken.analyse.unpriced import FIXES
from firsttoken.analyse.what_if import REASONS
from firsttoken.analyse.worked_out import CutStreams
from firsttoken.call import (
    Call,
    CallContext,
    Cost,
    Ledger,
    Outcome,
    Request,
    Response,
    Timing,
    Unpriced,
    Usage,
    stated_in_one,
)
from firsttoken.call.ledger import NOT_PRICED
from firsttoken.errors import NoCallsError, SelectionError
from firsttoken.page.wording import UNPRICED_WORDS
from firsttoken.pricing import PriceBook
from firsttoken.pricing.override_file import read_overrides
from firsttoken.pricing.statement import statement_of
from firsttoken.store import EVERYTHING, Selection, Store

from .conftest import Runs

NOVEMBER_NS = 1_795_000_000 * 1_000_000_000
PRICES = PriceBook()
_starts = count(NOVEMBER_NS)


def a_call(model: str = "gpt-4o", provider: str = "openai", /, **parts: Any) -> Call:
    """With the cost that the price list gives it, unless another is given."""
    context = parts.pop("context", CallContext())
    call = Call(
        Request("chat", provider, "openai.chat_completions", model, stream=True, context=context),
        Timing(next(_starts), 1),
        **{"outcome": Outcome.COMPLETED, **parts},
    )
    return call if "cost" in parts else replace(call, cost=PRICES.price(call))


def paid(amount: str, currency: str = "USD", source: str = "list", **parts: Any) -> Call:
    cost = Ledger(Decimal(amount), Decimal(0), Decimal(0), Decimal(0), currency, source)
    return a_call(usage=Usage(1, 1), cost=cost, **parts)


def costs(runs: Runs, made: list[Call], *group_by: str, **options: Any) -> CostAnswer:
    return answered(
        COST, runs.store, CostOptions(selection=Selection(run_id=runs.add(*made)), group_by=group_by, **options)
    )


def test_parts_and_tokens_are_summed_each_by_itself(runs: Runs) -> None:
    usage = Usage(
        input_tokens=1000,
        output_tokens=100,
        cache_read_tokens=600,
        cache_write_tokens=300,
        cache_write_5m_tokens=200,
        cache_write_1h_tokens=100,
        reasoning_tokens=40,
        web_search_requests=2,
    )
    tenth = Decimal("0.1")
    ledger = Ledger(tenth, tenth / 5, tenth * 3 / 100, tenth / 250, "USD", "list", tools=tenth / 2000)
    (row,) = costs(runs, [a_call(usage=usage, cost=ledger)] * 3).rows
    assert (row.group, row.currency, row.calls, row.unpriced_calls) == ((), "USD", 3, 0)
    assert (row.input_tokens, row.uncached_tokens, row.cache_read_tokens, row.cache_write_tokens) == (
        3000,
        300,
        1800,
        900,
    )
    assert (row.cache_write_5m_tokens, row.cache_write_1h_tokens) == (600, 300)
    assert (row.output_tokens, row.reasoning_tokens, row.web_searches) == (300, 120, 6)
    assert (row.cost_input, row.cost_cache_read) == (Decimal("0.3"), Decimal("0.06"))
    assert (row.cost_cache_write, row.cost_output) == (Decimal("0.009"), Decimal("0.0012"))
    assert (row.cost_tools, row.cost_unsplit, row.cost_total) == (Decimal("0.00015"), None, Decimal("0.37035"))


def test_what_was_stated_in_one_amount_is_in_no_part_of_the_sum(runs: Runs) -> None:
    stated = stated_in_one(Decimal("0.5"), "USD", "openrouter response")
    (row,) = costs(runs, [a_call(usage=Usage(1, 1), cost=stated), paid("0.25")]).rows
    assert (row.cost_input, row.cost_output, row.cost_unsplit, row.cost_total) == (
        Decimal("0.25"),
        Decimal(0),
        Decimal("0.5"),
        Decimal("0.75"),
    )


def test_currencies_are_never_added(runs: Runs) -> None:
    answer = costs(runs, [paid("1"), paid("2", "EUR"), paid("4"), a_call(cost=Unpriced("unknown_model"))])
    assert [(row.currency, row.calls, row.cost_total) for row in answer.totals] == [
        ("EUR", 1, Decimal(2)),
        ("USD", 2, Decimal(5)),
        (None, 1, None),
    ]


def test_a_hundred_thousand_tiny_amounts_add_up_to_the_last_digit(tmp_path: Path) -> None:
    path = tmp_path / "calls.duckdb"
    with Store.open(path) as store:
        write_calls(store, paid("0.000000000000000001"))
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE one AS FROM calls")
        connection.execute("DELETE FROM calls")
        connection.execute(
            "INSERT INTO calls "
            "SELECT one.* REPLACE (number * cost_total AS cost_total, printf('%016x', number) AS span_id) "
            "FROM one, range(1, 100001) AS numbers(number)"
        )
        connection.execute("DROP TABLE one")
    with Store.open(path, read_only=True) as store:
        (row,) = answered(COST, store, CostOptions()).totals
    assert (row.calls, row.cost_total) == (100_000, Decimal("0.000000005000050000"))


@given(made=st.lists(calls, min_size=1, max_size=8))
@settings(max_examples=20, deadline=None)
def test_every_call_is_in_one_row_and_no_amount_is_lost_or_rounded(runs: Runs, made: list[Call]) -> None:
    answer = costs(runs, made, "model", "outcome")
    assert sum(row.calls for row in answer.rows) == sum(row.calls for row in answer.totals) == len(made)
    expected: dict[str, Decimal] = {}
    for call in made:
        if isinstance(call.cost, Ledger):
            expected[call.cost.currency] = expected.get(call.cost.currency, Decimal(0)) + call.cost.total
    for rows in (answer.rows, answer.totals):
        sums: dict[str, Decimal] = {}
        for row in rows:
            if row.currency is not None:
                assert row.cost_total is not None
                sums[row.currency] = sums.get(row.currency, Decimal(0)) + row.cost_total
            parts = [getattr(row, field.name) for field in fields(row) if field.name.startswith("cost_")]
            assert sum(filter(None, parts[:-1])) == (parts[-1] or 0)
        assert sums == expected


def test_no_calls_are_no_answer(runs: Runs) -> None:
    with pytest.raises(NoCallsError, match="has no calls of run nobody's"):
        answered(COST, runs.store, CostOptions(selection=Selection(run_id="nobody's")))


def test_an_unknown_grouping_is_refused(runs: Runs) -> None:
    with pytest.raises(SelectionError, match="no call has the attribute 'usr'"):
        costs(runs, [paid("1")], "usr")


def test_calls_that_do_not_say_are_a_group_of_their_own(runs: Runs) -> None:
    made = [paid("1", context=CallContext(user_id="u1")), paid("2"), paid("4", context=CallContext(user_id="u1"))]
    rows = costs(runs, made, "user").rows
    assert [(row.group, row.calls, row.cost_total) for row in rows] == [
        (("u1",), 2, Decimal(5)),
        ((None,), 1, Decimal(2)),
    ]


@pytest.mark.parametrize(
    ("cost", "fix"),
    [
        (Unpriced("unknown_model"), 'add to prices.toml: [[price]] model = "gpt-4o", provider = "openai", input = ...'),
        (Unpriced("unknown_tier"), 'output = ..., tier = "flex"'),
        (Unpriced("unknown_tool"), "web_search = ..."),
        (Unpriced("unknown_modality"), "for text and audio alike: [[price]] model ="),
        (Unpriced("unknown_usage"), "FIRSTTOKEN_INCLUDE_USAGE=true, or stream_options={'include_usage': True}"),
        (Unpriced("partial_usage"), "nothing: the stream was cut"),
        (Unpriced("no_price_list"), "pip install 'firsttoken[prices]'"),
        (Unpriced("price_error"), "firsttoken.pricing"),
        (Unpriced("a reason of {somebody} else"), "ask who sent the calls"),
        (None, "nobody tried"),
    ],
)
def test_a_call_without_a_price_says_why_and_what_to_do(runs: Runs, cost: Cost | None, fix: str) -> None:
    call = a_call(response=Response(service_tier="flex"), cost=cost)
    answer = costs(runs, [call, call, paid("1")])
    (unpriced,) = answer.unpriced
    reason = "not_priced" if cost is None else cost.reason  # type: ignore[union-attr]
    assert (unpriced.reason, unpriced.provider, unpriced.model, unpriced.calls) == (reason, "openai", "gpt-4o", 2)
    assert fix in unpriced.fix
    assert "\n" not in unpriced.fix
    assert answer.unpriced_calls == 2


def test_a_name_with_quotes_stays_one_name_in_the_remedy(runs: Runs) -> None:
    (unpriced,) = costs(runs, [a_call('a"b{c}', cost=Unpriced("unknown_model"))]).unpriced
    assert r'model = "a\"b{c}", provider' in unpriced.fix


def test_a_refused_request_and_a_fetched_answer_make_no_total_incomplete(runs: Runs) -> None:
    refused = a_call(outcome=Outcome.FAILED, response=Response(status_code=429), cost=None)
    fetched = replace(SMALLEST_CALL, request=replace(SMALLEST_CALL.request, operation="fetch_response"))
    answer = costs(runs, [refused, fetched, paid("1")])
    assert (answer.unpriced_calls, answer.unpriced) == (0, ())
    assert answer.spent_on == (SpentOn("failed", None, 1, 0, None),)


def test_a_cache_is_rated_by_the_calls_that_report_on_it_and_its_saving_is_that_of_the_prices_paid(runs: Runs) -> None:
    cached = a_call(usage=Usage(1000, 10, cache_read_tokens=800))
    cold = a_call(usage=Usage(1000, 10, cache_read_tokens=0))
    silent = a_call(usage=Usage(5000, 10))
    answer = costs(runs, [cached, cached, cold, silent])
    (row,) = answer.rows
    assert (row.cacheable_tokens, row.cache_hit_rate, answer.cache_hit_rate) == (3000, 1600 / 3000, 1600 / 3000)
    assert row.saved_by_cache == 2 * 800 * (Decimal("2.5") - Decimal("1.25")) / 1_000_000
    assert row.calls_of_unknown_saving == 0


def test_a_cache_that_was_written_and_not_read_has_cost_something(runs: Runs) -> None:
    usage = Usage(1000, 10, cache_read_tokens=0, cache_write_tokens=1000)
    (row,) = costs(runs, [a_call("claude-sonnet-4-5", "anthropic", usage=usage)]).rows
    assert row.saved_by_cache == 1000 * (Decimal(3) - Decimal("3.75")) / 1_000_000


@pytest.mark.parametrize(
    "cost",
    [
        Unpriced("unknown_tier"),
        Ledger(Decimal(1), Decimal(1), Decimal(0), Decimal(1), "USD", "another list"),
        Ledger(Decimal(1), Decimal(1), Decimal(0), Decimal(1), "EUR", "list"),
        stated_in_one(Decimal(1), "USD", "openrouter response"),
    ],
    ids=["unpriced", "other price", "other currency", "stated"],
)
def test_what_a_cache_saved_is_unknown_without_the_price_that_was_paid(runs: Runs, cost: Cost) -> None:
    (row,) = costs(runs, [a_call(usage=Usage(1000, 10, cache_read_tokens=800), cost=cost)]).rows
    assert (row.saved_by_cache, row.calls_of_unknown_saving) == (None, 1)


def doubled(amount: Decimal) -> Decimal:
    """As it arrives where it travels as a double."""
    return Decimal(repr(float(amount)))


RECORDED: dict[str, Callable[[Ledger], Ledger]] = {
    "exact": lambda cost: cost,
    "as doubles": lambda cost: of_parts(cost, doubled),
    "cheaper": lambda cost: of_parts(cost, lambda part: part * Decimal("0.9")),
    "next to it": lambda cost: replace(cost, output=(cost.output or 0) + Decimal("1e-18")),
    "in other parts": lambda cost: replace(cost, input=cost.output, output=cost.input),
    "in one amount": lambda cost: stated_in_one(cost.total, "USD", "another list"),
    "in another currency": lambda cost: replace(cost, currency="EUR"),
}
"""Costs as others may have recorded them."""


def of_parts(cost: Ledger, made: Callable[[Any], Decimal]) -> Ledger:
    return replace(cost, input=made(cost.input), cache_read=made(cost.cache_read), output=made(cost.output))


recorded = st.tuples(
    st.sampled_from((("gpt-4o", "openai"), ("gpt-5.6", "openai"), ("claude-sonnet-4-5", "anthropic"))),
    st.integers(1_000, 400_000),
    st.integers(1, 999),
    st.sampled_from(tuple(RECORDED)),
)


@given(st.lists(recorded, min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_what_a_cache_saved_is_that_of_each_call_whose_cost_is_that_of_the_list(
    runs: Runs, told: list[tuple[tuple[str, str], int, int, str]]
) -> None:
    made: list[Call] = []
    for model, input_tokens, cached, how in told:
        call = a_call(*model, usage=Usage(input_tokens, 7, cache_read_tokens=cached))
        assert isinstance(call.cost, Ledger)
        made.append(replace(call, cost=RECORDED[how](call.cost)))
    statements = [statement_of(call, PRICES) for call in made]
    known = [each.saved_by_cache for each in statements if each.difference == 0 and each.saved_by_cache is not None]
    totals = costs(runs, made).totals
    assert sum(row.calls_of_unknown_saving for row in totals) == len(made) - len(known)
    assert sum(filter(None, (row.saved_by_cache for row in totals))) == sum(known)


@pytest.mark.parametrize("how", [*RECORDED, "of a model without a price"])
def test_calls_are_not_priced_one_by_one_to_know_what_a_cache_saved(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    model = "nobody's" if how == "of a model without a price" else "gpt-4o"
    made: list[Call] = []
    for number in range(300):
        usage = Usage(1000 + number, 10 + number, cache_read_tokens=800 + number)
        cost = a_call(usage=usage).cost
        assert isinstance(cost, Ledger)
        made.append(a_call(model, usage=usage, cost=RECORDED.get(how, replace)(cost)))
    bills: list[object] = []
    calculate: Any = ModelPrice.calc_price
    monkeypatch.setattr(ModelPrice, "calc_price", lambda price, usage: bills.append(usage) or calculate(price, usage))
    costs(runs, made)
    assert len(bills) < 30


def test_prices_of_ones_own_tell_what_a_cache_saved(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(
        '[[price]]\nmodel = "own"\ninput = 10\ncache_read = 1\noutput = 20\ncurrency = "EUR"'
    )
    prices = read_overrides(tmp_path / "p.toml")
    call = a_call("own", usage=Usage(1000, 10, cache_read_tokens=1000), cost=None)
    call = replace(call, cost=PriceBook(prices).price(call))
    (known,) = costs(runs, [call], prices=prices).rows
    (unknown,) = costs(runs, [call]).rows
    assert (known.currency, known.saved_by_cache) == ("EUR", Decimal("0.009"))
    assert (unknown.saved_by_cache, unknown.calls_of_unknown_saving) == (None, 1)


def test_savings_of_groups_add_up_to_that_of_all(runs: Runs) -> None:
    made = [
        a_call(model, usage=Usage(1000, 10, cache_read_tokens=tokens))
        for model in ("gpt-4o", "gpt-4o-mini")
        for tokens in (1, 7)
    ]
    answer = costs(runs, made, "model")
    saved = {row.group: row.saved_by_cache for row in answer.rows}
    assert saved == {("gpt-4o",): Decimal("0.00001"), ("gpt-4o-mini",): 8 * Decimal("0.075") / 1_000_000}
    assert answer.totals[0].saved_by_cache == sum(filter(None, saved.values()))


def test_a_stream_that_was_cut_cost_at_least_what_was_reported_by_then_and_that_is_in_no_total(runs: Runs) -> None:
    cut = a_call(
        "claude-sonnet-4-5",
        "anthropic",
        usage=Usage(1_000_000, 1000, partial=True),
        outcome=Outcome.CANCELLED,
        context=CallContext(user_id="u1"),
    )
    unknown = replace(cut, request=replace(cut.request, model="nobody's"))
    answer = costs(runs, [cut, cut, unknown], "user")
    assert answer.cut_streams == (
        CutStreams(("u1",), "cancelled", "USD", 2, 2 * (Decimal(6) + Decimal("0.0225"))),
        CutStreams(("u1",), "cancelled", None, 1, None),
    )
    assert [(row.currency, row.unpriced_calls) for row in answer.totals] == [(None, 3)]


def test_what_was_spent_on_calls_that_failed_were_given_up_or_made_again_is_told(runs: Runs) -> None:
    first, second, third = (CallContext(retry_group=group) for group in ("g", "g", "h"))
    made = [
        paid("1", context=first),
        paid("2", context=second),
        paid("4", context=third),
        paid("8", outcome=Outcome.FAILED),
        paid("16", outcome=Outcome.ABANDONED),
        paid("32", "EUR", outcome=Outcome.CANCELLED),
        a_call(outcome=Outcome.CANCELLED, cost=Unpriced("partial_usage")),
    ]
    assert costs(runs, made).spent_on == (
        SpentOn("abandoned", "USD", 1, 0, Decimal(16)),
        SpentOn("cancelled", "EUR", 1, 0, Decimal(32)),
        SpentOn("cancelled", None, 1, 1, None),
        SpentOn("failed", "USD", 1, 0, Decimal(8)),
        SpentOn("retried", "USD", 1, 0, Decimal(1)),
    )


def test_each_source_of_prices_is_told_with_its_date(runs: Runs) -> None:
    dated = replace(paid("1"), cost=Ledger(Decimal(1), Decimal(0), Decimal(0), Decimal(0), "USD", "list", "2026-11-01"))
    sources = costs(runs, [dated, dated, paid("1"), paid("1", "EUR", "override p.toml")]).sources
    assert [(each.currency, each.source, each.price_date, each.calls, each.cost_total) for each in sources] == [
        ("EUR", "override p.toml", None, 1, 1),
        ("USD", "list", "2026-11-01", 2, 2),
        ("USD", "list", None, 1, 1),
    ]


@pytest.fixture
def one_store() -> Iterator[Store]:
    with Store.open(None) as store:
        yield store


def test_the_selection_narrows_every_figure(one_store: Store) -> None:
    write_calls(one_store, paid("1"), a_call("nobody's", outcome=Outcome.FAILED))
    answer = answered(COST, one_store, CostOptions(selection=replace(EVERYTHING, models=("gpt-4o",))))
    assert (answer.unpriced, answer.spent_on, answer.totals[0].cost_total) == ((), (), Decimal(1))


@pytest.mark.parametrize("reason", sorted(UNPRICED_WORDS.keys() - {NOT_PRICED}))
def test_every_reason_that_a_page_has_a_word_for_has_a_remedy_and_a_meaning(reason: str) -> None:
    assert FIXES[reason]
    assert REASONS[reason]


def test_the_line_of_a_group_has_the_tokens_of_its_calls_without_a_price_too() -> None:
    context = CallContext(user_id="u1")
    priced = a_call(context=context, usage=Usage(1_000, 10, cache_read_tokens=100))
    unpriced = a_call("no-such-model", context=context, usage=Usage(3_000, 20, cache_read_tokens=900))
    with Store.open(None) as store:
        write_calls(store, priced, unpriced)
        answer = answered(COST, store, CostOptions(group_by=("user",)))
    (line,) = lines_of(answer.rows)
    assert (line.calls, line.unpriced_calls, line.input_tokens, line.output_tokens) == (2, 1, 4_000, 30)
    assert (line.cache_read_tokens, line.cache_hit_rate) == (1_000, 0.25)
    assert isinstance(priced.cost, Ledger)
    assert line.cost_total == priced.cost.total
    assert answer.cache_hit_rate == 0.25
