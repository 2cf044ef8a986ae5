"""Budgets on the page: what was spent of each, what is not known of that, and how to make some."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pytest

from firsttoken.analyse.budget_file import read_budgets
from firsttoken.analyse.budgets import Budget, BudgetOptions, check_budgets
from firsttoken.call import Call
from firsttoken.page.exports import FORM_NAMES
from firsttoken.page.figures import UNKNOWN
from firsttoken.page.views.budgets import held_at
from firsttoken.store import Store

from .samples import HOSTILE_TEXT
from .site import Site, running_site
from .spenders import HOUR_NS, a_call, calls_at, keys, links, shown, words

FILE = """
[[budget]]
name = "all"
limit = 20
window = "rolling 1h"

[[budget]]
name = "each user"
limit = 5
window = "rolling 1h"
each = "user"

[[budget]]
name = "small <b>"
limit = 10
window = "rolling 24h"
model = "gpt*"
where = { feature = "search" }
"""


def now(call: Call) -> Call:
    return replace(call, timing=replace(call.timing, started_unix_ns=time.time_ns() - 60 * 10**9))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "budgets.toml"
    path.write_text(FILE)
    return path


@pytest.fixture
def held(cache_of_these_tests: None, file: Path) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store, budgets=file) as site:
        yield site


def test_each_budget_says_what_was_spent_and_leads_to_its_calls(held: Site) -> None:
    ann, bob, search = (
        now(a_call(1, user="ann", cost="6")),
        now(a_call(2, user="bob", cost=None)),
        now(a_call(3, user="bob", feature="search", cost="8.5")),
    )
    held.add(ann, bob, search)
    page = held.get("/budgets").text
    said = words(page)
    assert "$14.50 3 calls 72.5 %" in said
    assert "within it, as far as is known 1 call unpriced" in said
    assert "each user user=bob" in said
    assert "over it" in said
    assert "$8.50 1 call 85.0 % $10.00 $1.50" in said
    assert "close to it" in said
    assert sorted(calls_at(held, links(page, "all")[0])) == sorted(keys(ann, bob, search))
    assert [len(calls_at(held, address)) for address in links(page, "each user")] == [2, 1]
    assert calls_at(held, links(page, "small <b>")[0]) == keys(search)


def test_budgets_leave_as_of_the_moment_and_the_share_that_are_asked_for(held: Site) -> None:
    """Of the file of the server, whose budgets nobody can ask for by name."""
    call = a_call(1, user="ann", cost="6")
    held.add(call)
    moment = call.timing.started_unix_ns + 60 * 10**9
    told = {"now_unix_ns": moment, "warn": "0.2"}
    found = json.loads(held.get("/export/budgets.json?" + urlencode({"options": json.dumps(told)})).text)
    (row,) = (row for row in found["rows"] if row["budget"] == "all")
    assert (row["calls"], row["state"]) == (1, "warning")


def test_a_budget_that_cannot_be_held_says_why_beside_the_others(held: Site, file: Path) -> None:
    held.add(now(a_call(1, user="ann", cost="6")))
    page = shown(held.get("/budgets"))
    assert "small <b> rolling 24h" in page
    assert f"{UNKNOWN} $10.00 {UNKNOWN} {UNKNOWN} cannot be held no call has the attribute 'feature'" in page
    assert "$6.00 1 call 30.0 % $20.00" in page


def test_values_beyond_those_that_have_a_line_are_summed_up(held: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("firsttoken.page.views.budgets.MOST_VALUES", 2)
    held.add(
        *(now(a_call(number, user=f"u{number}", cost=cost)) for number, cost in enumerate(("6", "8", "1", "2", None)))
    )
    page = shown(held.get("/budgets"))
    assert [f"user=u{number}" in page for number in range(5)] == [True, True, False, False, False]
    assert "3 more for which the least was spent $3.00 3 calls 2 within it, 1 within it, as far as is known" in page


def test_what_was_spent_of_each_leaves_as_a_file(held: Site) -> None:
    held.add(now(a_call(1, user="ann", feature="chat", cost="6")))
    (address,) = links(held.get("/budgets").text, FORM_NAMES["csv"])
    rows = list(csv.DictReader(held.get(address).text.splitlines()))
    assert [(row["budget"], Decimal(row["spent"])) for row in rows] == [("all", 6), ("each user", 6), ("small <b>", 0)]


def test_nothing_spent_is_nothing_and_not_unknown(held: Site) -> None:
    assert "$0 0 calls 0.0 % $20.00 $20.00" in shown(held.get("/budgets"))


def test_a_file_that_changed_is_read_anew_and_a_slip_in_it_is_said(held: Site, file: Path) -> None:
    file.write_text(FILE.replace("limit = 20", "limit = -1"))
    assert "[[budget]] number 1 has limit = -1: give an amount above 0" in shown(held.get("/budgets"))
    file.unlink()
    assert "cannot be read" in shown(held.get("/budgets"))


def test_strangers_text_stays_text(held: Site) -> None:
    held.add(now(a_call(1, user=HOSTILE_TEXT)))
    assert "<script>alert" not in held.get("/budgets").text


def test_without_a_file_the_page_says_how_to_make_one_that_can_be_read(site: Site, tmp_path: Path) -> None:
    page = shown(site.get("/budgets"))
    assert "firsttoken serve --budgets budgets.toml" in page
    example = site.get("/budgets").text.partition("<pre><code>")[2].partition("</code>")[0].replace("&#34;", '"')
    (tmp_path / "example.toml").write_text(example)
    assert [budget.name for budget in read_budgets(tmp_path / "example.toml")][:2] == ["all calls", "every user"]


@pytest.mark.parametrize(
    ("expected", "window", "hours", "cost"),
    [
        (Decimal(8), "day", 12, "4"),
        (None, "day", 5, "4"),
        (None, "day", 12, None),
        (None, "rolling 24h", 12, "4"),
    ],
)
def test_a_pace_is_said_where_enough_of_a_window_is_over_and_known(
    expected: Decimal | None, window: str, hours: int, cost: str | None
) -> None:
    midnight = 20_000 * 24 * HOUR_NS
    at = midnight + hours * HOUR_NS
    call = a_call(1, cost=cost)
    budget = Budget(name="b", limit=Decimal(10), window=window)
    with Store.open(None) as store, running_site(store) as site:
        site.add(replace(call, timing=replace(call.timing, started_unix_ns=midnight + HOUR_NS)))
        with store.read() as reader:
            (row,) = check_budgets(reader, BudgetOptions(budgets=(budget,), now_unix_ns=at)).rows
    assert held_at(budget, row, at).at_this_pace == expected
