"""Where an application has no providers, ours are built from the standard variables, and the program's end waits for
them no longer than it is told."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from patience import is_done_within

from export.collector import Received, dead_collector, grpc_collector, http_collector
from export.programs import Ended, run
from firsttoken.testing import ProviderServer

SPAN = "chat m"
EVENT = "gen_ai.client.inference.operation.details"
DURATION = "gen_ai.client.inference.duration"

COLLECTORS: dict[str, Any] = {"grpc": grpc_collector, "http/protobuf": http_collector}
DESCRIBED = {
    *(f"telemetry.sdk.{what}" for what in ("language", "name", "version")),
    *(f"service.{what}" for what in ("name", "instance.id")),
}
NOWHERE = {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}

ONE_CALL = """
print(ask(client()).choices[0].finish_reason, flush=True)
"""
OPEN_STREAM = """
stream = ask(client(), stream=True)
print(next(stream).model, flush=True)  # CPython 3.13.0 then crashes in the SDK's generator, with and without us
"""
SAYS_WHEN_IT_ENDS = """
ask(client())
print(time.time(), flush=True)
"""


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest.fixture(params=COLLECTORS)
def protocol(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def collector(protocol: str) -> Iterator[Received]:
    with COLLECTORS[protocol]() as received:
        yield received


def sending(received: Received, protocol: str) -> dict[str, str]:
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": received.endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol}


@pytest.mark.parametrize("program", [ONE_CALL, OPEN_STREAM], ids=["one call", "an open stream"])
def test_everything_has_arrived_when_the_program_has_ended(
    program: str, protocol: str, collector: Received, server: ProviderServer
) -> None:
    ended = run(program, server.openai_base_url, **sending(collector, protocol))
    bare = run(program, server.openai_base_url, observed=False)
    assert (ended.status, ended.stdout, ended.stderr) == (bare.status, bare.stdout, bare.stderr)
    assert (collector.spans, collector.logs, collector.provider_traces) == ([SPAN], [EVENT], 1)
    assert DURATION in collector.metrics


def test_each_signal_goes_where_its_own_variables_say(server: ProviderServer) -> None:
    with http_collector() as traces, grpc_collector() as others:
        environment = {
            **sending(others, "grpc"),
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{traces.endpoint}/v1/traces",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            "OTEL_METRICS_EXPORTER": "none",
        }
        ended = run(ONE_CALL, server.openai_base_url, **environment)
        assert (ended.status, ended.stderr) == (0, "")
        assert (traces.spans, traces.logs) == ([SPAN], [])
        assert ([], [EVENT], set()) == (others.spans, others.logs, others.metrics)


def test_the_console_is_an_exporter_too(server: ProviderServer) -> None:
    ended = run(ONE_CALL, server.openai_base_url, **NOWHERE | {"OTEL_TRACES_EXPORTER": "console"})
    assert (ended.status, ended.stderr) == (0, "")
    assert f'"name": "{SPAN}"' in ended.stdout


def test_several_exporters_get_the_same(collector: Received, protocol: str, server: ProviderServer) -> None:
    exporters = dict.fromkeys(("OTEL_TRACES_EXPORTER", "OTEL_LOGS_EXPORTER"), "otlp,console")
    environment = {**sending(collector, protocol), **exporters, "OTEL_METRICS_EXPORTER": "none"}
    ended = run(ONE_CALL, server.openai_base_url, **environment)
    assert (collector.spans, collector.logs, collector.provider_traces) == ([SPAN], [EVENT], 1)
    assert f'"name": "{SPAN}"' in ended.stdout
    assert EVENT in ended.stdout


def test_a_name_under_which_an_exporter_is_installed_will_do(server: ProviderServer) -> None:
    with http_collector() as received:
        environment = NOWHERE | {"OTEL_TRACES_EXPORTER": "otlp_proto_http"}
        run(ONE_CALL, server.openai_base_url, **environment, OTEL_EXPORTER_OTLP_ENDPOINT=received.endpoint)
    assert received.spans == [SPAN]


@pytest.mark.parametrize(
    "environment", [NOWHERE, {"OTEL_SDK_DISABLED": "true"}], ids=["no exporters", "OpenTelemetry is disabled"]
)
def test_nothing_is_sent_where_nothing_is_wanted(environment: dict[str, str], server: ProviderServer) -> None:
    with http_collector() as received:
        sent = {**sending(received, "http/protobuf"), **environment}
        ended = run(ONE_CALL, server.openai_base_url, **sent)
    assert (ended.stdout, ended.stderr, ended.status) == ("stop\n", "", 0)
    assert ([], set(), []) == (received.spans, received.metrics, received.logs)


MISTAKES = {
    "OTEL_EXPORTER_OTLP_PROTOCOL": (
        "http/json",
        "OTEL_EXPORTER_OTLP_PROTOCOL='http/json' is not supported: set it to grpc or http/protobuf",
    ),
    "OTEL_TRACES_EXPORTER": (
        "pigeon",
        "OTEL_TRACES_EXPORTER='pigeon' is not installed: set it to otlp, console or none, or install its package",
    ),
}


@pytest.mark.parametrize("variable", MISTAKES)
def test_a_mistake_in_the_environment_is_said_once_and_the_program_runs_on(
    variable: str, server: ProviderServer
) -> None:
    value, message = MISTAKES[variable]
    three_calls = "c = client()\nfor _ in range(3):\n    ask(c)\nprint('done')"
    environment = {variable: value}
    if variable == "OTEL_TRACES_EXPORTER":
        environment = NOWHERE | environment
    ended = run(three_calls, server.openai_base_url, **environment)
    assert (ended.stdout, ended.status) == ("done\n", 0)
    assert f"firsttoken cannot export: {message}\n" == ended.stderr


@pytest.mark.parametrize("protocol", COLLECTORS)
@pytest.mark.parametrize("dead", [True, False], ids=["never answers", "is not there"])
def test_a_program_does_not_wait_for_a_dead_collector(dead: bool, protocol: str, server: ProviderServer) -> None:
    with dead_collector() as received:
        if not dead:
            received.endpoint = "http://127.0.0.1:1"
        environment = sending(received, protocol) | {"FIRSTTOKEN_EXIT_TIMEOUT_S": "0.5"}
        # An exporter by itself waits ten seconds for an answer.
        assert is_done_within(5, lambda: _waited(run(SAYS_WHEN_IT_ENDS, server.openai_base_url, **environment)))


def test_a_program_that_ends_well_does_not_wait_at_all(server: ProviderServer) -> None:
    with http_collector() as received:
        environment = sending(received, "http/protobuf") | {"FIRSTTOKEN_EXIT_TIMEOUT_S": "30"}
        assert is_done_within(5, lambda: _waited(run(SAYS_WHEN_IT_ENDS, server.openai_base_url, **environment)))


def _waited(ended: Ended) -> float:
    """Seconds that it took to end."""
    assert ended.status == 0
    return ended.ended - float(ended.stdout)


def test_the_resource_says_nothing_of_the_machine_or_of_who_uses_it(
    protocol: str, collector: Received, server: ProviderServer
) -> None:
    environment = sending(collector, protocol) | {"OTEL_RESOURCE_ATTRIBUTES": "team=search"}
    run(ONE_CALL, server.openai_base_url, **environment)
    assert len(collector.resources) >= 3
    for resource in collector.resources:
        assert resource.pop("team") == "search"
        assert resource.keys() <= DESCRIBED
        assert resource["service.name"].startswith("unknown_service")
        if instance := resource.get("service.instance.id"):  # Newer SDKs draw one by lot.
            assert uuid.UUID(instance).version == 4
