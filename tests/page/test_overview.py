"""The overview: exact figures, what stands out first, and every mark and row leads to exactly its calls."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.call import Call
from firsttoken.page.figures import UNKNOWN
from firsttoken.store import Store

from .samples import EVERY_KIND, HOSTILE_TEXT, NOON_NS, RATE_LIMITED, WHOLE
from .site import Site, ids, running_site
from .spenders import HOUR_NS, SPENDERS, a_call, calls_at, keys, links, paid, shown, words

ONE, TWO, THREE, FOUR, FIVE = SPENDERS
YESTERDAY = (a_call(1, user="old", cost="1", hours=-24, first_token_ms=200), a_call(2, cost="0.5", hours=-24))
LONG_AGO = a_call(7, hours=-100)
ALL = (*SPENDERS, *YESTERDAY, LONG_AGO)
NOON = f"since={NOON_NS - HOUR_NS}&until={NOON_NS + HOUR_NS}"


@pytest.fixture(scope="module")
def seen(cache_of_these_tests: None) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        site.add(*ALL)
        yield site


def marks(site: Site, query: str, chart: str) -> list[dict[str, Any]]:
    """Those of a chart that can be seen."""
    drawn: Mapping[str, Any] = json.loads(site.get(f"/overview/points?{query}").text)
    return [mark for mark in drawn[chart]["marks"] if mark["href"] is not None]


def test_the_figures_are_those_of_the_time_in_the_address(seen: Site) -> None:
    page = shown(seen.get(f"/overview?{NOON}"))
    assert "Calls 5" in page
    assert "Errors 1 20.0 %" in page
    assert "First token p50 400 ms of 5 streams" in page
    assert "Largest gap 7.00 s gpt-5.1" in page
    assert "Cost $9.75 and 1 unpriced" in page
    assert "Costliest user ann $7.50" in page


def test_without_a_time_the_last_day_of_the_data_is_shown(seen: Site) -> None:
    assert "Calls 5" in shown(seen.get("/overview"))


def test_figures_are_held_against_as_much_time_before(seen: Site) -> None:
    day = f"since={NOON_NS - HOUR_NS}&until={NOON_NS + 23 * HOUR_NS}"
    page = shown(seen.get(f"/overview?{day}"))
    assert "Calls 5 +150 % from 2 in as much time before" in page
    assert "Cost $9.75 and 1 unpriced +550 % from $1.50 in as much time before" in page


def test_sums_are_held_against_nothing_where_nothing_was_recorded(site: Site) -> None:
    site.add(a_call(1), a_call(2, hours=3, first_token_ms=800))
    page = shown(site.get(f"/overview?since={NOON_NS + 2 * HOUR_NS}&until={NOON_NS + 10 * HOUR_NS}"))
    assert "Calls 1 Errors" in page
    assert "First token p50 800 ms of 1 stream +100 % from 400 ms in as much time before" in page
    assert "Nothing was recorded before" in page


def test_what_stands_out_leads_to_its_call(seen: Site) -> None:
    page = seen.get(f"/overview?{NOON}").text
    at_the_gap = f"/calls/{'/'.join(ids(TWO))}#largest-gap"
    assert links(page, "7.00 s") == [at_the_gap]
    assert links(page, "7.00 s gpt-5.1") == [at_the_gap]
    assert links(page, "2.90 s gpt-5.1") == [f"/calls/{'/'.join(ids(THREE))}"]
    assert links(page, "$4.50 gpt-5.1") == [f"/calls/{'/'.join(ids(TWO))}"]
    assert "No stream stalled." in words(page)


def test_what_was_paid_in_one_currency_neither_outranks_nor_hides_another(site: Site) -> None:
    dollars = [a_call(number, cost=str(number)) for number in range(1, 7)]
    euros = [replace(a_call(number), cost=paid("0.5", "EUR")) for number in range(7, 13)]
    yen = replace(a_call(13), cost=paid("90", "JPY"))
    site.add(*dollars, *euros, yen)
    costliest = site.get("/overview").text.partition("Costliest calls")[2].partition("</section>")[0]
    figures = re.findall(r"<h3[^>]*>(.*?)</h3>|<strong>(.*?)</strong>", costliest)
    said = [words(heading or figure) for heading, figure in figures]
    assert said == ["paid in EUR", "€0.500", "€0.500", "paid in JPY", "90.00 JPY", "paid in USD", "$6.00", "$5.00"]


def test_calls_of_the_future_are_in_no_figure_of_no_view_and_behind_none(site: Site) -> None:
    now_ns = time.time_ns()
    past, future = (
        replace(call, timing=replace(call.timing, started_unix_ns=round(now_ns + hours * HOUR_NS)))
        for call, hours in ((a_call(1, cost="2"), -0.5), (a_call(2, cost="3"), 1))
    )
    site.add(past, future)
    overview = site.get("/overview?since=1h").text
    assert [calls_at(site, address) for address in links(overview, "1")] == [keys(past)]
    for spend in ("/spend?since=1h", *links(overview, "$2.00")):
        assert "Spent $2.00" in words(site.get(spend).text)
    assert "The same 1 call," in words(site.get("/what-if?since=1h").text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ann", [ONE, TWO]), ("bob", [THREE, FOUR]), ("search", [ONE, THREE]), ("llama-local", [FOUR]), ("1", [FIVE])],
)
def test_who_spent_and_what_failed_lead_to_exactly_their_calls(seen: Site, name: str, expected: list[Call]) -> None:
    address = links(seen.get(f"/overview?{NOON}").text, name)[0]
    assert calls_at(seen, address) == keys(*expected)


@pytest.mark.parametrize("chart", ["heatmap", "tokens", "cost", "errors"])
def test_every_mark_leads_to_as_many_calls_as_it_says(seen: Site, chart: str) -> None:
    found = marks(seen, "", chart)
    assert found
    counts = [len(calls_at(seen, mark["href"])) for mark in found]
    assert counts == [1 if chart == "errors" else mark["calls"] for mark in found]


def test_the_cells_of_the_heatmap_share_the_streams_among_them(seen: Site) -> None:
    cells = marks(seen, NOON, "heatmap")
    assert {cell["name"]: cell["calls"] for cell in cells} == {
        "300\N{NO-BREAK SPACE}ms to 500\N{NO-BREAK SPACE}ms": 4,
        "700\N{NO-BREAK SPACE}ms to 1.00\N{NO-BREAK SPACE}s": 1,
    }
    (slow,) = [cell for cell in cells if cell["calls"] == 1]
    assert calls_at(seen, slow["href"]) == keys(THREE)


def test_the_total_time_has_percentiles_of_its_own(seen: Site) -> None:
    by_name = {mark["name"]: mark for mark in marks(seen, NOON, "total")}
    assert by_name["p50"]["high"] == 2.4
    assert calls_at(seen, by_name["p99"]["href"]) == keys(THREE)


def test_a_percentile_leads_to_the_calls_that_were_as_slow_or_slower(seen: Site) -> None:
    by_name = {mark["name"]: mark for mark in marks(seen, NOON, "first-token")}
    assert by_name["p50"]["high"] == 0.4
    assert calls_at(seen, by_name["p50"]["href"]) == keys(*SPENDERS)
    assert calls_at(seen, by_name["p99"]["href"]) == keys(THREE)


def test_money_is_stacked_by_model_and_the_unpriced_are_said(seen: Site) -> None:
    drawn = json.loads(seen.get(f"/overview/points?{NOON}").text)["cost"]
    (bar,) = [mark for mark in drawn["marks"] if mark["href"]]
    assert (bar["name"], bar["low"], bar["high"], bar["words"]) == ("gpt-5.1", 0, 9.75, "$9.75")
    assert drawn["meaning"] == "in USD, without 1 call unpriced"


def test_money_is_drawn_in_the_currency_that_most_calls_were_paid_in(site: Site) -> None:
    dollars = [a_call(number, cost="1") for number in (1, 2, 3)]
    euros = [replace(a_call(4, hours=hours), cost=paid("9", "EUR")) for hours in (1, 2)]
    site.add(*dollars, *euros)
    chart = json.loads(site.get("/overview/points").text)["cost"]
    assert chart["meaning"] == "in USD, without what was paid in EUR"
    assert [mark["words"] for mark in marks(site, "", "cost")] == ["$3.00"]


def test_models_beyond_the_colours_are_one_and_lose_nothing(site: Site) -> None:
    site.add(*(a_call(number, model=f"m{number}", cost="1") for number in range(9)))
    bars = marks(site, "", "cost")
    assert [bar["name"] for bar in bars][-1] == "other models"
    assert (bars[-1]["high"], bars[-1]["calls"], bars[-1]["words"]) == (9.0, 2, "$2.00")
    assert len(bars) == 8


def test_a_time_without_calls_is_a_gap_and_not_zero(site: Site) -> None:
    site.add(a_call(1), a_call(1, hours=5))
    drawn = json.loads(site.get("/overview/points").text)["first-token"]["marks"]
    gaps = [mark for mark in drawn if mark["name"] == "p50" and mark["high"] is None]
    assert len(gaps) > 50
    assert {mark["high"] for mark in drawn if mark["href"]} == {0.4}


def test_a_step_that_the_view_cuts_is_marked(site: Site) -> None:
    site.add(a_call(1), a_call(1_500))
    (cut, *_) = marks(site, f"since={NOON_NS + 1_200_000_000}&until={NOON_NS + 2 * 10**9}", "tokens")
    assert (cut["is_whole"], "not all of it" in cut["when"]) == (False, True)


def test_whole_answers_and_failures_alone_have_no_first_token(site: Site) -> None:
    site.add(WHOLE, RATE_LIMITED)
    page = shown(site.get("/overview"))
    assert f"First token p50 {UNKNOWN} of 0 streams" in page
    assert f"Largest gap {UNKNOWN}" in page
    assert marks(site, "", "first-token") == marks(site, "", "heatmap") == []


def test_calls_of_every_kind_are_shown(site: Site) -> None:
    site.add(*EVERY_KIND, a_call(1, user=HOSTILE_TEXT))
    page = site.get("/overview").text
    assert "Errors 4" in words(page)
    assert "<script>alert" not in page
    assert links(page, HOSTILE_TEXT)


def test_one_call_is_enough(site: Site) -> None:
    site.add(ONE)
    assert "Calls 1" in shown(site.get("/overview"))
    assert len(marks(site, "", "heatmap")) == 1


def test_an_empty_store_says_how_to_fill_it(site: Site) -> None:
    assert "firsttoken run -- python app.py" in shown(site.get("/overview"))
    assert json.loads(site.get("/overview/points").text)["tokens"]["marks"] == []


@pytest.mark.parametrize(
    ("status", "says", "path"),
    [
        (400, "there is no parameter 'sinc' here", "?sinc=1"),
        (400, "is no figure of a call", "?at_least.x=1"),
        (400, "since: ", "?since=soon"),
        (200, "Calls 0", "?since=1&until=2"),
        (200, "Calls 0", "?where.feature=nothing"),
    ],
)
def test_what_cannot_be_asked_is_said(seen: Site, status: int, says: str, path: str) -> None:
    for address in (f"/overview{path}", f"/overview/points{path}"):
        answer = seen.get(address)
        assert answer.status == status
        if "points" not in address or status != 200:
            assert says in words(answer.text)


def test_the_form_narrows_a_view_and_keeps_its_time(seen: Site) -> None:
    since, until = NOON_NS - HOUR_NS, NOON_NS + HOUR_NS
    asked = f"view=/overview&since={since}&until={until}&name=feature&value=search&search="
    answer = seen.get(f"/find?{asked}")
    assert answer.status == 303
    assert "Calls 2" in shown(seen.get(answer.headers["location"]))
    assert seen.get("/find?view=//elsewhere.example").status == 400


def test_a_time_that_was_said_as_how_long_ago_stays_so_in_every_address_that_asks_the_same(seen: Site) -> None:
    page = seen.get("/overview?since=90m&where.feature=search").text
    assert '<input type="hidden" name="range" value="90m">' in page
    assert hrefs(page, "chip") == ["/overview?since=90m"]
    assert links(page, "These calls in the list") == ["/?since=90m&where.feature=search"]
    narrowed = "view=/overview&range=90m&from=&to=&since=5&where.feature=search&search=x"
    assert seen.get(f"/find?{narrowed}").headers["location"] == "/overview?since=90m&search=x&where.feature=search"
    page = seen.get("/spend?since=1h&sort=calls").text
    assert links(page, "feature") == ["/spend?since=1h&by=feature&sort=calls"]
    page = seen.get("/?since=1h").text
    assert links(page, "Overview")[-1] == "/overview?since=1h"
    assert links(page, "Compare with the time before") == ["/compare/before?since=1h"]


def test_what_a_view_did_not_ask_is_not_asked_by_narrowing_it(seen: Site) -> None:
    asked = "view=/overview&range=&from=&to=&search=x"
    assert seen.get(f"/find?{asked}").headers["location"] == "/overview?search=x"


def test_a_condition_can_be_dropped_and_the_calls_seen_in_the_list(seen: Site) -> None:
    page = seen.get(f"/overview?{NOON}&where.feature=search").text
    (dropped,) = hrefs(page, "chip")
    assert "Calls 5" in shown(seen.get(dropped))
    assert calls_at(seen, links(page, "These calls in the list")[0]) == keys(ONE, THREE)


def test_the_list_leads_to_the_same_calls_elsewhere(seen: Site) -> None:
    page = seen.get(f"/?{NOON}&where.feature=search").text
    for name in ("Overview", "Spend"):
        assert "feature=search" in shown(seen.get(links(page, name)[-1]))
    before = seen.get(links(page, "Compare with the time before")[0])
    assert (before.status, before.headers["location"].startswith("/compare?a.since=")) == (303, True)


def hrefs(page: str, kind: str) -> list[str]:
    return [html.unescape(address) for address in re.findall(rf'<a class="{kind}" href="([^"]*)"', page)]
