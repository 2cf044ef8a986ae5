"""The workload is an ordinary program that runs against the server."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firsttoken.testing import SCENARIO_HEADER, ProviderServer, text_answer
from firsttoken.testing.scenarios import SCENARIOS
from firsttoken.testing.workload import UnexpectedSuccessError, anthropic_troubles, openai_troubles
from testing.running import run

NOT_SHOWN = {"cut-mid-stream", "no-end", "no-usage", "rate-limit"}
"""Scenarios that the workload leaves to tests."""


def test_the_workload_is_a_silent_program_that_makes_all_kinds_of_calls(server: ProviderServer) -> None:
    done = run(server, "-m", "firsttoken.testing.workload", "--base-url", server.base_url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    requests = server.wait_until_settled()
    assert 40 <= len(requests) <= 60
    assert {(request.path, request.stream, request.headers["x-stainless-async"]) for request in requests} >= {
        (path, stream, kind)
        for path, stream in (("/v1/chat/completions", True), ("/v1/chat/completions", False), ("/v1/messages", True))
        for kind in ("false", "async:asyncio")
    }
    assert set(SCENARIOS) - NOT_SHOWN == {request.headers.get(SCENARIO_HEADER) for request in requests} - {None}
    assert sum(1 for request in requests if request.retry_count) == 2
    left = {request.headers.get(SCENARIO_HEADER) for request in requests if request.client_disconnected}
    assert left >= {"hang", "silent"}


@pytest.mark.parametrize("lane", [openai_troubles, anthropic_troubles])
def test_the_workload_fails_when_a_call_that_should_fail_does_not(lane: Callable[[str], None]) -> None:
    with ProviderServer(lambda _: text_answer("Hi")) as server, pytest.raises(UnexpectedSuccessError):
        lane(server.base_url)


def test_importing_the_kit_loads_no_sdk_and_nothing_of_the_local_half(server: ProviderServer) -> None:
    forbidden = ["openai", "anthropic", "duckdb", "starlette", "uvicorn", "click", "altair"]
    code = f"import sys, firsttoken.testing; print([name for name in {forbidden} if name in sys.modules])"
    assert run(server, "-c", code).stdout == "[]\n"
