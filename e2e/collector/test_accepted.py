"""A real Collector accepts the configurations, and refuses them while something is missing."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from itertools import permutations

import pytest
import yaml

from e2e.documented import DOCS, every_command, found, write_shown_files
from e2e.gateway import TRUSTED
from e2e.programs import CONFIGURATIONS, configured_by
from e2e.scaled import SAMPLING
from e2e.testbed.collector import MANIFEST

pytestmark = pytest.mark.timeout(900)

GATEWAY_ENDPOINTS = {
    "QUEUE_FOLDER": tempfile.gettempdir(),
    "TRACES_ENDPOINT": "127.0.0.1:1",
    "LOGS_ENDPOINT": "http://127.0.0.1:1/v1/logs",
    "PROMETHEUS_REMOTE_WRITE_URL": "http://127.0.0.1:1/api/v1/write",
}
SAFE = {"OTLP_TLS_CERT_FILE": "tls.crt", "OTLP_TLS_KEY_FILE": "tls.key", "OTLP_TOKENS_FILE": "tokens"}


def validated(binary, names, environment):
    return subprocess.run(
        [binary, "validate", *configured_by(names)],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


CLICKHOUSE = {
    "CLICKHOUSE_ENDPOINT": "tcp://127.0.0.1:1,127.0.0.2:1",
    "CLICKHOUSE_PASSWORD": "x",
    "METRICS_EXPORTER": "prometheus",
    "QUEUE_FOLDER": tempfile.gettempdir(),
}

REDACTING = ["gateway.yaml", "redact.yaml", "redact-gateway.yaml"]
PRIVATE = {"PRIVATE_ENDPOINT": "127.0.0.1:1"}


@pytest.mark.parametrize(
    ("names", "environment"),
    [
        (["local.yaml"], {}),
        (["gateway.yaml"], {**GATEWAY_ENDPOINTS, **SAFE}),
        (TRUSTED, GATEWAY_ENDPOINTS),
        (SAMPLING, GATEWAY_ENDPOINTS),
        (["agent.yaml"], {"GATEWAYS": "{static: {hostnames: [127.0.0.1:1, 127.0.0.1:2]}}"}),
        (["agent.yaml"], {"GATEWAYS": '{dns: {hostname: localhost, port: "4317"}}'}),
        (["agent.yaml"], {"GATEWAYS": "{k8s: {service: gateways.observability}}"}),
        ([*TRUSTED, "span-metrics.yaml"], {**GATEWAY_ENDPOINTS, "METRICS_SENT_BY": "firsttoken|our.llm.client"}),
        ([*SAMPLING, "span-metrics.yaml"], GATEWAY_ENDPOINTS),
        ([*TRUSTED, "clickhouse.yaml"], CLICKHOUSE),
        ([*TRUSTED, "clickhouse.yaml", "gateway-scaled.yaml"], CLICKHOUSE),
        (["redact.yaml", "gateway-scaled.yaml"], {"PRIVATE_ENDPOINT": "127.0.0.1:1", "PUBLIC_ENDPOINT": "127.0.0.1:1"}),
        (["local.yaml", "normalise.yaml"], {}),
        (["redact.yaml"], {"PRIVATE_ENDPOINT": "127.0.0.1:1", "PUBLIC_ENDPOINT": "127.0.0.1:1"}),
        ([*TRUSTED, "normalise.yaml"], GATEWAY_ENDPOINTS),
        (REDACTING, {**GATEWAY_ENDPOINTS, **SAFE, **PRIVATE}),
        ([*REDACTING, *TRUSTED[1:]], {**GATEWAY_ENDPOINTS, **PRIVATE}),
        ([*REDACTING, *TRUSTED[1:], "gateway-scaled.yaml", "normalise.yaml"], {**GATEWAY_ENDPOINTS, **PRIVATE}),
    ],
    ids=[
        "local",
        "gateway",
        "trusted network",
        "sampling",
        "agent",
        "agent by name",
        "agent in Kubernetes",
        "span metrics",
        "span metrics and sampling",
        "clickhouse",
        "clickhouse and sampling",
        "redact and sampling",
        "local normalised",
        "redact",
        "gateway normalised",
        "gateway redacted",
        "gateway redacted on a trusted network",
        "gateway redacted, sampled and normalised",
    ],
)
def test_the_collector_accepts_the_configuration_without_a_warning(collector_binary, names, environment):
    result = validated(collector_binary, names, environment)

    assert (result.returncode, result.stderr) == (0, "")


MINE = """
receivers: {otlp: {protocols: {grpc: null}}}
processors: {transform/mine: {trace_statements: ['set(span.attributes["mine"], true)']}}
exporters: {debug: null}
service:
  pipelines:
    traces: {receivers: [otlp], processors: [transform/mine], exporters: [debug]}
    logs: {receivers: [otlp], exporters: [debug]}
"""
"""What a page calls `mine.yaml`."""
EVERYTHING = {
    **GATEWAY_ENDPOINTS,
    **SAFE,
    **CLICKHOUSE,
    "SCRAPE_TOKENS_FILE": "tokens",
    "GATEWAYS": "{static: {hostnames: [127.0.0.1:1]}}",
    "PRIVATE_ENDPOINT": "127.0.0.1:1",
    "PUBLIC_ENDPOINT": "127.0.0.1:1",
}


@pytest.mark.parametrize(("page", "names"), [*every_command()], ids=lambda each: getattr(each, "name", ""))
def test_the_collector_accepts_every_command_that_the_documentation_shows(collector_binary, tmp_path, page, names):
    (tmp_path / "mine.yaml").write_text(MINE)
    write_shown_files(page, tmp_path)
    result = validated(collector_binary, [found(name, tmp_path) for name in names], EVERYTHING)

    assert (result.returncode, result.stderr) == (0, "")


def test_the_versions_that_are_tested_are_those_that_the_page_names():
    page = (CONFIGURATIONS / "README.md").read_text(encoding="utf-8")
    [tested, ahead] = sorted(set(re.findall(r" v(0\.\d+)\.\d+$", MANIFEST.read_text(encoding="utf-8"), re.MULTILINE)))

    assert f"The tests run components of {tested} with that one exporter of {ahead}" in " ".join(page.split())


@pytest.mark.parametrize("page", ["gateway", "normalise", "scaled", "span-metrics"])
def test_commands_are_found_in_the_pages(page):
    assert DOCS / "collector" / f"{page}.md" in {where for where, _ in every_command()}


@pytest.mark.parametrize(
    ("said", "instance"),
    [({}, "gateway"), ({"HOSTNAME": "pod-7"}, "pod-7"), ({"HOSTNAME": "pod-7", "COLLECTOR_NAME": "a"}, "a")],
    ids=["nothing", "the name of the host", "both"],
)
def test_who_counts_spans_is_called_as_the_environment_says(collector_binary, said, instance):
    """A default inside a default."""
    printed = subprocess.run(
        [collector_binary, "print-config", "--mode=unredacted", *configured_by([*TRUSTED, "span-metrics.yaml"])],
        env={"PATH": os.environ["PATH"], **GATEWAY_ENDPOINTS, **said},
        capture_output=True,
        text=True,
        check=True,
    )
    understood = yaml.safe_load(printed.stdout)
    [scraped] = understood["receivers"]["prometheus/span_metrics"]["config"]["scrape_configs"]
    [_, resource] = understood["processors"]["transform/span_metrics_service"]["metric_statements"]

    assert [each["labels"]["instance"] for each in scraped["static_configs"]] == [instance]
    assert f'set(resource.attributes["service.instance.id"], "{instance}")' in str(resource)


@pytest.mark.parametrize("missing", sorted(GATEWAY_ENDPOINTS.keys() - {"QUEUE_FOLDER"}))
def test_the_gateway_is_refused_while_an_endpoint_is_missing(collector_binary, missing):
    environment = {name: value for name, value in GATEWAY_ENDPOINTS.items() if name != missing}

    assert validated(collector_binary, TRUSTED, environment).returncode != 0


@pytest.mark.parametrize("missing", sorted(SAFE))
def test_the_gateway_is_refused_where_it_would_let_in_everybody(collector_binary, missing):
    environment = {**GATEWAY_ENDPOINTS, **{name: value for name, value in SAFE.items() if name != missing}}

    assert validated(collector_binary, ["gateway.yaml"], environment).returncode != 0


@pytest.mark.parametrize(
    "names",
    [[*order] for order in permutations(REDACTING) if [*order] != REDACTING] + [REDACTING[:2]],
    ids=lambda names: " ".join(name.removesuffix(".yaml") for name in names),
)
def test_a_gateway_that_would_not_redact_is_refused(collector_binary, names):
    assert validated(collector_binary, names, {**GATEWAY_ENDPOINTS, **SAFE, **PRIVATE}).returncode != 0


def test_a_gateway_that_redacts_is_refused_without_a_private_store(collector_binary):
    assert validated(collector_binary, REDACTING, {**GATEWAY_ENDPOINTS, **SAFE}).returncode != 0


@pytest.mark.parametrize(
    "gateways", [{}, {"GATEWAYS": "gateway:4317"}, {"GATEWAYS": "{}"}], ids=["none", "text", "empty"]
)
def test_an_agent_that_is_not_told_how_gateways_are_found_is_refused(collector_binary, gateways):
    assert validated(collector_binary, ["agent.yaml"], gateways).returncode != 0
