"""local.yaml between an application, the real `firsttoken serve` and the real Jaeger."""

from __future__ import annotations

import pytest
from patience import until

from e2e.jaeger.program import jaeger
from e2e.observed import observed
from e2e.programs import collector, free_ports
from e2e.serve import serve

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def place(collector_binary):
    """What local.yaml is told, but for the one or the other back end, and where applications send to."""
    grpc, http, page, nobody = free_ports(4)
    environment = {
        "OTLP_GRPC_LISTEN": f"127.0.0.1:{grpc}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{http}",
        "FIRSTTOKEN_ENDPOINT": f"127.0.0.1:{page}",
        "JAEGER_ENDPOINT": f"127.0.0.1:{nobody}",
    }
    return f"127.0.0.1:{grpc}", page, environment


def called(served):
    return sorted(row["trace_id"] for row in served.asked("/api/calls"))


def test_everything_comes_to_firsttoken_and_traces_to_jaeger(collector_binary, place):
    endpoint, page, environment = place
    with (
        serve(page) as served,
        jaeger({}) as there,
        collector(collector_binary, "local.yaml", {**environment, "JAEGER_ENDPOINT": there.otlp}),
        observed(endpoint) as app,
    ):
        streamed, failed = app.stream(), app.fail(sdk="anthropic")
        app.flush()

        until(lambda: called(served) == sorted([streamed, failed]))
        until(lambda: served.asked("/api/health")["health"]["metric_points"] > 0)
        until(lambda: all(there.trace(trace) for trace in (streamed, failed)))
        [call] = [row for row in served.asked("/api/calls") if row["trace_id"] == streamed]
        told = served.asked(f"/api/calls/{streamed}/{call['span_id']}")
        assert [event["name"] for event in told["log_events"]] == ["gen_ai.client.inference.operation.details"]
        [span] = there.trace(streamed)
        assert (span.name, span.attributes["service.name"], span.is_error) == ("chat gpt-4.1", "shop", False)
        assert span.attributes["gen_ai.usage.output_tokens"] == str(call["call"]["usage"]["output_tokens"])
        assert [each.is_error for each in there.trace(failed)] == [True]


def test_firsttoken_is_served_while_jaeger_is_down(collector_binary, place):
    endpoint, page, environment = place
    with (
        serve(page) as served,
        collector(collector_binary, "local.yaml", environment),
        observed(endpoint) as app,
    ):
        trace = app.stream()
        app.flush()

        until(lambda: called(served) == [trace])


def test_what_was_sent_before_firsttoken_was_started_comes_when_it_is(collector_binary, place):
    endpoint, page, environment = place
    with collector(collector_binary, "local.yaml", environment), observed(endpoint) as app:
        trace = app.stream()
        app.flush()
        with serve(page) as served:
            until(lambda: called(served) == [trace])
