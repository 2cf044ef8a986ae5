"""A second back end of the gateway, as the page of back ends has it."""

from __future__ import annotations

import pytest

from e2e.documented import BACK_ENDS, written
from e2e.gateway import TRUSTED, gateway
from e2e.observed import observed
from e2e.programs import free_ports
from e2e.sink import grpc_sink

pytestmark = pytest.mark.timeout(900)


def test_what_both_have_not_taken_outlives_a_kill_of_the_gateway(collector_binary, tmp_path):
    place = gateway(collector_binary, tmp_path)
    [second] = free_ports(1)
    file = written(BACK_ENDS, "jaeger-too.yaml", tmp_path, {"jaeger:4317": f"127.0.0.1:{second}"})
    with place.many_times() as lives, observed(f"127.0.0.1:{place.grpc}") as app:
        lives.start(*TRUSTED, file)
        app.stream()
        app.flush()
        lives.kill()
        lives.start(*TRUSTED, file)
        for port in (place.traces, second):
            with grpc_sink(port) as back_end:
                assert set(back_end.wait_for("spans")) == {"chat gpt-4.1"}
