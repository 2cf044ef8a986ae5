"""Calls priced together cost what they cost one by one, to the last digit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firsttoken.analyse.billed import Pricing, priced
from firsttoken.analyse.options import Group
from firsttoken.call import Call, CallContext, Cost, Ledger, Outcome, Parameters, Request, Timing, Usage
from firsttoken.pricing import PriceBook
from firsttoken.pricing.override import Conditions, Override, Rates
from firsttoken.pricing.price_list import PriceList
from firsttoken.store import Selection

from .conftest import Runs

START_NS = 1_795_000_000 * 1_000_000_000
PRICE_LIST = PriceList()
MODELS = (
    ("openai", "gpt-4o"),
    ("openai", "gpt-5.6"),
    ("anthropic", "claude-sonnet-4-5"),
    ("deepseek", "deepseek-chat"),
    ("perplexity", "sonar"),
    ("gcp.gemini", "gemini-2.5-pro"),
    ("openai", "nobody's"),
)
some = st.sampled_from((None, 0, 1, 7, 900))
usages = st.builds(
    Usage,
    input_tokens=st.sampled_from((None, 0, 5, 1_000, 2_001, 150_000, 210_000, 300_000)),
    output_tokens=st.sampled_from((None, 0, 3, 500)),
    cache_read_tokens=some,
    cache_write_tokens=some,
    cache_write_1h_tokens=st.sampled_from((None, None, 0, 7)),
    reasoning_tokens=st.sampled_from((None, 0, 2)),
    web_search_requests=st.sampled_from((None, None, 2)),
    input_audio_tokens=st.sampled_from((None, None, 4)),
    partial=st.sampled_from((False, False, False, True)),
)


@st.composite
def alike(draw: st.DrawFn) -> list[Call]:
    """Calls of one model, most of which tell the same counts."""
    provider, model = draw(st.sampled_from(MODELS))
    tier = draw(st.sampled_from((None, None, "flex")))
    told = draw(usages)
    calls: list[Call] = []
    for number in range(draw(st.integers(1, 24))):
        usage = draw(usages) if draw(st.integers(0, 4)) == 0 else told
        more = {"input_tokens": draw(st.sampled_from((0, 10, 900, 5_000, 200_000)))} if usage.input_tokens else {}
        usage = replace(usage, **{name: getattr(usage, name) + count for name, count in more.items()})
        user = CallContext(user_id=draw(st.sampled_from((None, *"abcdefghij"))))
        request = Request("chat", provider, "test", model, parameters=Parameters(service_tier=tier), context=user)
        calls.append(Call(request, Timing(START_NS + number, 1), Outcome.COMPLETED, usage=usage))
    return calls


RATES = Rates(*map(Decimal, "123"), Decimal(4), Decimal("0.7"))
BOOKS = (
    PriceBook((), PRICE_LIST),
    PriceBook(
        (
            Override("own", Conditions(model="nobody's"), RATES),
            Override("own", Conditions(model="gpt-4o", input_above=1_000), replace(RATES, input=Decimal(9))),
        ),
        PRICE_LIST,
    ),
    PriceBook((Override("own", Conditions(provider="openai"), discount=Decimal("0.35")),), PRICE_LIST),
)


Sums = dict[tuple[Group, str], Decimal]


def pricing(
    book: PriceBook, price: Callable[[Call, PriceBook], Cost | None] = lambda call, book: book.price(call)
) -> Pricing[Cost | None]:
    return Pricing(
        book,
        price,
        lambda cost: (cost.total if isinstance(cost, Ledger) else None,),
        lambda call, cost: isinstance(cost, Ledger),
        price,
    )


def together(runs: Runs, book: PriceBook, calls: list[Call], *group_by: str) -> Sums:
    """In each group how much in each currency, and how many for each reason."""
    found: Sums = {}
    with localcontext(prec=60), runs.store.read() as reader:
        for some in priced(reader, Selection(run_id=runs.add(*calls)), group_by, pricing(book)):
            for each in some.groups:
                (amount,) = each.amounts
                key = each.group, some.answer.currency if isinstance(some.answer, Ledger) else str(some.answer)
                found[key] = found.get(key, Decimal(0)) + (each.calls if amount is None else amount)
    return found


def alone(book: PriceBook, calls: list[Call], *, grouped: bool) -> Sums:
    found: Sums = {}
    with localcontext(prec=60):
        for call in calls:
            cost, group = book.price(call), (call.request.context.user_id,) if grouped else ()
            key, amount = (cost.currency, cost.total) if isinstance(cost, Ledger) else (str(cost), Decimal(1))
            found[group, key] = found.get((group, key), Decimal(0)) + amount
    return found


@pytest.mark.parametrize("book", BOOKS, ids=["list", "own", "discount"])
@given(calls=alike())
@settings(max_examples=120, deadline=None)
def test_calls_priced_together_cost_what_they_cost_one_by_one(runs: Runs, book: PriceBook, calls: list[Call]) -> None:
    assert together(runs, book, calls) == alone(book, calls, grouped=False)
    assert together(runs, book, calls, "user") == alone(book, calls, grouped=True)


@pytest.mark.parametrize(
    ("book", "provider", "model", "several"),
    [
        (BOOKS[1], "openai", "gpt-4o", (Usage(500, 1), Usage(5_000, 1))),
        (BOOKS[0], "openai", "gpt-4o", (Usage(10, 5, cache_read_tokens=20), Usage(1_000, 5, cache_read_tokens=20))),
        (BOOKS[0], "gcp.gemini", "gemini-2.5-pro", (Usage(150_000, 5), Usage(250_000, 5))),
        (BOOKS[0], "perplexity", "sonar", (Usage(10, 5), Usage(20, 5))),
    ],
    ids=["own price above a size", "a part above its whole", "a tier of the list", "a price of requests"],
)
def test_where_the_size_of_each_matters_calls_are_priced_one_by_one(
    runs: Runs, book: PriceBook, provider: str, model: str, several: tuple[Usage, ...]
) -> None:
    request = Request("chat", provider, "test", model)
    calls = [Call(request, Timing(START_NS, 1), Outcome.COMPLETED, usage=usage) for usage in several]
    assert together(runs, book, calls) == alone(book, calls, grouped=False)


def test_calls_that_differ_only_in_how_much_they_used_are_priced_at_once(runs: Runs) -> None:
    request = Request("chat", "openai", "test", "gpt-4o")
    calls = [Call(request, Timing(START_NS + n, 1), Outcome.COMPLETED, usage=Usage(1 + n, 2 + n)) for n in range(50)]
    asked: list[Call] = []

    def price(call: Call, book: PriceBook) -> Cost | None:
        asked.append(call)
        return book.price(call)

    with runs.store.read() as reader:
        selection = Selection(run_id=runs.add(*calls))
        (some,) = priced(reader, selection, (), pricing(BOOKS[0], price))
    assert ([call.usage for call in asked], [each.calls for each in some.groups]) == ([Usage(1275, 1325)], [50])


def test_groups_are_not_priced_one_by_one(runs: Runs) -> None:
    calls = [
        Call(
            Request("chat", "openai", "test", "gpt-4o", context=CallContext(user_id=f"u{number}")),
            Timing(START_NS + number, 1),
            Outcome.COMPLETED,
            usage=Usage(input_tokens, 2 + number),
        )
        for number, input_tokens in enumerate((*range(1, 300), 300_000))
    ]
    asked: list[Call] = []

    def price(call: Call, book: PriceBook) -> Cost | None:
        asked.append(call)
        return book.price(call)

    with runs.store.read() as reader:
        selection = Selection(run_id=runs.add(*calls))
        found = list(priced(reader, selection, ("user",), pricing(BOOKS[0], price)))
    assert sum(len(some.groups) for some in found) == 300
    assert len(asked) < 10


def test_calls_of_days_with_the_same_prices_are_priced_at_once(runs: Runs) -> None:
    request, hour_ns = Request("chat", "openai", "test", "gpt-4o"), 3600 * 1_000_000_000
    calls = [Call(request, Timing(START_NS + n * hour_ns, 1), Outcome.COMPLETED, usage=Usage(1, 2)) for n in range(48)]
    with runs.store.read() as reader:
        found = list(priced(reader, Selection(run_id=runs.add(*calls)), (), pricing(BOOKS[0])))
    assert sum(each.calls for some in found for each in some.groups) == 48
    assert len(found) < 20


@pytest.mark.parametrize(
    ("model", "before", "at"),
    [
        ("deepseek-chat", "2026-03-03T00:29:59.9", "2026-03-03T00:30"),
        ("deepseek-chat", "2026-03-03T16:29:59.9", "2026-03-03T16:30"),
        ("own", "2026-03-03T23:59:59.9", "2026-03-04T00:00"),
        ("own", "2026-03-05T23:59:59.9", "2026-03-06T00:00"),
    ],
    ids=["dear hours", "cheap hours", "the first day of a price", "the last day of a price"],
)
def test_a_price_is_that_of_the_moment_before_a_change_and_at_it(runs: Runs, model: str, before: str, at: str) -> None:
    dated = Conditions(model="own", since=date(2026, 3, 4), until=date(2026, 3, 5))
    own = (Override("own", Conditions(model="own"), RATES), Override("own", dated, replace(RATES, input=Decimal(9))))
    book = PriceBook(own, PRICE_LIST)
    moments = [int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 10) * 10**8 for text in (before, before, at)]
    request = Request("chat", "deepseek", "test", model)
    calls = [Call(request, Timing(moment, 1), Outcome.COMPLETED, usage=Usage(10, 20)) for moment in moments]
    assert together(runs, book, calls) == alone(book, calls, grouped=False)
    with runs.store.read() as reader:
        found = list(priced(reader, Selection(run_id=runs.add(*calls)), (), pricing(book)))
    assert sorted(each.calls for some in found for each in some.groups) == [1, 2]
