"""The two pages as text: what they say of each kind of call, and that strangers' text stays text."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from firsttoken.call import Call, Outcome, Usage
from firsttoken.page.figures import UNKNOWN

from .samples import (
    CUT,
    EMBEDDED,
    FETCHED,
    HOSTILE,
    HOSTILE_TEXT,
    NO_USAGE,
    PRICED,
    RATE_LIMITED,
    STREAMED,
    TIMED_OUT,
    UNKNOWN_MODEL,
    WHOLE,
    later,
)
from .site import Site, ids

TAGS = re.compile(r"<[^>]*>")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def words(page: str) -> str:
    """What a reader sees, with single spaces."""
    return " ".join(html.unescape(TAGS.sub(" ", page)).replace(NO_BREAK_SPACE, " ").split())


def address(call: Call) -> str:
    return "/calls/" + "/".join(ids(call))


def page_of(site: Site, call: Call) -> str:
    """What the page of one call says."""
    answer = site.get(address(call))
    assert answer.status == 200
    return words(answer.text)


def row_of(site: Site, call: Call) -> str:
    """What the list says of one call."""
    row = re.search(rf'<tr data-key="{"/".join(ids(call))}".*?</tr>', site.get("/").text, re.DOTALL)
    assert row is not None
    return words(row[0])


def test_tools_of_the_provider_stand_in_the_bill(site: Site) -> None:
    usage = replace(WHOLE.usage or Usage(), web_search_requests=3, web_fetch_requests=1)
    searched = replace(WHOLE, usage=usage, cost=replace(PRICED, tools=Decimal("0.03")))
    site.add(searched)
    page = page_of(site, searched)
    assert "Web searches 3 Pages fetched 1" in page
    assert re.search(r"Tools of the provider \S*0\.03\b", page)


def test_the_providers_own_usage_object_can_be_looked_up(site: Site) -> None:
    told = replace(WHOLE, raw_usage='{"prompt_tokens":9,"telepathy_tokens":7}')
    site.add(told)
    assert 'As the provider told it { "prompt_tokens": 9, "telepathy_tokens": 7 }' in words(page_of(site, told))


def test_kinds_of_tokens_stand_under_their_totals(site: Site) -> None:
    usage = Usage(100, 50, input_text_tokens=60, input_image_tokens=40, output_text_tokens=29, output_image_tokens=21)
    counted = replace(WHOLE, usage=usage)
    site.add(counted)
    shown = words(page_of(site, counted))
    assert "text 60 images 40" in shown
    assert "text 29 images 21" in shown


def test_a_failure_says_what_kind_it_is_what_helps_and_what_to_tell_the_provider(shared_site: Site) -> None:
    page = page_of(shared_site, RATE_LIMITED)
    for expected in (
        "rate limit: Too many requests or tokens in too short a time. It works again after a wait.",
        "when before there was an answer to read",
        "HTTP status 429",
        "provider's code 1302",
        "request id req_7c1",
        "asked to wait 20.0 s",
    ):
        assert expected in page


def test_what_is_not_known_of_a_failure_is_left_out(shared_site: Site) -> None:
    page = page_of(shared_site, CUT)
    assert "connection: There was no connection, or it was lost." in page
    assert "when after the answer had begun" in page
    for absent in ("provider's code", "request id", "asked to wait", "Attempts"):
        assert absent not in page


def test_every_attempt_stands_with_its_result_and_its_wait(shared_site: Site) -> None:
    attempts = page_of(shared_site, RATE_LIMITED).partition("Request id")[2]
    for expected in (
        "1 HTTP 429 rate limit 90.0 ms 60.0 ms 60.0 ms req_7bf",
        f"2 ReadTimeout timeout 350 ms {UNKNOWN} unknown: The provider did not say. 180 ms",
        "3 HTTP 429 rate limit 640 ms req_7c1",
    ):
        assert expected in attempts


def test_an_attempt_that_was_only_waited_for_is_not_listed(site: Site) -> None:
    attempts = RATE_LIMITED.attempts[:1]
    given_up = replace(RATE_LIMITED, outcome=Outcome.CANCELLED, failure=None, attempts=attempts, resend_count=0)
    site.add(given_up)
    page = page_of(site, given_up)
    assert "The call was cancelled while the SDK waited to try again." in page
    assert "req_7c1" not in page.partition("Request id")[2].partition("cancelled while")[0]


def test_errors_are_counted_by_kind_in_the_totals(site: Site) -> None:
    site.add(RATE_LIMITED, later(RATE_LIMITED, 1), CUT, TIMED_OUT)
    page = site.get("/").text
    sums = words(page.partition('<dl id="totals"')[2].partition("</dl>")[0])
    assert "Errors 4 100.0 % 2 rate limit, 2 more" in sums
    assert 'title="2 rate limit, 1 connection, 1 timeout"' in page


def test_an_empty_page_says_how_to_send_it_something(site: Site) -> None:
    health = site.get("/").text
    assert "firsttoken run -- python app.py" in words(health)
    endpoint = re.search(r"OTEL_EXPORTER_OTLP_ENDPOINT=(http://127\.0\.0\.1:\d+)", health)
    assert endpoint is not None
    assert endpoint[1] in site.get("/api/health").text


@pytest.mark.parametrize(
    ("expected", "call"),
    [
        (
            "gpt-5.1 openai · chat streamed shop Completed 412 ms 2.41 s 1,532 1,024 cached 284 64 reasoning 142 tok/s",
            STREAMED,
        ),
        ("$0.00321", STREAMED),
        ("unpriced unknown model", UNKNOWN_MODEL),
        ("unpriced usage unknown", NO_USAGE),
        ("unpriced partial usage", CUT),
        ("Failed rate_limit_exceeded", RATE_LIMITED),
        ("claude-opus-4-8 anthropic · chat whole", WHOLE),
        ("text-embedding-3-small openai · embeddings whole", EMBEDDED),
        ("This operation puts out no tokens.", EMBEDDED),
        ("gpt-5.1-2026-08-01 openai · fetch_response streamed", FETCHED),
        ("This operation uses no tokens.", FETCHED),
    ],
)
def test_a_row_says(shared_site: Site, expected: str, call: Call) -> None:
    assert expected in row_of(shared_site, call)


def test_what_is_not_billed_costs_nothing_and_is_not_called_unpriced(shared_site: Site) -> None:
    assert row_of(shared_site, FETCHED).split()[-1] == "0"
    page = page_of(shared_site, FETCHED)
    assert " Cost 0 " in page
    assert "This operation is not billed." in page
    assert "npriced" not in page


def test_what_was_refused_says_that_nothing_was_billed_and_is_not_called_unpriced(site: Site) -> None:
    refused = replace(RATE_LIMITED, cost=None)
    site.add(refused)
    page = page_of(site, refused)
    assert row_of(site, refused).split()[-1] == "0"
    assert " Cost 0 " in page
    assert "Cost The provider refused the request: nothing was generated, and nothing billed." in page
    assert not re.search("unpriced|not priced", page + words(site.get("/").text), re.IGNORECASE)


def test_unknown_usage_is_never_zero(shared_site: Site) -> None:
    row = row_of(shared_site, NO_USAGE)
    assert "where the call did not ask, set FIRSTTOKEN_INCLUDE_USAGE=true" in row
    assert not re.search(r"\b0\b", row)


def test_sums_over_calls_without_usage_are_unknown_and_counted(site: Site) -> None:
    site.add(NO_USAGE, later(NO_USAGE, 1))
    sums = words(site.get("/").text.partition('<dl id="totals"')[2].partition("</dl>")[0])
    assert f"Tokens in {UNKNOWN} Tokens out {UNKNOWN} 2 without usage" in sums
    assert "2 unpriced" in sums


def test_older_calls_are_one_link_away_and_newer_ones_one_back(site: Site) -> None:
    site.add(*(later(STREAMED, number) for number in range(5)))
    first = site.get("/?limit=3").text
    older = re.search(r'<a id="older" rel="next" href="([^"]+)">', first)
    assert older is not None
    second = site.get(html.unescape(older[1])).text
    assert (first.count("<tr data-key"), second.count("<tr data-key")) == (3, 2)
    assert 'href="/?limit=3">Newest calls' in second
    assert 'id="older" rel="next" hidden' in second


def test_a_page_of_one_run_shows_its_calls_only(site: Site) -> None:
    site.add(STREAMED, run_id="a&b")
    site.add(later(STREAMED, 1), run_id="other")
    page = site.get("/?run=a%26b").text
    assert page.count("<tr data-key") == 1
    assert "run a&b : drop this condition" in words(page)


def test_the_page_of_a_call_tells_its_phases_and_timings(shared_site: Site) -> None:
    text = page_of(shared_site, STREAMED)
    for expected in (
        "Waiting for headers 188 ms 188 ms",
        "Generating 1.99 s 2.40 s",
        "Largest gap between chunks 96.0 ms",
        "Caller's own time between chunks 111 ms",
        "Chunks 171",
    ):
        assert expected in text


def test_the_page_of_a_priced_call_shows_the_ledger_with_every_digit(shared_site: Site) -> None:
    expected = "Input 508 $0.000318 Cache read 1,024 $0.0000512 Output 284 $0.00284 Total $0.0032092"
    text = page_of(shared_site, STREAMED)
    assert expected in text
    assert "Prices from genai-prices 0.2.3, as of 2026-10-01." in text


def test_the_page_of_an_unpriced_call_says_why(shared_site: Site) -> None:
    assert "Unpriced: unknown model. The price list does not know this model." in page_of(shared_site, UNKNOWN_MODEL)


def test_the_page_of_a_failed_call_shows_the_error(shared_site: Site) -> None:
    text = page_of(shared_site, RATE_LIMITED)
    assert "rate_limit_exceeded Rate limit reached for gpt-5.1-mini: try again in 20 s." in text
    assert "2 retries" in text


def test_the_page_of_a_call_shows_attributes_and_resource(shared_site: Site) -> None:
    text = page_of(shared_site, STREAMED)
    for expected in ("gen_ai.request.model gpt-5.1", "host.name desk", "service.name shop", ids(STREAMED)[0]):
        assert expected in text


def test_the_page_of_a_call_says_that_content_is_not_captured(shared_site: Site) -> None:
    assert "Content was not captured. Set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT" in page_of(
        shared_site, STREAMED
    )


@pytest.mark.parametrize("path", ["/", address(HOSTILE)])
def test_strangers_text_is_never_markup(shared_site: Site, path: str) -> None:
    page = shared_site.get(path).text
    assert HOSTILE_TEXT in words(page)
    assert "<script>" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("status", "path", "expected"),
    [
        (404, "/nowhere", "Not Found There is nothing at /nowhere."),
        (404, "/<script>", "There is nothing at /<script>."),
        (404, "/calls/x/y", "There is no call y in trace x."),
        (400, "/?limit=ten", "Bad Request Not understood: limit='ten' is not a whole number from 1 to 1000."),
    ],
)
def test_a_browser_gets_a_page_about_a_mistake(shared_site: Site, status: int, path: str, expected: str) -> None:
    answer = shared_site.get(path.replace("<", "%3C").replace(">", "%3E"), {"accept": "text/html"})
    assert (answer.status, "<script>" in answer.text) == (status, False)
    assert expected in words(answer.text)
