"""The observed application of these tests tells of its calls, in this process and in others."""

from __future__ import annotations

import pytest

from e2e.observed import CONTENT, MODELS, observed, observed_child
from e2e.programs import free_ports
from e2e.sink import grpc_sink

CALLS = {
    "whole": "completed",
    "stream": "completed",
    "cached": "completed",
    "fail": "failed",
    "cut": "failed",
    "close": "closed",
    "slow": "completed",
    "stall": "completed",
    "costly": "completed",
}
"""Each way of calling, and how that ends."""


@pytest.mark.parametrize("sdk", MODELS)
def test_each_way_of_calling_is_a_trace_of_its_own_that_ends_as_it_should(sdk):
    [port] = free_ports(1)
    with grpc_sink(port) as received, observed(f"127.0.0.1:{port}", settings=CONTENT) as app:
        made = {getattr(app, way)(sdk=sdk): ending for way, ending in CALLS.items()}
        app.flush()
        received.wait_for("spans", len(CALLS))

    assert made == {span.trace_id: span.attributes["firsttoken.outcome"] for span in received.spans}


def test_several_services_run_at_once():
    [port] = free_ports(1)
    with grpc_sink(port) as received:
        endpoint = f"127.0.0.1:{port}"
        with observed_child(endpoint, "shop") as shop, observed_child(endpoint, "desk", content=True) as desk:
            shop.do("agent", "stream", "fail")
            desk.do("say", prompt="Who?", answer="Nobody.")

        spans = ["chat gpt-4.1"] * 3 + ["execute_tool search", "invoke_agent planner"]
        assert received.wait_for("spans", 5) == spans
