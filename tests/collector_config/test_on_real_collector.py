"""The configurations on a real Collector: what goes in comes out where it should."""

from __future__ import annotations

import os
import subprocess

import pytest

from .application import COMPLETED, FAILED, application
from .programs import CONFIGURATIONS, collector, free_ports
from .sink import grpc_sink

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

DETAILS = "gen_ai.client.inference.operation.details"
EXCEPTION = "gen_ai.client.operation.exception"
GATEWAY_ENDPOINTS = {
    "TRACES_ENDPOINT": "127.0.0.1:1",
    "LOGS_ENDPOINT": "http://127.0.0.1:1/v1/logs",
    "PROMETHEUS_REMOTE_WRITE_URL": "http://127.0.0.1:1/api/v1/write",
}


def validated(binary, name, environment):
    return subprocess.run(
        [binary, "validate", "--config", CONFIGURATIONS / name],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("name", "environment"), [("local.yaml", {}), ("gateway.yaml", GATEWAY_ENDPOINTS)])
def test_the_collector_accepts_the_configuration_without_a_warning(collector_binary, name, environment):
    result = validated(collector_binary, name, environment)

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("missing", sorted(GATEWAY_ENDPOINTS))
def test_the_gateway_is_refused_while_an_endpoint_is_missing(collector_binary, missing):
    environment = {name: value for name, value in GATEWAY_ENDPOINTS.items() if name != missing}

    assert validated(collector_binary, "gateway.yaml", environment).returncode != 0


def test_local_sends_everything_to_firsttoken_and_spans_to_jaeger(collector_binary):
    otlp, http, page, jaeger = free_ports(4)
    environment = local_environment(otlp, http, page, jaeger)
    with (
        grpc_sink(page) as at_page,
        grpc_sink(jaeger) as at_jaeger,
        collector(collector_binary, "local.yaml", environment),
        application(f"127.0.0.1:{otlp}", "shop") as app,
    ):
        app.call(COMPLETED)
        app.call(FAILED)
        app.send()

        spans = ["chat claude-sonnet-5", "chat gpt-4.1"]
        assert spans == at_page.wait_for("spans", 2)
        assert spans == at_jaeger.wait_for("spans", 2)
        assert at_page.wait_for("logs", 3) == [DETAILS, DETAILS, EXCEPTION]
        assert "gen_ai.client.inference.time_to_first_chunk" in at_page.wait_for("metrics", 12)
        assert (at_jaeger.now("metrics"), at_jaeger.now("logs")) == ([], [])


def test_local_serves_firsttoken_while_jaeger_is_down(collector_binary):
    otlp, http, page, jaeger = free_ports(4)
    with (
        grpc_sink(page) as at_page,
        collector(collector_binary, "local.yaml", local_environment(otlp, http, page, jaeger)),
        application(f"127.0.0.1:{otlp}", "shop") as app,
    ):
        app.call(COMPLETED)
        app.send()

        assert at_page.wait_for("spans") == ["chat gpt-4.1"]


def test_local_delivers_what_was_sent_before_firsttoken_was_started(collector_binary):
    otlp, http, page, jaeger = free_ports(4)
    with (
        collector(collector_binary, "local.yaml", local_environment(otlp, http, page, jaeger)),
        application(f"127.0.0.1:{otlp}", "shop") as app,
    ):
        app.call(COMPLETED)
        app.send()
        with grpc_sink(page) as at_page:
            assert at_page.wait_for("spans") == ["chat gpt-4.1"]
            assert at_page.wait_for("logs") == [DETAILS]


def local_environment(otlp: int, http: int, page: int, jaeger: int) -> dict[str, str]:
    return {
        "OTLP_GRPC_LISTEN": f"127.0.0.1:{otlp}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
        "FIRSTTOKEN_ENDPOINT": f"127.0.0.1:{page}",
        "JAEGER_ENDPOINT": f"127.0.0.1:{jaeger}",
    }
