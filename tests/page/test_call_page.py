"""The parts of the page of one call: each where it is known, and a sentence where it is not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from firsttoken.call import Call, Ledger, RateLimits, Unpriced, Usage
from firsttoken.call.bodies import Bodies
from firsttoken.call.ledger import ZERO
from firsttoken.page.figures import UNKNOWN
from firsttoken.pricing import PriceBook
from firsttoken.trace.of_call import traces_of

from .samples import CUT, MS, PRICED, STREAMED, UNKNOWN_MODEL, WHOLE, later
from .site import Site, ids
from .test_pages import address, words
from .test_provider_trace import add_traces


def part(site: Site, call: Call, section: str) -> str:
    """What one section says."""
    page = site.get(address(call)).text
    return words(page.partition(f'id="{section}"')[2].partition("</section>")[0].partition(">")[2])


def test_a_call_keeps_the_list_that_it_was_chosen_from(site: Site) -> None:
    calls = [later(STREAMED, number) for number in range(3)]
    site.add(*calls, run_id="r/1")
    site.add(later(STREAMED, 1), run_id="other")
    page = site.get(f"{address(calls[1])}?run=r%2F1").text
    assert 'id="back" href="/?run=r%2F1"' in page
    for side, expected in (("newer", calls[2]), ("older", calls[0])):
        answer = site.get(f"{address(calls[1])}/{side}?run=r%2F1")
        assert (answer.status, answer.headers["location"]) == (303, f"{address(expected)}?run=r%2F1")
    answer = site.get(f"{address(calls[0])}/older")
    assert (answer.status, answer.text) == (404, "There is no older call among these.\n")


def test_a_wrong_parameter_of_the_list_is_refused(site: Site) -> None:
    site.add(STREAMED)
    assert site.get(f"{address(STREAMED)}?limit=ten").status == 400


def test_a_stream_without_a_timeline_says_who_records_one(shared_site: Site) -> None:
    assert "No timeline was recorded of this stream." in part(shared_site, STREAMED, "timeline")
    assert "A whole answer comes at once" in part(shared_site, WHOLE, "timeline")
    answer = shared_site.get(f"{address(STREAMED)}/timeline")
    assert (answer.status, answer.text) == (404, "No timeline was recorded of this call.\n")


def test_time_of_the_caller_stands_apart_from_that_of_the_provider(shared_site: Site) -> None:
    phases = part(shared_site, STREAMED, "phases")
    assert "Waiting for the provider 2.30 s 95.4 %" in phases
    assert "Caller's own time between chunks 111 ms 4.6 %" in phases


def test_rate_limits_stand_where_the_answer_told_of_them(site: Site) -> None:
    limits = RateLimits(requests_limit=100, requests_remaining=0, requests_reset_ns=60 * MS, tokens_remaining=7)
    limited = replace(STREAMED, rate_limits=limits)
    site.add(limited, WHOLE)
    told = part(site, limited, "timings")
    assert f"requests 0 100 60.0 ms tokens 7 {UNKNOWN} {UNKNOWN}" in told
    assert "Rate limits" not in part(site, WHOLE, "timings")


def test_a_bill_has_its_rates_and_what_the_cache_saved(site: Site) -> None:
    usage = Usage(1_000, 100, cache_read_tokens=400, cache_write_tokens=0, reasoning_tokens=0)
    request = replace(STREAMED.request, model="gpt-4o-mini")
    call = replace(STREAMED, request=request, response=replace(STREAMED.response, model="gpt-4o-mini"), usage=usage)
    cost = PriceBook().price(call)
    assert isinstance(cost, Ledger)
    priced = replace(call, cost=cost)
    site.add(priced)
    bill = part(site, priced, "cost")
    assert "Input 600 at $0.15 for 1,000,000 $0.00009" in bill
    assert "Without the cache $0.00021 Saved by the cache $0.00003" in bill


def test_a_bill_whose_prices_are_not_known_here_has_its_parts(site: Site) -> None:
    own = replace(STREAMED, cost=Ledger(PRICED.input, ZERO, ZERO, PRICED.output, "EUR", "override prices.toml"))
    site.add(own)
    assert " at " not in part(site, own, "cost").partition("Total")[0]


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        (UNKNOWN_MODEL, 'add to prices.toml: [[price]] model = "gpt-5.1-2026-08-01", provider = "openai"'),
        (replace(STREAMED, cost=Unpriced("no_price_list")), "pip install 'firsttoken[prices]'"),
    ],
    ids=["unknown model", "no list"],
)
def test_an_unpriced_call_says_what_to_do_in_one_line(site: Site, call: Call, fix: str) -> None:
    site.add(call)
    assert fix in part(site, call, "cost")


def test_where_nothing_can_be_done_about_a_price_nothing_is_offered(site: Site) -> None:
    site.add(CUT)
    assert 'class="fix"' not in site.get(address(CUT)).text
    assert "The stream ended before the provider gave its final token counts." in part(site, CUT, "cost")


def test_the_page_says_who_saw_a_call_and_leads_to_its_trace(shared_site: Site) -> None:
    identity = part(shared_site, STREAMED, "identity")
    assert "seen by firsttoken.tests" in identity
    assert f'href="/traces/{ids(STREAMED)[0]}"' in shared_site.get(address(STREAMED)).text


def test_where_to_send_stands_at_the_foot_as_everywhere(shared_site: Site) -> None:
    assert f"OTLP/HTTP {shared_site.receiver}" in words(shared_site.get(address(STREAMED)).text)


def test_a_long_text_is_shown_in_portions(site: Site) -> None:
    long = "a\u202e" + "b" * 100_000 + "\N{GRINNING FACE}end"
    call = replace(WHOLE, raw_usage=json.dumps({"note": long}))
    site.add(call)
    page = site.get(address(call)).text
    assert page.count("b" * 3_000) == 0
    assert "Show all 100,0" in words(page)
    text, start = "", 0
    while start is not None:
        portion = json.loads(site.get(f"{address(call)}/text?place=usage&from={start}").text)
        text, start = text + portion["text"], portion["next"]
    assert json.loads(text)["note"].startswith("a\u202e")
    assert site.get(f"{address(call)}/text?place=usage").text == text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/text", 404),
        ("/text?place=said.0.0", 404),
        ("/text?place=said", 404),
        ("/text?place=event.span.9.x", 404),
        ("/text?place=trace.x", 404),
        ("/text?place=said.0." + "9" * 5_000, 404),
        ("/text?place=said.%D9%A3.0", 404),
        ("/text?place=nothing.at.all", 404),
        ("/text?place=attribute.gen_ai.request.model&from=x", 400),
        ("/text?place=attribute.gen_ai.request.model", 200),
        ("/sideways", 404),
    ],
)
def test_what_is_not_there_is_said_so(shared_site: Site, path: str, status: int) -> None:
    assert shared_site.get(address(STREAMED) + path).status == status


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"choices": [{"message": {"role": "assistant", "content": "Good day"}}]}, "assistant answer Good day"),
        ({"choices": [{"message": {"role": "assistant", "content": {"bytes": 8}}}]}, "Content was not captured."),
    ],
    ids=["full", "shape alone"],
)
def test_what_only_the_provider_trace_tells_is_shown_as_a_conversation(
    site: Site, body: dict[str, Any], said: str
) -> None:
    asked = {"messages": [{"role": "user", "content": "Hello" if said.startswith("assistant") else {"bytes": 5}}]}
    (trace,) = traces_of(STREAMED, None, Bodies(request=asked, response=body))
    add_traces(site, STREAMED, trace.body())
    told = part(site, STREAMED, "conversation")
    assert said in told
    assert ("user Hello" in told) == said.startswith("assistant")
