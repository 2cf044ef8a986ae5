"""From an observed application through the gateway into a real Prometheus, and to every panel of the boards."""

from __future__ import annotations

import re

import pytest
from dashboards.committed import BOARDS, PROMETHEUS
from e2e.dashboards.filled import EVERY_QUERY, asked_for, check_answered, check_silent, figure, filled
from e2e.queries import asked, values

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def gateway(collector_binary, tmp_path_factory):
    """What the back ends got: the spans, the logs, and Prometheus's URL."""
    with filled(collector_binary, tmp_path_factory.mktemp("prometheus")) as back_ends:
        yield back_ends


def test_spans_and_logs_of_all_applications_arrive(gateway):
    at_traces, at_logs, _ = gateway

    spans = ["chat claude-sonnet-5"] * 2 + ["chat gpt-4.1"] * 8 + ["embeddings text-embedding-3-small"] * 2
    assert spans == at_traces.wait_for("spans", 12)
    details, exception = "gen_ai.client.inference.operation.details", "gen_ai.client.operation.exception"
    assert [details] * 10 + [exception] * 2 == at_logs.wait_for("logs", 12)


@EVERY_QUERY
def test_every_query_of_every_board_has_an_answer(gateway, query):
    check_answered(gateway[2], query)


@EVERY_QUERY
def test_a_service_without_calls_gives_no_data_and_neither_zero_nor_nan(gateway, query):
    check_silent(gateway[2], query)


@pytest.mark.parametrize(
    ("title", "shop", "desk"),
    [
        ("Failed", 0.2, 0),
        ("Cut streams", 0.25, 0),
        ("Truncated", 0.2, 0),
        ("Unpriced", 0.4, 0),
        ("Input from cache", 0.4, 0.4),
    ],
)
def test_a_share_is_exact_and_zero_where_there_are_calls_but_none_of_the_kind(gateway, title, shop, desk):
    shares = [values(gateway[2], asked_for(figure(title), service)) for service in ("shop", "desk")]

    assert [[pytest.approx(shop)], [pytest.approx(desk)]] == shares


def test_percentiles_lie_in_the_bucket_of_what_was_measured(gateway):
    [found] = values(gateway[2], asked_for(figure("First token p95"), "shop"))

    assert 0.3 < found <= 0.5


@pytest.mark.parametrize("board", PROMETHEUS)
def test_every_variable_of_a_board_has_values(gateway, board):
    queries = [variable["query"] for variable in BOARDS[board]["templating"]["list"] if variable["type"] == "query"]

    found = {}
    for query in queries:
        series, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()
        found[label] = asked(gateway[2], f"label/{label}/values", **{"match[]": series})

    everything = {
        "job": ["desk", "shop"],
        "deployment_environment_name": ["prod"],
        "gen_ai_provider_name": ["anthropic", "openai"],
        "gen_ai_request_model": ["claude-sonnet-5", "gpt-4.1", "text-embedding-3-small"],
        "gen_ai_operation_name": ["chat", "embeddings"],
        "firsttoken_cost_currency": ["USD"],
    }
    assert found == {label: everything[label] for label in found}


def test_every_rule_is_worked_out_without_an_error(gateway):
    groups = asked(gateway[2], "rules")["groups"]

    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 70
    assert [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] == "err"] == []


def test_exemplars_lead_from_a_bucket_to_a_trace(gateway):
    series = "gen_ai_client_inference_time_to_first_chunk_seconds_bucket"

    found = asked(gateway[2], "query_exemplars", query=series, start="0", end="4000000000")

    assert found
    assert all(re.fullmatch(r"[0-9a-f]{32}", e["labels"]["trace_id"]) for line in found for e in line["exemplars"])
