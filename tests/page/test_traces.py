"""Traces on the page: a tree that says what each span is and came to, the place of a span in it, and a list."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from analyse.test_tracing import TRACE_ID, call, span

from firsttoken.analyse import trace_place
from firsttoken.analyse.trace_place import place_of
from firsttoken.call import Response, Timing, Unpriced
from firsttoken.page.rendering import TEMPLATES
from firsttoken.store import Batch, CallRecord, JsonText, SpanRecord, Store

from .samples import HOSTILE_TEXT
from .signs import begun, say, sign
from .site import Site, ids, running_site

TAGS = re.compile(r"<[^>]*>")
ROWS = re.compile(r"<tr role=\"row\" class=\"level.*?</tr>", re.DOTALL)
MS = 1_000_000


def words(page: str) -> str:
    return " ".join(html.unescape(TAGS.sub(" ", page)).replace("\N{NO-BREAK SPACE}", " ").split())


def keep(store: Store, *records: CallRecord | SpanRecord) -> None:
    calls = tuple(record for record in records if isinstance(record, CallRecord))
    store.write(Batch(calls=calls, spans=tuple(each for each in records if isinstance(each, SpanRecord)))).result(30)


def agent() -> Iterator[CallRecord | SpanRecord]:
    """An agent with a streamed call, a call that somebody else recorded as well, and a tool that failed."""
    yield span(
        1, None, 0, 4_000 * MS, name="invoke_agent planner", attributes={"gen_ai.operation.name": "invoke_agent"}
    )
    timing = Timing(100 * MS, 2_000 * MS, first_token_ns=500 * MS)
    streamed = call(2, 1, timing=timing, cost=Unpriced("unknown_model"), response=Response("r", "gpt-5.1"))
    yield replace(streamed, call=replace(streamed.call, request=replace(streamed.call.request, stream=True)))
    yield call(3, 1, begin=2_200 * MS)
    yield call(4, 3, "opentelemetry.instrumentation.openai.v1", begin=2_200 * MS)
    failed = span(5, 1, 3_000 * MS, 3_500 * MS, name=HOSTILE_TEXT, status="error", status_message=HOSTILE_TEXT)
    yield replace(
        failed,
        attributes=JsonText(json.dumps({"db.statement": HOSTILE_TEXT})),
        events=JsonText(json.dumps([{"name": "exception", "time_unix_ns": 3_100 * MS, "attributes": {"a": "b"}}])),
    )


@pytest.fixture(scope="module")
def traced(cache_of_these_tests: None) -> Iterator[Site]:
    with Store.open(None) as store, running_site(store) as site:
        keep(store, *agent())
        yield site


def rows(site: Site, path: str = f"/traces/{TRACE_ID}") -> list[str]:
    answer = site.get(path)
    assert answer.status == 200
    return ROWS.findall(answer.text)


def test_a_tree_tells_of_each_span_its_kind_its_time_and_its_branch(traced: Site) -> None:
    told = [words(row) for row in rows(traced)]
    assert told[0] == "invoke_agent planner agent · shop 4.00 s 2 200 14 $0.0300 1 unpriced"
    assert told[1] == "chat gpt-5.1 call · checkout 2.00 s 1 100 7 unpriced"
    assert told[2].startswith("chat gpt-5.1 call · checkout · seen by 2, counted once")
    assert told[3].startswith("chat record of a call")
    assert told[4] == f"{HOSTILE_TEXT} failed · other · shop 500 ms"


def test_a_bar_is_split_where_the_first_token_came(traced: Site) -> None:
    parts = re.findall(r'class="(bar-\w+|span-\w+)" x="([\d.]+)" width="([\d.]+)"', rows(traced)[1])
    assert parts == [("bar-waiting", "25.0", "125.0"), ("bar-generating", "150.0", "375.0")]


def test_calls_lead_to_their_page_and_other_spans_to_theirs(traced: Site) -> None:
    links = [re.findall(r'href="([^"]*)"', row)[0] for row in rows(traced)]
    assert links[0] == f"/traces/{TRACE_ID}/{1:016x}"
    assert links[1] == f"/calls/{TRACE_ID}/{2:016x}"
    assert traced.get(links[1]).status == 200
    moved = traced.get(f"/traces/{TRACE_ID}/{2:016x}")
    assert (moved.status, moved.headers["location"]) == (307, links[1])


def test_a_span_opens_to_its_attributes_its_events_and_its_place(traced: Site) -> None:
    page = traced.get(f"/traces/{TRACE_ID}/{5:016x}").text
    assert HOSTILE_TEXT not in page
    told = words(page)
    assert "exception" in told
    assert (
        f"db.statement {HOSTILE_TEXT}" in html.unescape(TAGS.sub(" ", page)).replace("  ", " ")
        or "db.statement" in told
    )
    assert re.findall(r'is-here[^>]*aria-current="true"', page)
    assert "The whole trace, 5 spans" in told


def test_what_is_not_there_is_a_page_that_says_so(traced: Site) -> None:
    for path in ("/traces/feed", f"/traces/{TRACE_ID}/feed", f"/traces/{TRACE_ID}?below=feed"):
        assert traced.get(path).status == 404


def test_a_branch_is_a_page_of_its_own(traced: Site) -> None:
    assert len(rows(traced, f"/traces/{TRACE_ID}?below={3:016x}")) == 2


def test_a_span_deeper_than_it_can_be_indented_says_how_deep_it_is(site: Site) -> None:
    keep(site.store, *(span(number, number - 1 if number > 1 else None, number, 100) for number in range(1, 31)))
    shown = rows(site)
    assert [row.count("level-24") for row in shown] == [0] * 24 + [1] * 6
    assert re.findall(r"level (\d+)", words(" ".join(shown))) == ["26", "27", "28", "29", "30"]


def test_a_bar_leads_to_its_branch_alone_where_that_is_less_than_what_is_shown(traced: Site) -> None:
    zooms = [re.findall(r'class="t-zoom" href="([^"]*)"', row) for row in rows(traced)]
    assert zooms == [[], [], [f"/traces/{TRACE_ID}?below={3:016x}"], [], []]


def test_a_trace_that_goes_on_says_which_of_its_calls_still_run(site: Site) -> None:
    running, other = begun(12), begun(50)
    trace_id, _ = ids(running)
    keep(site.store, replace(call(1, 9), trace_id=trace_id), call(1, None))
    say(site, sign(running, 34, seconds_ago=-600), sign(other, 5))
    told = words(site.get(f"/traces/{trace_id}").text)
    assert re.search(r"Still running \S+ \S+ · chat · running \d+ s · 34 chunks So it was", told)
    assert "Still running" not in words(site.get(f"/traces/{TRACE_ID}").text)


def test_a_large_trace_shows_its_largest_branches_and_where_the_others_are(site: Site) -> None:
    keep(site.store, span(1, None, 0, 10_000), *(span(number, 1, number, number + 5) for number in range(2, 3_000)))
    page = site.get(f"/traces/{TRACE_ID}").text
    assert len(ROWS.findall(page)) == 2_000
    assert f'href="/traces/{TRACE_ID}?below={1:016x}">999 spans more' in page
    assert "999 spans of smaller branches are not shown" in words(page)


def test_the_newest_traces_are_listed_with_what_they_came_to(traced: Site) -> None:
    told = words(traced.get("/traces").text)
    assert "Calls 2 Errors 1 Tokens in 200" in words(traced.get(f"/traces/{TRACE_ID}").text)
    assert "invoke_agent planner shop 4.00 s 2 1 5 200 14 $0.0300 1 unpriced" in told
    assert "its root is not here" not in told


PAGES_OF_TRACES = [(f"{number:032x}", begin) for number in range(100) for begin in (1, 2 + number // 30)]
"""Two whole pages. Each began with all others, and thirty at a time have their last call together."""


def test_pages_of_traces_go_back_in_time_and_the_last_one_leads_no_further(site: Site) -> None:
    keep(site.store, *(replace(call(1, None, begin=begin * MS), trace_id=each) for each, begin in PAGES_OF_TRACES))
    listed: list[str] = []
    address = "/traces?where.service=checkout"
    while address:
        page = site.get(address)
        assert page.status == 200
        listed += re.findall(r'<a href="/traces/([0-9a-f]{32})[?"]', page.text)
        address = html.unescape("".join(re.findall(r'rel="next" href="([^"]*)"', page.text)))
    assert listed == [f"{number:032x}" for number in reversed(range(100))]


def test_a_place_that_is_none_in_the_list_of_traces_is_refused(site: Site) -> None:
    for place in ("soon", "1", f"1-{1:048x}", f"{2**63}-{1:032x}"):
        assert site.get(f"/traces?before={place}").status == 400
    keep(site.store, call(1, None))
    page = words(site.get(f"/traces?before=1-{1:032x}").text)
    assert "No earlier traces" in page
    assert "No calls yet" not in page


def test_the_list_of_traces_is_narrowed_to_those_with_some_of_the_calls(traced: Site) -> None:
    page = traced.get("/traces?where.stream=true&since=5").text
    assert "with the newest calls with stream=true since" in words(page)
    assert "invoke_agent planner" in words(page)
    (opened,) = re.findall(r'href="(/traces/[^"]*)"', page)
    trace = html.unescape(traced.get(html.unescape(opened)).text)
    assert '<a href="/traces?since=5&where.stream=true">Traces</a>' in trace
    assert f"/traces/{TRACE_ID}?below={3:016x}&since=5&where.stream=true" in trace
    chips = [html.unescape(each) for each in re.findall(r'class="chip" href="([^"]*)"', page)]
    assert chips == ["/traces?where.stream=true", "/traces?since=5"]
    assert "/?since=5&where.stream=true" in [html.unescape(each) for each in re.findall(r'href="([^"]*)"', page)]
    nothing = words(traced.get("/traces?where.stream=true&model=none").text)
    assert "No trace has a call that meets all of these conditions." in nothing


def test_the_form_over_the_traces_leads_to_them(traced: Site) -> None:
    found = traced.get("/find?view=/traces&name=model&value=gpt-5.1&from=&to=&search=shop")
    assert found.headers["location"] == "/traces?model=gpt-5.1&search=shop"


def test_one_trace_that_is_much_longer_leaves_the_bars_of_the_others_to_be_seen(site: Site) -> None:
    ends = [(number, 1_000 * MS) for number in range(1, 20)] + [(20, 600_000 * MS)]
    for number, end in ends:
        keep(site.store, *(replace(each, trace_id=f"{number:032x}") for each in (call(1, None), span(2, 1, 0, end))))
    bars = re.findall(r'class="bar([^"]*)".*?width="([\d.]+)"', site.get("/traces").text)
    assert bars.count(("", "500.0")) == 19
    assert [kind for kind, width in bars if float(width) > 1000] == [" longer"]


def test_traces_of_hours_share_a_round_scale_in_hours(site: Site) -> None:
    for number in (1, 2):
        made = (call(1, None), span(2, 1, 0, number * 8_000_000 * MS))
        keep(site.store, *(replace(each, trace_id=f"{number:032x}") for each in made))
    page = site.get("/traces").text
    assert "Trace 0 5 h Duration" in words(page)
    assert re.findall(r'class="bar".*?width="([\d.]+)"', page) == ["888.89", "444.44"]
    assert "checkout 2 h 13 min 1 0 2" in words(page)


def test_a_place_shows_what_is_around_a_span_and_counts_the_rest() -> None:
    with Store.open(None) as store:
        chain = [span(number, number - 1 if number > 1 else None, number, 100) for number in range(1, 20)]
        beside = [span(100 + number, 18, 200 + number, 300) for number in range(20)]
        below = [span(200 + number, 19, 400 + number, 500) for number in range(15)]
        keep(store, *chain, *beside, *below)
        place = place_of(store, TRACE_ID, f"{19:016x}")
        assert place is not None
        assert (len(place.nodes), place.left_out, place.spans) == (12 + 6 + 10, 6 + 15 + 5, 54)
        assert place_of(store, TRACE_ID, "nothing") is None
        shown = TEMPLATES.get_template("trace_rows.html").module.trace_place(place)
    assert shown.count("is-here") == 1
    assert "26 more spans directly around this one" in words(shown)


def test_a_trace_that_is_too_large_to_look_around_in_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_place, "MOST_SPANS", 2)
    with Store.open(None) as store:
        keep(store, *(span(number, None) for number in range(1, 4)))
        place = place_of(store, TRACE_ID, f"{1:016x}")
    shown = TEMPLATES.get_template("trace_rows.html").module.trace_place(place)
    assert "Its trace has 3 spans, too many to look around in here" in words(shown)


def test_the_only_span_of_a_trace_says_that_it_is() -> None:
    with Store.open(None) as store:
        keep(store, call(1, None))
        place = place_of(store, TRACE_ID, f"{1:016x}")
    assert "the only span of its trace" in TEMPLATES.get_template("trace_rows.html").module.trace_place(place)
