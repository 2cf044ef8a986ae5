"""Two selections side by side: the figures of both, what chance explains, and a form that leads there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from firsttoken.analyse.comparing import CompareRow
from firsttoken.page.intervals import BY_CHANCE, Interval, lines, scale_of
from firsttoken.store import Store

from .samples import HOSTILE_TEXT, NOON_NS
from .site import Site, running_site
from .spenders import HOUR_NS, a_call, calls_at, links, shown, words

OLD = [a_call(number, feature="old", first_token_ms=400 + number % 7) for number in range(40)]
NEW = [a_call(number, feature="new", first_token_ms=900 + number % 7, hours=30) for number in range(40)]
SIDES = "a.where.feature=old&b.where.feature=new"


@pytest.fixture(scope="module")
def two(cache_of_these_tests: None) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        site.add(*OLD, *NEW)
        yield site


def test_a_figure_that_got_worse_is_said_with_its_interval(two: Site) -> None:
    page = shown(two.get(f"/compare?{SIDES}"))
    assert "A: calls with feature=old · B: calls with feature=new" in page
    assert "first token p50 403 ms 903 ms +500 ms" in page
    assert "B is worse" in page
    assert "error rate 0.0 % 0.0 % 0.0 pp" in page


def test_what_too_few_calls_say_is_nothing(two: Site) -> None:
    page = shown(two.get(f"/compare?{SIDES}&b.until={NOON_NS}"))
    assert "Calls of B 0" in page
    assert "too few calls" in page
    assert "B is worse" not in page


def test_both_sides_lead_to_their_calls(two: Site) -> None:
    page = two.get(f"/compare?{SIDES}").text
    assert [len(calls_at(two, address)) for address in links(page, "40")] == [40, 40]


def test_two_values_of_an_attribute_are_an_address_to_share(two: Site) -> None:
    answer = two.get("/compare?by=feature&a=old&b=new")
    assert (answer.status, answer.headers["location"]) == (303, f"/compare?{SIDES}")


def test_the_overview_leads_to_the_time_before(two: Site) -> None:
    day = f"since={NOON_NS + 20 * HOUR_NS}&until={NOON_NS + 44 * HOUR_NS}"
    (address,) = links(two.get(f"/overview?{day}").text, "Compare with the time before")
    page = shown(two.get(address))
    assert "Calls of A 40 Calls of B 40" in page


def test_the_form_says_what_was_asked(two: Site) -> None:
    page = two.get(f"/compare?a.since={NOON_NS}&a.model=x*&{SIDES}").text
    assert 'name="a.since" value="2026-11-22T12:00:00.000+00:00"' in page
    assert 'name="a.model" value="x*"' in page
    assert '<input type="hidden" name="b.where.feature" value="new">' in page


def test_two_values_of_an_attribute_stand_in_their_form_again_and_the_rest_is_kept(two: Site) -> None:
    page = two.get(f"/compare?{SIDES}&a.model=gpt*&b.model=gpt*").text
    form = page.partition('<form action="/compare"')[2].partition("</form>")[0]
    assert re.findall(r'<input name="(\w+)" [^>]*value="(\w*)" required', form) == [
        ("by", "feature"),
        ("a", "old"),
        ("b", "new"),
    ]
    assert '<input type="hidden" name="a.model" value="gpt*">' in form
    again = two.get("/compare?a.model=gpt*&b.model=gpt*&by=service.version&a=1&b=2").headers["location"]
    assert again == "/compare?a.model=gpt%2A&a.where.service.version=1&b.model=gpt%2A&b.where.service.version=2"
    assert 'value="" required placeholder="service.version"' in two.get(f"/compare?{SIDES}&b.model=gpt*").text


def test_a_time_ago_stands_in_its_field_as_it_was_said_and_other_conditions_are_dropped_by_a_click(two: Site) -> None:
    page = two.get(f"/compare?a.since=2d&{SIDES}").text
    assert 'name="a.since" value="2d"' in page
    chips = re.findall(r'<a class="chip" href="([^"]+)"><span class="chip-name">feature</span> (\w+)', page)
    assert [value for _, value in chips] == ["old", "new"]
    assert [("a.where" in address, "b.where" in address) for address, _ in chips] == [(False, True), (True, False)]
    (swapped,) = links(two.get(f"/compare?{SIDES}").text, "Swap A and B")
    assert swapped == "/compare?a.where.feature=new&b.where.feature=old"


def test_what_cannot_be_compared_stands_in_its_field_with_what_is_wrong(two: Site) -> None:
    answer = two.get("/compare?a.since=soon&a.model=gpt*&b.since=2d&x=1", {"accept": "text/html"})
    page = words(answer.text)
    assert (answer.status, "Nothing was compared" in page) == (400, True)
    assert 'name="a.since" value="soon" aria-invalid="true"' in answer.text
    assert 'name="a.model" value="gpt*"' in answer.text
    assert "A: since: 'soon' is neither a time ago" in page
    assert "there is no parameter 'x' here" in page
    assert "Figure by figure" not in page


def test_a_side_without_calls_by_an_attribute_that_no_call_has_says_what_may_be_meant(two: Site) -> None:
    page = shown(two.get("/compare?a.where.featur=old&b.where.feature=new"))
    assert "no call has the attribute 'featur': did you mean feature?" in page


def row_of(low: float, high: float, a: float = 1.0, difference: float = 0.5) -> CompareRow:
    return CompareRow(
        group=(),
        figure="x",
        unit="s",
        a_calls=40,
        b_calls=40,
        a=a,
        b=a + difference,
        difference=difference,
        low=low,
        high=high,
        p_value=0.5,
        verdict="no difference shown",
    )


def test_a_plot_that_is_cut_says_on_which_side_and_all_have_one_scale() -> None:
    rows = [row_of(-0.05, 0.1, difference=0.05), row_of(-1.2, 1.4, difference=1.3), row_of(-1, 1, a=0.0)]
    small, cut, none = lines(rows)
    assert (scale_of(rows), scale_of(rows[:1])) == (1.0, 0.1)
    assert small.plot == Interval(95.0, 110.0, 105.0, is_cut_low=False, is_cut_high=False)
    assert cut.plot == Interval(0.0, 200.0, None, is_cut_low=True, is_cut_high=True)
    assert none.plot is None


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.1, 0.1, "no difference shown"),
        (0.0, 0.1, "no difference shown"),
        (0.01, 0.1, BY_CHANCE),
        (-2, -1, BY_CHANCE),
    ],
)
def test_an_interval_that_leaves_0_out_is_not_called_no_difference(low: float, high: float, verdict: str) -> None:
    (line,) = lines([row_of(low, high)])
    assert line.verdict == verdict


def test_the_scale_of_the_plots_is_drawn_and_a_cut_has_an_arrow(two: Site) -> None:
    page = two.get(f"/compare?{SIDES}").text
    assert "\N{MINUS SIGN}100 % 0 +100 %" in words(page)
    assert '<path class="cut" d="M200' in page
    assert "beyond +100" in page


def test_a_form_that_was_left_empty_asks_for_everything(two: Site) -> None:
    page = shown(two.get("/compare?a.since=&a.until=&a.model=&a.search=&b.since="))
    assert "Choose what to compare" in page
    assert "Figure by figure" not in page


def test_the_same_calls_twice_are_not_compared(two: Site) -> None:
    assert "A and B are the same calls" in shown(two.get("/compare?a.model=x&b.model=x"))


def test_an_empty_store_has_nothing_to_compare(site: Site) -> None:
    assert "Calls of A 0 Calls of B 0" in shown(site.get("/compare?a.model=x&b.model=y"))


def test_strangers_text_stays_text(site: Site) -> None:
    site.add(a_call(1, user=HOSTILE_TEXT))
    page = site.get(f"/compare?a.user={'%3Cscript%3E'}&b.user=x").text
    assert "<script>" not in page.replace('<script type="module"', "")


@pytest.mark.parametrize(
    ("says", "path"),
    [
        ("there is no parameter 'since' here: use a.NAME and b.NAME", "?since=1"),
        ("there is no parameter 'x' here", "?a.x=1"),
        ("since: ", "?b.since=soon"),
    ],
)
def test_what_cannot_be_asked_is_said(two: Site, says: str, path: str) -> None:
    answer = two.get(f"/compare{path}")
    assert (answer.status, says in words(answer.text)) == (400, True)
