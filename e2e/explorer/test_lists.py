"""Every query of the boards of calls finds the calls that it is about, and no others."""

from __future__ import annotations

import json

import pytest
from dashboards.committed import BOARDS, filled_in, panels

from e2e.queries import values

pytestmark = pytest.mark.timeout(300)

CHOSEN = {
    "slower_than_s": "2",
    "dearer_than": "0.1",
    "currency": "USD",
    "longer_than": "1500ms",
    "tags": "",
    "operation": "chat",
    "service": "shop",
}
CUT = {"cut", "cut by anthropic"}
IN_TEMPO = {
    "Late first tokens": {"slow"},
    "Dear calls": {"costly"},
    "Failed calls": {"fail", *CUT},
    "Cut streams": {"close"},
    "Streams that stalled": {"stall", "slow"},
    "Calls without a price": {"close", "unpriced", *CUT},
}
IN_JAEGER = {
    "All calls": None,
    "Long calls": {"slow"},
    "Failed calls": {"fail", *CUT},
    "Calls that timed out": set(),
    "Cancelled calls": set(),
    "Closed streams": {"close"},
    "Without a final count": {"cut by anthropic"},
    "Late first tokens": {"slow"},
    "Stalled streams": {"stall", "slow"},
    "Costly calls": {"costly"},
}
"""None is all of them."""


def asked(board: str, title: str, **chosen: str) -> dict[str, str]:
    """The query of a panel, with everything chosen but what is given."""
    [panel] = [panel for panel in panels(board) if panel["title"] == title]
    [target] = panel["targets"]
    return {
        key: filled_in(value, **{**CHOSEN, **chosen})
        for key, value in target.items()
        if isinstance(value, str) and key != "refId"
    }


def arranged(title: str) -> set[str]:
    """The columns that a list has a place or no place for."""
    [panel] = [panel for panel in panels("tempo/calls") if panel["title"] == title]
    [how] = [each["options"] for each in panel["transformations"]]
    assert how["renameByName"].keys() == how["indexByName"].keys()
    return {*how["renameByName"], *how["excludeByName"]}


def kinds(wall, traces: set[str]) -> set[str]:
    return {kind for kind, trace in wall.made.items() if trace in traces}


@pytest.mark.parametrize("title", IN_TEMPO)
def test_a_list_in_tempo_has_the_calls_that_it_is_about(wall, title):
    found = wall.tempo.found(asked("tempo/calls", title)["query"])

    assert kinds(wall, set(found)) == IN_TEMPO[title]
    columns = {name for spans in found.values() for span in spans for name in span}
    assert {"gen_ai.request.model", "firsttoken.outcome"} <= columns
    assert columns <= arranged(title)


@pytest.mark.parametrize(("environment", "expected"), [("prod", {"slow"}), ("prod|qa", {"slow"}), ("qa", set())])
def test_the_calls_of_the_chosen_environment_are_found(wall, environment, expected):
    found = wall.tempo.found(asked("tempo/calls", "Late first tokens", environment=environment)["query"])
    logged = wall.loki.found(asked("tempo/calls", "Of the chosen calls", environment=environment)["expr"])

    assert kinds(wall, set(found)) == expected
    assert bool(logged) == bool(expected)


def test_calls_that_do_not_say_their_environment_are_found_where_none_is_chosen(wall):
    query = asked("tempo/calls", "Late first tokens")["query"]

    assert kinds(wall, set(wall.tempo.found(query.replace("deployment.environment.name", "nowhere")))) == {"slow"}


def test_calls_that_were_paid_in_another_currency_are_not_dear(wall):
    assert wall.tempo.found(asked("tempo/calls", "Dear calls", currency="EUR")["query"]) == {}


@pytest.mark.parametrize("title", IN_JAEGER)
def test_a_list_in_jaeger_has_the_calls_that_it_is_about(wall, title):
    query = asked("jaeger/calls", title)
    tags = dict(tag.split("=", 1) for tag in query["tags"].split())
    parameters = {"service": query["service"], "tags": json.dumps(tags), "limit": "100", "lookback": "1h"}
    if query["minDuration"]:
        parameters["minDuration"] = query["minDuration"]

    found = {trace["traceID"] for trace in wall.jaeger.asked("/api/traces", **parameters)["data"]}

    expected = IN_JAEGER[title]
    assert kinds(wall, found) == (set(wall.made) if expected is None else expected)


def test_the_lists_are_all_that_there_are():
    titles = {board: {panel["title"] for panel in panels(board) if panel["type"] == "table"} for board in BOARDS}

    assert titles["tempo/calls"] == IN_TEMPO.keys()
    assert titles["jaeger/calls"] == IN_JAEGER.keys()


@pytest.mark.parametrize("chosen", [".*", "shop"])
def test_the_log_events_of_the_chosen_calls_say_which_they_are(wall, chosen):
    query = asked("tempo/calls", "Of the chosen calls")["expr"].replace('"shop"', f'"{chosen}"')

    texts = {line.text for line in wall.loki.found(query)}

    assert {"chat gpt-4.1 completed ", "chat claude-sonnet-4-6 completed ", "chat gpt-4.1 closed "} <= texts
    assert any(text.startswith("chat gpt-4.1 failed ") for text in texts)


def test_the_log_events_of_the_chosen_service_are_there(wall):
    found = wall.loki.found(asked("jaeger/calls", "Of the chosen service")["expr"])

    assert kinds(wall, {line.labels["trace_id"] for line in found}) == set(wall.made)


@pytest.mark.parametrize("board", ["tempo/calls", "jaeger/calls"])
def test_the_log_events_of_a_trace_are_those_of_its_calls(wall, board):
    query = asked(board, "Of the chosen trace")["expr"]

    found = wall.loki.found(query.replace("$trace", wall.made["slow"]))

    assert found
    assert {line.labels["trace_id"] for line in found} == {wall.made["slow"]}
    assert wall.loki.found(query.replace("$trace", "")) == []


def test_the_panel_of_metrics_has_data(wall):
    assert values(wall.prometheus_url, asked("tempo/calls", "First token p95")["expr"])
