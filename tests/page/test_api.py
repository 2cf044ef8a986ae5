"""The JSON answers come back as the values they were made from; bad questions get one clear line."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
from pydantic import TypeAdapter

from firsttoken.analyse import CallDetail, CallRow, Report, cursor_of, find_call, recent_calls, report
from firsttoken.analyse.reporting import ReportOptions
from firsttoken.call import Call
from firsttoken.page.question import CallsQuestion
from firsttoken.page.status import Status
from firsttoken.store import Selection

from .samples import EVERY_KIND, STREAMED, later
from .site import Site, ids

ROWS = TypeAdapter(list[CallRow])


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("Not understood: limit='0' is not a whole number from 1 to 1000.", "/api/calls?limit=0"),
        (
            "Not understood: there is no parameter 'sense' here: "
            "use before, limit, model, run, search, since, until, where.NAME, without.NAME, at_least.NAME, below.NAME.",
            "/api/calls?sense=1",
        ),
        (
            "Not understood: before='x' is not a place in the list: follow its link to what is older.",
            "/api/calls?before=x",
        ),
        ("Not understood: news are about the newest calls only: leave 'before' out.", f"/events?before=1-{'a' * 48}"),
        (
            "Not understood: there is no parameter 'limit' here: use model, options, run, search, since, until, "
            "where.NAME, without.NAME, at_least.NAME, below.NAME.",
            "/api/answers/report?limit=1",
        ),
    ],
)
def test_a_bad_parameter_is_answered_with_400_and_one_line(shared_site: Site, expected: str, path: str) -> None:
    answer = shared_site.get(path)
    assert (answer.status, answer.text) == (400, expected + "\n")


@pytest.mark.parametrize(
    "path",
    [
        f"/api/calls/{'0' * 32}/{'0' * 16}",
        "/api/calls/x/y",
        "/api/calls/%00/%F0%9F",
        "/api/nothing",
        f"/api/calls/{'9' * 4000}/1",
    ],
)
def test_what_does_not_exist_is_answered_with_404_and_one_line(shared_site: Site, path: str) -> None:
    answer = shared_site.get(path)
    assert (answer.status, answer.text.count("\n")) == (404, 1)


def test_calls_come_back_as_they_were_answered(shared_site: Site) -> None:
    assert ROWS.validate_json(shared_site.get("/api/calls").text) == recent_calls(shared_site.store)


def test_calls_are_paged_without_a_gap_or_a_repeat(shared_site: Site) -> None:
    question, paged = CallsQuestion(limit=2), list[CallRow]()
    while page := ROWS.validate_json(shared_site.get(question.address("/api/calls", question.before)).text):
        paged += page
        question = replace(question, before=cursor_of(page[-1]))
    assert paged == recent_calls(shared_site.store)


def test_calls_are_filtered_by_run(site: Site) -> None:
    site.add(STREAMED, run_id="a&b")
    site.add(later(STREAMED, 1), run_id="other")
    (row,) = ROWS.validate_json(site.get(CallsQuestion(selection=Selection(run_id="a&b")).address("/api/calls")).text)
    assert row.run_id == "a&b"


@pytest.mark.parametrize("call", EVERY_KIND)
def test_one_call_comes_back_as_it_was_answered(shared_site: Site, call: Call) -> None:
    trace_id, span_id = ids(call)
    answer = shared_site.get(f"/api/calls/{trace_id.upper()}/{span_id}")
    assert TypeAdapter(CallDetail).validate_json(answer.text) == find_call(shared_site.store, trace_id, span_id)


def test_the_report_comes_back_as_it_was_answered(shared_site: Site) -> None:
    selection = Selection(since_unix_ns=EVERY_KIND[2].timing.started_unix_ns, run_id="r1")
    options = urlencode({"options": TypeAdapter(ReportOptions).dump_json(ReportOptions(selection=selection))})
    answer = TypeAdapter(Report).validate_json(shared_site.get(f"/api/answers/report?{options}").text)
    assert answer == report(shared_site.store, selection)


def test_the_health_names_the_product_the_process_and_the_addresses(shared_site: Site) -> None:
    answer = TypeAdapter(Status).validate_json(shared_site.get("/api/health").text)
    assert (answer.product, answer.pid, answer.health.page_url) == ("firsttoken", os.getpid(), shared_site.url + "/")
    assert None not in (answer.health.http_endpoint, answer.health.grpc_endpoint)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("trend", {"step_s": 0}),
        ("trend", {"step_s": 10**30}),
        ("trend", {"groups": 1_000_000}),
        ("heatmap", {"step_s": 0}),
        ("latency", {"slowest": -1}),
        ("errors", {"chains": -1}),
        ("compare", {"resamples": 0}),
        ("compare", {"resamples": 10**9}),
    ],
)
@pytest.mark.parametrize("path", ["/api/answers/{name}", "/export/{name}.json"])
def test_options_beyond_their_bounds_are_refused_by_name(
    shared_site: Site, path: str, name: str, options: dict[str, int]
) -> None:
    answer = shared_site.get(f"{path.format(name=name)}?options={quote(json.dumps(options))}")
    assert answer.status == 400
    assert next(iter(options)) in answer.text


@pytest.mark.parametrize("path", ["/api/answers/trend", "/export/trend.json"])
def test_options_that_are_nested_without_end_are_refused(shared_site: Site, path: str) -> None:
    assert shared_site.get(f"{path}?options={'[' * 20_000}").status == 400


@pytest.mark.parametrize(
    ("status", "path"),
    [
        (303, "/find?from=2026-01-01&since=²"),
        (303, f"/find?from=2026-01-01&since={'9' * 30}"),
        (200, "/?at_least.total=1e300"),
        (200, "/?at_least.started=1e200&below.cost=1e300"),
        (400, "/?at_least.output_tokens=-1e300"),
        (200, "/?below.cost=0"),
        (200, "/?below.cost=-0"),
        (200, "/?at_least.request.seed=-1e300"),
        (422, f"/?where.gen_ai.request.max_tokens={'9' * 40}"),
    ],
)
def test_a_number_that_no_column_can_have_is_no_failure(shared_site: Site, status: int, path: str) -> None:
    assert shared_site.get(quote(path, safe="/?&=.")).status == status
