"""Who and what the money went to: exact sums, the dearest first, and every row leads to its calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from firsttoken.call import Call
from firsttoken.store import Store

from .samples import HOSTILE_TEXT, RATE_LIMITED
from .site import Site, running_site
from .spenders import SPENDERS, a_call, calls_at, keys, links, paid, shown, words

ONE, TWO, THREE, FOUR, FIVE = SPENDERS


@pytest.fixture(scope="module")
def spent(cache_of_these_tests: None) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        site.add(*SPENDERS)
        yield site


def rows(page: str) -> list[str]:
    """Of the table of spend, as their words."""
    table = re.search(r'<table class="spend">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert table is not None
    return [words(row) for row in re.findall(r"<tr>.*?</tr>", table[1], re.DOTALL)]


def test_the_dearest_stand_first_with_their_exact_sums(spent: Site) -> None:
    page = spent.get("/spend").text
    assert [row.split()[:2] for row in rows(page)] == [["ann", "$7.50"], ["bob", "$2.00"], ["not", "said"]]
    assert "Spent $9.75 4 calls" in words(page)
    assert "Without a price 1 call in no sum here" in words(page)


@pytest.mark.parametrize(
    ("by", "name", "expected"),
    [
        ("user", "ann", [ONE, TWO]),
        ("user", "not said", [FIVE]),
        ("feature", "search", [ONE, THREE]),
        ("feature", "not said", [FOUR, FIVE]),
        ("model", "llama-local", [FOUR]),
        ("day", "2026-11-22", [*SPENDERS]),
    ],
)
def test_a_row_leads_to_exactly_its_calls(spent: Site, by: str, name: str, expected: list[Call]) -> None:
    (address,) = links(spent.get(f"/spend?by={by}").text, name)
    assert calls_at(spent, address) == keys(*expected)


def test_calls_without_a_price_are_counted_where_they_belong_and_can_be_seen(spent: Site) -> None:
    page = spent.get("/spend").text
    assert rows(page)[1].split()[-1] == "1"
    assert calls_at(spent, links(page, "1 call")[0]) == keys(FOUR)
    assert calls_at(spent, links(page, "1")[0]) == keys(FOUR)


def test_what_failed_was_paid_for_too(spent: Site) -> None:
    page = spent.get("/spend").text
    assert "failed 1 $0.250 0" in words(page)
    assert calls_at(spent, links(page, "failed")[0]) == keys(FIVE)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("name", ["ann", "bob", "not"]), ("unpriced", ["bob", "ann", "not"]), ("calls", ["ann", "bob", "not"])],
)
def test_the_table_can_be_sorted_by_each_column(spent: Site, sort: str, expected: list[str]) -> None:
    assert [row.split()[0] for row in rows(spent.get(f"/spend?sort={sort}").text)] == expected


def test_only_the_selected_calls_count(spent: Site) -> None:
    page = spent.get("/spend?by=user&where.feature=search").text
    assert [row.split()[:2] for row in rows(page)] == [["ann", "$3.00"], ["bob", "$2.00"]]
    assert "calls with feature=search" in words(page)
    assert calls_at(spent, links(page, "ann")[0]) == keys(ONE)


def test_currencies_are_never_added(site: Site) -> None:
    site.add(ONE, replace(a_call(9, user="eva"), cost=paid("1", "EUR")))
    page = site.get("/spend").text
    assert "Spent €1.00 1 call" in words(page)
    assert "Spent $3.00 1 call" in words(page)


def test_rows_that_are_not_shown_are_summed_up_and_all_add_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firsttoken.page.views.spend.MOST_ROWS", 2)
    euros = replace(a_call(9, user="eva"), cost=paid("1", "EUR"))
    site.add(*(a_call(number, user=f"u{number}", cost=f"{number}.01") for number in range(1, 6)), euros)
    page = shown(site.get("/spend"))
    by_user = page.partition("Unpriced eva")[2]
    assert by_user.startswith(" €1.00 1 ")
    assert "u5 $5.01 1" in by_user
    assert "4 more $10.04 4 " in by_user
    assert "all €1.00 1 " in by_user
    assert "all $15.05 5 " in by_user


def test_calls_that_are_not_billed_are_said(site: Site) -> None:
    site.add(ONE, RATE_LIMITED)
    page = shown(site.get("/spend"))
    assert "Spent $3.00 1 call" in page
    assert "Not billed 1 call refused, or of a kind that is free" in page


def test_an_empty_store_says_how_to_fill_it(site: Site) -> None:
    assert "firsttoken run -- python app.py" in shown(site.get("/spend"))


def test_a_time_without_calls_is_no_mistake(spent: Site) -> None:
    assert "Spent 0" in shown(spent.get("/spend?since=1&until=2"))


@pytest.mark.parametrize(
    ("status", "says", "address"),
    [
        (400, "sort='x' is no order: use cost, calls", "/spend?sort=x"),
        (400, "savings must be yes", "/spend?savings=no"),
        (400, "by= must be the name of an attribute", "/spend?by="),
        (400, "there is no parameter 'bye' here: use by, model", "/spend?bye=user"),
        (422, "no call has the attribute 'usr': did you mean user?", "/spend?by=usr"),
        (422, "no call has the attribute 'gen_ai.input.messages'", "/spend?by=gen_ai.input.messages"),
    ],
)
def test_what_cannot_be_asked_is_said(spent: Site, status: int, says: str, address: str) -> None:
    answer = spent.get(address)
    assert (answer.status, says in words(answer.text)) == (status, True)


def test_strangers_text_stays_text(site: Site) -> None:
    site.add(a_call(1, user=HOSTILE_TEXT, feature=HOSTILE_TEXT))
    page = site.get("/spend").text
    assert "<script>alert" not in page
    assert calls_at(site, links(page, HOSTILE_TEXT)[0]) == keys(a_call(1, user=HOSTILE_TEXT, feature=HOSTILE_TEXT))


def test_what_caches_saved_is_worked_out_for_few_calls_or_when_asked_for(
    spent: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firsttoken.page.views.spend.FEW", 4)
    page = spent.get("/spend").text
    (address,) = links(page, "work it out")
    assert "work it out" not in shown(spent.get(address))
    assert "work it out" not in shown(spent.get("/spend?where.feature=search"))
