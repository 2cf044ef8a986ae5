"""Whole programs that use an adapter: what a collector gets of them, with and without anything else of ours."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest
from export.collector import Received, http_collector
from export.programs import CRASHES, Ended, run

from firsttoken.testing import Answer, Delivery, Gate, ProviderServer, ReceivedRequest
from firsttoken.testing.script import Reply

PRELUDE: Final = """
from firsttoken import StreamAdapter
from firsttoken.adapter import Ask, AskMessage
from firsttoken.errors import LLMSilenceError

def adapted(client, model="adapted", **more):
    return StreamAdapter(client).stream(Ask(model, [AskMessage("user", "Hi")]), **more)

c = client()
"""
ZERO_CODE: Final = """
from opentelemetry.instrumentation.auto_instrumentation import initialize
initialize()
"""


def answer(request: ReceivedRequest) -> Reply:
    """One model never gets further than its first word."""
    waits = {2: Gate()} if request.model == "silent" else {}
    return Answer(text=("Hello", " there"), delivery=Delivery(before=waits))


def run_with(program: str, *, before: str = "", **environment: str) -> tuple[Ended, Received]:
    with ProviderServer(answer) as provider, http_collector() as received:
        ended = run(
            before + PRELUDE + program,
            provider.openai_base_url,
            observed=False,
            OTEL_EXPORTER_OTLP_ENDPOINT=received.endpoint,
            OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
            **environment,
        )
    return ended, received


def test_a_program_that_only_uses_an_adapter_sends_all_telemetry_of_that_and_says_nothing() -> None:
    ended, received = run_with("print(adapted(c).read().text); ask(c)")
    assert (ended.stdout, ended.stderr, ended.status) == ("Hello there\n", "", 0)
    assert received.spans == ["chat adapted"]
    assert "gen_ai.client.inference.duration" in received.metrics
    assert (len(received.logs), received.provider_traces) == (1, 1)


@pytest.mark.parametrize("program", ["adapted(c).read(); ask(c)", "ask(c); adapted(c).read()"])
def test_beside_zero_code_instrumentation_each_call_is_recorded_once(program: str) -> None:
    ended, received = run_with(program, before=ZERO_CODE, OTEL_METRICS_EXPORTER="none")
    assert ended.status == 0
    assert sorted(span for span in received.spans if span.startswith("chat")) == ["chat adapted", "chat m"]


def test_a_stream_that_the_end_of_the_program_cuts_is_recorded() -> None:
    ended, received = run_with("stream = adapted(c, 'silent'); [next(stream) for _ in range(2)]; sys.exit(3)")
    assert ended.stderr == ""
    assert ended.status in {3, *CRASHES}
    assert received.spans == ["chat silent"]


FORKED: Final = """
def silent():
    try:
        adapted(c, "silent", silence_s=0.3).read()
    except LLMSilenceError:
        return "silent"

silent()
firsttoken.flush()
child = os.fork()
if child == 0:
    adapted(c, "forked").read()
    print(silent(), flush=True)
    sys.exit(0)
print(os.waitpid(child, 0)[1], silent())
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="there is no fork here")
def test_a_forked_child_records_its_own_streams_and_has_a_watchdog_of_its_own() -> None:
    ended, received = run_with("import firsttoken\n" + FORKED)
    assert (ended.stdout, ended.status) == ("silent\n0 silent\n", 0)
    assert sorted(received.spans) == ["chat forked", "chat silent", "chat silent", "chat silent"]


IMPORTED: Final = """
import sys, firsttoken
assert "firsttoken.adapter" not in sys.modules
firsttoken.StreamAdapter
print([name for name in ("openai", "anthropic", "duckdb", "uvicorn") if name in sys.modules])
"""


def test_the_adapter_is_imported_when_it_is_used_and_brings_no_sdk() -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
