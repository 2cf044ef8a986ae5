"""From an observed application through the gateway into a real Prometheus, and to every panel of the board."""

from __future__ import annotations

import json
import re

import pytest

from .application import COMPLETED, FAILED, application
from .programs import collector, free_ports, prometheus
from .queries import BOARD, asked, board_queries, filled_in, values, wait_until
from .sink import grpc_sink, http_log_sink

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

CALLS = 'gen_ai_client_inference_duration_seconds_count{job="%s"}'


@pytest.fixture(scope="module")
def gateway(collector_binary, tmp_path_factory):
    """What the back ends got: the spans, the logs, and Prometheus's URL. `desk` never failed, `shop` did."""
    otlp, http, health, traces, metrics = free_ports(5)
    with (
        http_log_sink() as (logs_url, at_logs),
        grpc_sink(traces) as at_traces,
        prometheus(tmp_path_factory.mktemp("prometheus"), metrics) as prometheus_url,
    ):
        environment = {
            "OTLP_GRPC_LISTEN": f"127.0.0.1:{otlp}",
            "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
            "HEALTH_LISTEN": f"127.0.0.1:{health}",
            "OWN_METRICS_LEVEL": "none",
            "TRACES_ENDPOINT": f"127.0.0.1:{traces}",
            "TRACES_INSECURE": "true",
            "LOGS_ENDPOINT": logs_url,
            "PROMETHEUS_REMOTE_WRITE_URL": f"{prometheus_url}/api/v1/write",
        }
        with (
            collector(collector_binary, "gateway.yaml", environment),
            application(f"127.0.0.1:{otlp}", "shop") as shop,
            application(f"127.0.0.1:{otlp}", "desk") as desk,
        ):
            for round_number in (1, 2):
                for app, calls in ((shop, (COMPLETED, FAILED)), (desk, (COMPLETED,))):
                    for call in calls:
                        app.call(call)
                    app.send()
                for service, series in (("shop", 2), ("desk", 1)):
                    expected = [round_number] * series
                    wait_until(lambda s=service, e=expected: values(prometheus_url, CALLS % s) == e)
            yield at_traces, at_logs, prometheus_url


def test_spans_and_logs_of_all_applications_arrive(gateway):
    at_traces, at_logs, _ = gateway

    assert at_traces.wait_for("spans", 6) == ["chat claude-sonnet-5"] * 2 + ["chat gpt-4.1"] * 4
    details, exception = "gen_ai.client.inference.operation.details", "gen_ai.client.operation.exception"
    assert [details] * 6 + [exception] * 2 == at_logs.wait_for("logs", 8)


@pytest.mark.parametrize(("title", "expression"), board_queries())
def test_every_query_of_the_board_has_an_answer(gateway, title, expression):
    found = values(gateway[2], filled_in(expression, "shop"))

    assert found, f"{title} is empty"
    assert all(value >= 0 for value in found)


@pytest.mark.parametrize(("title", "expression"), board_queries())
def test_a_service_without_calls_gives_no_data_and_neither_zero_nor_nan(gateway, title, expression):
    assert values(gateway[2], filled_in(expression, "nobody")) == [], title


@pytest.mark.parametrize(
    ("panel", "shop", "desk"), [("Failed", 0.5, 0), ("Unpriced", 0.5, 0), ("Input from cache", 0.4, 0.4)]
)
def test_a_share_is_exact_and_zero_where_there_are_calls_but_none_of_the_kind(gateway, panel, shop, desk):
    [expression] = [expression for title, expression in board_queries() if title == panel]

    shares = [values(gateway[2], filled_in(expression, service)) for service in ("shop", "desk")]

    assert [[pytest.approx(shop)], [pytest.approx(desk)]] == shares


def test_percentiles_lie_in_the_bucket_of_what_was_measured(gateway):
    [expression] = [expression for title, expression in board_queries() if title == "First chunk p95"]

    [found] = values(gateway[2], filled_in(expression, "shop"))

    assert 0.32 < found <= 0.64


def test_every_variable_of_the_board_has_values(gateway):
    board = json.loads(BOARD.read_text(encoding="utf-8"))
    queries = [variable["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]

    found = {}
    for query in queries:
        series, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", query).groups()
        found[label] = asked(gateway[2], f"label/{label}/values", **{"match[]": series})

    assert found == {
        "job": ["desk", "shop"],
        "gen_ai_provider_name": ["anthropic", "openai"],
        "gen_ai_request_model": ["claude-sonnet-5", "gpt-4.1"],
    }


def test_exemplars_lead_from_a_bucket_to_a_trace(gateway):
    series = "gen_ai_client_inference_time_to_first_chunk_seconds_bucket"

    found = asked(gateway[2], "query_exemplars", query=series, start="0", end="4000000000")

    assert found
    assert all(re.fullmatch(r"[0-9a-f]{32}", e["labels"]["trace_id"]) for line in found for e in line["exemplars"])
