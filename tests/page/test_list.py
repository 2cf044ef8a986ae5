"""The list over HTTP: its form works without a script, every condition can be dropped, and any part of it can be asked
for."""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from firsttoken.call import Call, CallContext
from firsttoken.page.figures import UNKNOWN

from .samples import HOSTILE_TEXT, MS, NOON_NS, RATE_LIMITED, STREAMED, TIMED_OUT, UNKNOWN_MODEL, WHOLE, later
from .site import Site, ids
from .test_pages import words

HEAD = f"&head={2**63 - 1}"


def key(call: Call) -> str:
    return "/".join(ids(call))


def keys(page: str) -> list[str]:
    return re.findall(r'<tr data-key="([^"]+)"', page)


def of(user: str, call: Call, **more: str) -> Call:
    return replace(call, request=replace(call.request, context=CallContext(user_id=user, more=more)))


def found_by(site: Site, form: str) -> dict[str, str]:
    """The parameters of the address that the form leads to."""
    answer = site.get(f"/find?{form}")
    assert answer.status == 303
    address = urlsplit(answer.headers["location"])
    assert address.path == "/"
    return dict(parse_qsl(address.query))


def chips(page: str) -> dict[str, str]:
    """What each condition says, and where it is dropped."""
    found = re.findall(r'<a class="chip" href="([^"]+)">(.*?)<span class="unseen">', page, re.DOTALL)
    return {words(said): html.unescape(address) for address, said in found}


def test_only_a_list_that_begins_somewhere_has_a_time_before(shared_site: Site) -> None:
    assert "/compare/before" not in shared_site.get("/?model=gpt*").text
    assert "/compare/before?since=" in shared_site.get(f"/?since={NOON_NS}").text


def test_the_form_is_sent_without_a_script_and_leads_to_an_address_of_what_was_filled_in(shared_site: Site) -> None:
    page = shared_site.get("/").text
    assert '<form id="find" class="find" action="/find" method="get"' in page
    form = (
        "search=a%26b&range=1h&first=slowest&failed=yes&name=user&value=ada&figure=cost&at_least=0.1&below=2&by=&from="
    )
    assert found_by(shared_site, form) == {
        "search": "a&b",
        "since": "1h",
        "first": "slowest",
        "where.failed": "true",
        "where.user": "ada",
        "at_least.cost": "0.1",
        "below.cost": "2.0",
    }


@pytest.mark.parametrize(
    ("expected", "form"),
    [
        ({}, "search=&range=&first=newest&by=&name=&value=&figure=first_token&at_least=&below=&from=&to="),
        ({"model": "gpt-5*"}, "name=model&value=gpt-5*"),
        ({"run": "r1"}, "name=run&value=r1"),
        ({"user_id": "ada"}, "name=user.id&value=ada"),
        ({"where.feature": "a=b"}, "name=feature&value=a%3Db"),
        ({"where.feature": "x", "by": "user"}, "where.feature=x&by=user"),
        ({"since": "24h"}, "range=24h&since=5&until=7"),
        ({"since": "24h"}, "range=24h&from=2026-11-22T12:00"),
        ({}, "range=&since=5&until=7"),
        ({}, "range=&since=1h&from=2026-11-23T06:00:00&to="),
        ({"search": "x"}, "range=&since=5&until=7&from=1970-01-01T00:00:00&to=1970-01-01T00:00:01&search=x"),
    ],
)
def test_a_filled_in_form_leads_to(shared_site: Site, expected: dict[str, str], form: str) -> None:
    assert found_by(shared_site, form) == expected


def test_a_time_from_to_is_that_of_this_machine_and_keeps_what_the_fields_cannot_say(shared_site: Site) -> None:
    written = datetime.fromtimestamp(NOON_NS // 10**9).isoformat(timespec="seconds")
    assert found_by(shared_site, f"range=between&from={written}") == {"since": str(NOON_NS)}
    kept = f"range=between&since={NOON_NS + 7}&until={NOON_NS + 9}&from={written}&to={written}"
    assert found_by(shared_site, kept) == {"since": str(NOON_NS + 7), "until": str(NOON_NS + 9)}


def test_a_time_ago_is_held_fast_by_choosing_from_to(shared_site: Site) -> None:
    form = shared_site.get("/?since=1h").text.partition('<form id="find"')[2].partition("</form>")[0]
    assert '<option value="1h" selected>' in form
    began = re.search(r'name="from" value="([^"]+)"', form)
    assert began is not None
    fixed = found_by(shared_site, f"range=between&since=1h&from={began[1]}&to=")["since"]
    assert fixed == str(int(datetime.fromisoformat(began[1]).timestamp()) * 10**9)


def test_the_form_shows_and_carries_along_what_is_asked(shared_site: Site) -> None:
    page = shared_site.get(f"/?search=x%22y&since={NOON_NS}&where.feature=a%26b&first=costliest&where.failed=true").text
    form = page.partition('<form id="find"')[2].partition("</form>")[0]
    assert 'name="search" value="x&#34;y"' in form
    assert '<input type="hidden" name="where.feature" value="a&amp;b">' in form
    assert f'<input type="hidden" name="since" value="{NOON_NS}">' in form
    assert '<option value="costliest" selected>' in form
    assert '<option value="between" selected>' in form
    assert 'value="yes" checked' in form
    assert 'type="hidden" name="where.failed"' not in form


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("a filter needs both an attribute and a value", "/find?name=user"),
        ("a filter needs both an attribute and a value", "/find?value=ada"),
        ("at_least.cost='x' is not a number", "/find?figure=cost&at_least=x"),
        ("at_least.cost='-1' is not a number from 0 on", "/?at_least.cost=-1"),
        ("below.request.seed='x' is not a number.", "/?below.request.seed=x"),
        ("no cost is at least 2 and below 2", "/?at_least.cost=2&below.cost=2"),
        ("there is no parameter 'sort' here: use before, by, first, limit, model, run, search,", "/?sort=cost"),
        ("there is no parameter 'user' here: use where.user", "/?user=ada"),
        ("before is a place among the newest calls", f"/?first=slowest&before=1-{'0' * 48}"),
        ("before is a place among the newest calls", f"/?by=model&before=1-{'0' * 48}"),
        ("a bound needs the figure that it is of", "/find?at_least=1"),
        ("'model' is no figure of a call: use one such as first_token, total or cost", "/find?figure=model&below=1"),
        ("from: 'noon' is neither a time ago", "/find?from=noon"),
        ("first='last' is no order: use newest, slowest, costliest", "/?first=last"),
        ("by must be the name of an attribute, of 1 to 1000 characters", "/?by="),
        ("name must be that of an attribute, of 1 to 1000 characters", "/suggest?name="),
        ("at='x' is not a whole number", "/rows?at=x"),
        ("there is no parameter 'first' here", "/rows?first=slowest"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_line(shared_site: Site, expected: str, path: str) -> None:
    answer = shared_site.get(path)
    assert answer.status == 400
    assert expected in answer.text


HTML = {"accept": "text/html"}


def inputs(page: str) -> dict[str, str]:
    """The fields of a form, and what stands in them; a mistake after a bar."""
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"([^>]*)>', page)
    return {name: value + (" | wrong" if 'aria-invalid="true"' in rest else "") for name, value, rest in found}


def test_a_form_that_cannot_be_understood_is_shown_again_with_what_was_typed_and_why(site: Site) -> None:
    site.add(of("ada", STREAMED))
    typed = "search=tool&range=1h&figure=cost&at_least=-3&below=2&name=user&value=&by=model&where.feature=a%26b"
    answer = site.get(f"/find?{typed}", HTML)
    form = answer.text.partition('<form id="find"')[2].partition("</form>")[0]
    assert answer.status == 400
    assert inputs(form).items() >= {
        ("search", "tool"),
        ("name", "user | wrong"),
        ("value", " | wrong"),
        ("at_least", "-3 | wrong"),
        ("by", "model"),
        ("below.cost", "2.0"),
        ("where.feature", "a&amp;b"),
    }
    assert '<option value="1h" selected>' in form
    assert '<option value="cost" selected>' in form
    assert 'id="wrong-name">a filter needs both an attribute and a value<' in form
    assert 'id="wrong-at_least">at_least.cost=&#39;-3&#39; is not a number from 0 on<' in form
    assert "Nothing was looked for" in answer.text
    assert keys(answer.text) == []
    rest = re.search(r'<a href="([^"]+)">look without it', answer.text)
    assert rest is not None
    assert dict(parse_qsl(urlsplit(html.unescape(rest[1])).query)) == {
        "search": "tool",
        "since": "1h",
        "by": "model",
        "below.cost": "2.0",
        "where.feature": "a&b",
    }


def test_two_bounds_that_leave_nothing_between_them_are_both_wrong(shared_site: Site) -> None:
    page = shared_site.get("/find?figure=total&at_least=5&below=2", HTML).text
    assert inputs(page).items() >= {("at_least", "5 | wrong"), ("below", "2 | wrong")}
    assert words(page).count("no total is at least 5 and below 2") == 2
    assert 'href="/">look without it' in page


def test_a_view_that_cannot_be_narrowed_so_shows_its_form_again(shared_site: Site) -> None:
    answer = shared_site.get("/find?view=/spend&keep.by=user&range=24h&name=user&search=x&where.tier=flex", HTML)
    assert answer.status == 400
    assert inputs(answer.text).items() >= {("view", "/spend"), ("keep.by", "user"), ("name", "user | wrong")}
    assert 'aria-current="page" data-key="s">Spend' in answer.text
    assert "a filter needs both an attribute and a value" in words(answer.text)
    assert 'href="/spend?since=24h&amp;by=user&amp;search=x&amp;where.tier=flex">look without it' in answer.text


def test_a_field_that_nobody_can_leave_out_is_said_alone(shared_site: Site) -> None:
    answer = shared_site.get("/find?view=//elsewhere.example", HTML)
    assert (answer.status, "//elsewhere.example' is none that can be narrowed" in words(answer.text)) == (400, True)


def test_the_page_of_a_mistake_leads_to_the_same_without_it(shared_site: Site) -> None:
    page = shared_site.get("/overview?model=gpt*&since=soon&x=1", HTML).text
    assert 'href="/overview?model=gpt%2A&amp;since=soon">Ask the same without it' in page
    page = shared_site.get("/spend?by=nobody.said.that&sort=calls", HTML).text
    assert "the page of a call names those that it has" in page
    assert "firsttoken show" not in page
    assert 'href="/spend?sort=calls">Ask the same without it' in page


def test_every_condition_is_a_chip_that_leads_to_the_same_without_it(shared_site: Site) -> None:
    question = (
        "/?search=gpt&since=15m&run=r1&model=gpt-5*&user_id=ada&without.feature=yes&where.failed=true"
        "&at_least.first_token=0.5&below.cost=2&by=model"
    )
    found = chips(shared_site.get(question).text)
    assert list(found) == [
        "since 15 min ago",
        "run r1",
        "model gpt-5*",
        "search “gpt”",
        "user_id ada",
        "only failed",
        "no feature",
        "first token ≥ 500 ms",
        "cost < 2",
        "by model",
    ]
    asked = dict(parse_qsl(urlsplit(question).query))
    dropped = [set(asked) - set(dict(parse_qsl(urlsplit(address).query))) for address in found.values()]
    assert dropped == [{name} for name in ("since", "run", "model", "search", "user_id", "where.failed")] + [
        {name} for name in ("without.feature", "at_least.first_token", "below.cost", "by")
    ]


def test_a_row_leads_to_its_call_among_those_that_are_selected(site: Site) -> None:
    site.add(STREAMED)
    expected = f'href="/calls/{key(STREAMED)}?search=gpt&amp;where.failed=false"'
    for path in ("/?", f"/rows?at=0{HEAD}&"):
        assert expected in site.get(f"{path}search=gpt&where.failed=false").text
    assert f'href="/calls/{key(STREAMED)}"' in site.get("/").text


def test_the_calls_of_a_list_can_be_looked_at_in_the_overview(shared_site: Site) -> None:
    page = shared_site.get("/?search=gpt&where.failed=true").text
    assert 'href="/overview?search=gpt&amp;where.failed=true">Overview</a>' in page
    assert "These calls in" not in shared_site.get("/").text


def test_where_nothing_matches_it_is_told_what_to_drop(site: Site) -> None:
    site.add(of("ada", STREAMED), of("ada", RATE_LIMITED), WHOLE)
    page = site.get("/?where.failed=true&where.user=zoe").text
    assert "No such calls yet" in page
    assert "Without only failed 0 calls Without user zoe 1 call" in words(page)
    assert 'href="/?where.failed=true">Without' in page


def test_only_failed_calls_and_those_with_a_text_are_found(site: Site) -> None:
    site.add(STREAMED, RATE_LIMITED, TIMED_OUT, WHOLE)
    assert keys(site.get("/?where.failed=true").text) == [key(TIMED_OUT), key(RATE_LIMITED)]
    assert keys(site.get("/?search=REQ_7C1").text) == [key(TIMED_OUT), key(RATE_LIMITED)]
    assert keys(site.get("/?at_least.first_token=0.4").text) == [key(STREAMED)]


def test_another_order_begins_with_the_call_that_has_most(site: Site) -> None:
    site.add(STREAMED, later(UNKNOWN_MODEL, 1), later(WHOLE, 2))
    page = site.get("/?first=slowest").text
    assert keys(page) == [key(later(UNKNOWN_MODEL, 1)), key(STREAMED), key(later(WHOLE, 2))]
    assert 'data-live="no"' in page


@pytest.mark.parametrize(
    ("first", "name", "figure", "more"),
    [
        ("gap", "Largest gap", "7.50 s", {"largest_gap_ns": 7_500 * MS}),
        ("stalled", "Stalled", "1.25 s", {"stall_count": 2, "stalled_ns": 1_250 * MS, "first_stall_ns": 900 * MS}),
    ],
)
def test_a_list_has_the_figure_that_it_is_ordered_by(
    site: Site, first: str, name: str, figure: str, more: dict[str, int]
) -> None:
    site.add(replace(STREAMED, timing=replace(STREAMED.timing, **more)))
    page = site.get(f"/?first={first}").text
    assert re.findall(r'aria-sort="descending">([^<]+)', page) == [name]
    shown = re.findall(r'data-label="([^"]+)"><strong>([^<]+)</strong>', page)
    assert (name.lower(), figure.replace(" ", "\xa0")) in shown


@pytest.mark.parametrize(("first", "name"), [("newest", "Time"), ("slowest", "Duration"), ("costliest", "Cost")])
def test_the_column_that_a_list_is_ordered_by_says_so(shared_site: Site, first: str, name: str) -> None:
    assert re.findall(r'aria-sort="descending">([^<]+)', shared_site.get(f"/?first={first}").text) == [name]


def test_a_call_of_the_future_says_how_far_its_clock_is_ahead(site: Site) -> None:
    ahead = replace(STREAMED, timing=replace(STREAMED.timing, started_unix_ns=time.time_ns() + 10_500 * 86_400 * MS))
    site.add(later(WHOLE, time.time_ns() - NOON_NS), ahead)
    said = "10.5 days ahead"
    assert said in words(site.get("/").text)
    assert said in words(site.get(f"/calls/{key(ahead)}").text)
    assert f"Times of shop are up to {said}." in words(site.get("/health").text)
    assert "without the calls of the future" in words(site.get("/overview").text)


def test_another_order_has_more_calls_than_a_page(site: Site) -> None:
    site.add(*(later(STREAMED, number) for number in range(5)))
    page = site.get("/?first=slowest&limit=3").text
    more = re.search(r'<a href="([^"]+)">The first 1,000 in this order', page)
    assert more is not None
    page = site.get(html.unescape(more[1])).text
    assert (html.unescape(more[1]), len(keys(page))) == ("/?limit=1000&first=slowest", 5)
    assert "The first 1,000" not in page
    assert "The first 1,000" not in site.get("/?limit=3").text


def test_groups_stand_with_their_figures_and_lead_to_their_calls(site: Site) -> None:
    site.add(of("<b>ada", STREAMED), of("<b>ada", later(RATE_LIMITED, 1)), WHOLE)
    page = site.get("/?by=user&search=a").text
    rows = re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", page, re.DOTALL)
    assert words(rows[0]).startswith("<b>ada 2 1 50.0 % 412 ms 412 ms 1,532 284 $0.00321 12:00:0")
    assert words(rows[1]).startswith(f"not said 1 0 {UNKNOWN} {UNKNOWN} 2,210 96 $0.00321")
    address = re.search(r'<a href="([^"]+)">&lt;b&gt;ada', rows[0])
    assert address is not None
    assert len(keys(site.get(html.unescape(address[1])).text)) == 2
    unsaid = re.search(r'<a href="([^"]+)">', rows[1])
    assert unsaid is not None
    assert keys(site.get(html.unescape(unsaid[1])).text) == [key(WHOLE)]


def test_a_grouping_by_what_no_call_says_is_refused_with_what_may_be_meant(site: Site) -> None:
    site.add(STREAMED)
    answer = site.get("/?by=modle")
    assert (answer.status, "did you mean model?" in answer.text) == (422, True)
    page = site.get("/?by=xyzzy&search=gpt", HTML)
    assert (page.status, inputs(page.text)["by"]) == (422, "xyzzy | wrong")
    assert "no call has the attribute 'xyzzy': the page of a call names those that it has" in words(page.text)
    assert 'href="/?search=gpt">look without it' in page.text


def test_a_condition_that_a_store_cannot_have_is_said_above_the_list_it_is_dropped_from(site: Site) -> None:
    page = site.get("/?where.request.max_tokens=many&search=gpt", HTML)
    assert page.status == 422
    assert "cannot be: give a whole number" in words(page.text)
    assert chips(page.text)["request.max_tokens many"] == "/?search=gpt"


def test_any_part_of_the_list_can_be_asked_for_by_its_place(site: Site) -> None:
    calls = [later(STREAMED, number) for number in range(10)]
    site.add(*calls)
    newest_first = [key(call) for call in reversed(calls)]
    assert keys(site.get(f"/rows?at=3&limit=4{HEAD}").text) == newest_first[3:7]
    assert keys(site.get(f"/rows?at=8&limit=4{HEAD}").text) == newest_first[8:]
    assert site.get(f"/rows?at=10&limit=4{HEAD}").text == ""
    head = calls[7].timing.started_unix_ns + 1
    assert keys(site.get(f"/rows?at=1&limit=2&head={head}").text) == newest_first[3:5]
    last = calls[5]
    after = f"/rows?limit=3&before={last.timing.started_unix_ns}-{''.join(ids(last))}"
    assert keys(site.get(after).text) == newest_first[5:8]


def test_a_place_in_the_list_is_an_address_that_knows_where_it_is(site: Site) -> None:
    calls = [later(STREAMED, number) for number in range(10)]
    site.add(*calls)
    before = calls[6]
    page = site.get(f"/?limit=2&before={before.timing.started_unix_ns}-{''.join(ids(before))}").text
    assert keys(page) == [key(calls[5]), key(calls[4])]
    assert f'data-head="{calls[9].timing.started_unix_ns}" data-first="4"' in page
    assert 'data-calls="10"' in page


def test_a_list_that_ended_says_so(site: Site) -> None:
    site.add(STREAMED)
    page = site.get(f"/?before=1-{'0' * 48}").text
    assert "No older calls The list ends before this place. Newest calls" in words(page)


def test_names_and_values_are_suggested_from_the_data(site: Site) -> None:
    site.add(of("ada", STREAMED), of("bo", later(STREAMED, 1)), of("bo", later(STREAMED, 2), tenant="x" * 300))
    names = json.loads(site.get("/suggest").text)
    assert names[:3] == ["model", "provider", "service"]
    assert {"host.name", "tenant"} <= set(names)
    assert json.loads(site.get("/suggest?name=user").text) == ["bo", "ada"]
    assert json.loads(site.get("/suggest?name=tenant").text) == []
    assert json.loads(site.get(f"/suggest?name={quote('no body')}").text) == []


def test_strangers_text_in_rows_conditions_and_groups_is_never_markup(shared_site: Site) -> None:
    asked = quote(HOSTILE_TEXT)
    for path in (f"/rows?at=0{HEAD}", f"/?search={asked}&where.x={asked}", "/?by=model", f"/?model={asked}"):
        page = shared_site.get(path).text
        assert "<img" not in page
        assert "alert('stolen')</script>" not in page
    assert HOSTILE_TEXT in words(shared_site.get(f"/rows?at=0{HEAD}").text)


def test_a_row_shows_who_asked_and_where_its_time_went(site: Site) -> None:
    stalled = replace(
        STREAMED, timing=replace(STREAMED.timing, stall_count=1, stalled_ns=300 * MS, first_stall_ns=900 * MS)
    )
    said = CallContext(user_id="ada", session_id="s-1", more={"feature": "search", "tenant": "t1"})
    site.add(replace(stalled, request=replace(stalled.request, context=said)))
    row = site.get("/").text.partition("<tr data-key")[2].partition("</tr>")[0]
    assert "ada · search shop · s-1" in words(row)
    assert "t1" not in words(row)
    drawn = re.findall(r'<rect class="bar-(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"', row)
    assert drawn == [
        ("waiting", "0", "241.0"),
        ("first", "241.0", "171.0"),
        ("generating", "412.0", "2000.0"),
        ("stalled", "900.0", "300.0"),
    ]


def test_the_sums_come_after_the_rows_and_are_those_of_all_selected_calls(site: Site) -> None:
    site.add(*(later(STREAMED, number) for number in range(5)), WHOLE)
    page = site.get("/?limit=1&model=gpt-5.1").text
    assert len(keys(page)) == 1
    assert page.index("</tbody>") < page.index('data-calls="5"')
