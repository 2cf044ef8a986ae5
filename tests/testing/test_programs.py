"""The workload and the examples are ordinary programs that run against the server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from firsttoken.testing import SCENARIO_HEADER, ProviderServer, text_answer
from firsttoken.testing.scenarios import SCENARIOS
from firsttoken.testing.workload import UnexpectedSuccessError, anthropic_troubles, openai_troubles

EXAMPLES = Path(__file__).parents[2] / "examples"
NOT_SHOWN = {"cut-mid-stream", "no-end", "no-usage", "rate-limit"}
"""Scenarios that the workload leaves to tests."""


def run(server: ProviderServer, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        "OPENAI_BASE_URL": server.openai_base_url,
        "ANTHROPIC_BASE_URL": server.anthropic_base_url,
        "OPENAI_API_KEY": "not-a-real-key",
        "ANTHROPIC_API_KEY": "not-a-real-key",
    }
    python = [sys.executable, "-W", "error", *command]
    return subprocess.run(python, env=environ, capture_output=True, text=True, timeout=60, check=False)


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


def test_the_chat_example_streams_an_answer(server: ProviderServer) -> None:
    server.enqueue(text_answer("Grüß", " Gott"))
    done = run(server, str(EXAMPLES / "chat.py"), "How", "are", "you?")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Grüß Gott\n", "")
    assert server.requests[0].body["messages"] == [{"role": "user", "content": "How are you?"}]


def test_the_anthropic_example_streams_an_answer(server: ProviderServer) -> None:
    server.enqueue(text_answer("Grüß", " Gott"))
    done = run(server, str(EXAMPLES / "anthropic_chat.py"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "Grüß Gott\n", "")
    assert server.requests[0].body["stream"] is True


def test_the_fan_out_example_prints_every_answer(server: ProviderServer) -> None:
    done = run(server, str(EXAMPLES / "async_fan_out.py"), "Graz", "Riga", "Cork")
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.partition(":")[0] for line in done.stdout.splitlines()} == {"Graz", "Riga", "Cork"}


def test_importing_the_kit_loads_no_sdk_and_nothing_of_the_local_half(server: ProviderServer) -> None:
    forbidden = ["openai", "anthropic", "duckdb", "starlette", "uvicorn", "click", "altair"]
    code = f"import sys, firsttoken.testing; print([name for name in {forbidden} if name in sys.modules])"
    assert run(server, "-c", code).stdout == "[]\n"
