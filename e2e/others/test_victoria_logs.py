"""Log events of calls, through the gateway into VictoriaLogs."""

from __future__ import annotations

import pytest
from patience import until

from e2e.gateway import gateway
from e2e.observed import observed
from e2e.programs import free_ports
from e2e.victoria import victoria_logs

pytestmark = pytest.mark.timeout(300)


def test_a_log_event_is_found_by_what_its_call_was(collector_binary, tmp_path):
    [port] = free_ports(1)
    place = gateway(collector_binary, tmp_path, LOGS_ENDPOINT=f"http://127.0.0.1:{port}/insert/opentelemetry/v1/logs")
    with (
        victoria_logs(tmp_path, port) as found,
        place.running(),
        observed(f"127.0.0.1:{place.grpc}") as app,
    ):
        app.stream()
        app.fail()
        app.flush()

        until(lambda: {line["firsttoken.outcome"] for line in found("service.name:=shop")} == {"completed", "failed"})
        lines = found('"firsttoken.outcome":=completed')

    assert {line["gen_ai.request.model"] for line in lines} == {"gpt-4.1"}
    assert all(float(line["firsttoken.time_to_first_token"]) > 0 for line in lines)
