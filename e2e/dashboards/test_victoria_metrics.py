"""The boards and rules, over VictoriaMetrics in Prometheus's place: behind the gateway, and without a Collector."""

from __future__ import annotations

import json
from contextlib import contextmanager
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from dashboards.committed import every_promql
from e2e.application import application
from e2e.dashboards.filled import EMPTY, EVERY_QUERY, EVERY_RULE, check_answered, check_silent, filled, live
from e2e.documented import BACK_ENDS, exported, program, write_shown_files
from e2e.others.calling import call
from e2e.programs import free_ports
from e2e.queries import values
from e2e.sink import grpc_sink
from e2e.victoria import victoria_metrics
from patience import until

pytestmark = pytest.mark.timeout(300)
OTLP = "/opentelemetry/v1/metrics"
COUNTED = "gen_ai_client_inference_duration_seconds_count"


@pytest.fixture(scope="module")
def url(collector_binary, tmp_path_factory):
    with filled(collector_binary, tmp_path_factory.mktemp("victoria"), store=victoria_metrics) as (_, _, base_url):
        yield base_url


@EVERY_QUERY
def test_every_query_of_every_board_has_an_answer_there_too(url, query):
    check_answered(url, query)


@EVERY_QUERY
def test_a_service_without_calls_gives_no_data_there_either(url, query):
    check_silent(url, query)


MADE_BY_COLLECTORS = ("otelcol_", "target_info")
NOT_MADE = {str(each) for each in every_promql() if any(name in each.expression for name in MADE_BY_COLLECTORS)}


@contextmanager
def documented(folder, rules=()):
    """VictoriaMetrics as back-ends.md starts it to take OTLP itself."""
    write_shown_files(BACK_ENDS, folder)
    flags = [flag.replace("relabel.yaml", f"{folder}/relabel.yaml") for flag in program(BACK_ENDS, "victoria-metrics")]
    with victoria_metrics(folder, *free_ports(1), rules, flags=flags) as url:
        yield url


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    [elsewhere] = free_ports(1)
    with (
        grpc_sink(elsewhere),
        documented(tmp_path_factory.mktemp("straight"), EVERY_RULE) as url,
        application(f"127.0.0.1:{elsewhere}", "shop", metrics_url=f"{url}{OTLP}") as shop,
        application(f"127.0.0.1:{elsewhere}", "desk", metrics_url=f"{url}{OTLP}") as desk,
    ):
        live(shop, desk, url)
        yield url


@EVERY_QUERY
def test_every_query_has_an_answer_without_a_collector_but_for_what_collectors_make(straight, query):
    check_answered(straight, query, EMPTY.keys() | NOT_MADE)


@EVERY_QUERY
def test_a_service_without_calls_gives_no_data_there_without_a_collector(straight, query):
    check_silent(straight, query, EMPTY.keys() | NOT_MADE)


def test_a_program_that_its_environment_alone_tells_is_counted_with_its_namespace_and_environment(tmp_path):
    with documented(tmp_path) as url:
        place = {"http://victoria-metrics:8428": url}
        alone = {"OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
        names = {"OTEL_RESOURCE_ATTRIBUTES": "service.namespace=web,deployment.environment.name=prod,host.name=h1"}
        call("s-1", {**exported(BACK_ENDS, "VictoriaMetrics", place), **alone, **names})

        until(lambda: values(url, f"sum({COUNTED})") == [4])
        with urlopen(f"{url}/api/v1/series?{urlencode({'match[]': COUNTED})}", timeout=60) as answer:
            series = json.load(answer)["data"]
    labels = set.union(*map(set, series))
    assert {(each["job"], each["deployment_environment_name"]) for each in series} == {("web/shop", "prod")}
    assert "instance" in labels
    assert not [label for label in labels if label.startswith(("service_", "host_", "telemetry_", "scope_"))]
