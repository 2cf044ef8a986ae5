"""Where spans go: as `instrument()` has it, else to the application's own providers, else nowhere."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from observing import observe
from opentelemetry import metrics, trace
from opentelemetry.metrics import _internal as metrics_internal
from opentelemetry.util._once import Once
from patience import PATIENCE_S

import firsttoken
from firsttoken.contexts import captured
from firsttoken.export.outbox import OUTBOX
from firsttoken.spans import destination
from firsttoken.testing import CapturedTelemetry
from spans.conftest import Instrumented, outcomes

SHORT_PROGRAM = """
import firsttoken
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter(formatter=lambda span: span.name + "\\n")))
trace.set_tracer_provider(provider)

@firsttoken.traced
def work():
    pass

with firsttoken.agent("planner"):
    work()
"""


ENDS_INSIDE = """
import sys
import threading

import firsttoken
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

def shown(span):
    return f"{span.name} {span.attributes['firsttoken.outcome']}" + chr(10)

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(ConsoleSpanExporter(formatter=shown)))
trace.set_tracer_provider(provider)
if "instrument" in sys.argv:
    firsttoken.instrument(meter_provider=MeterProvider(), logger_provider=LoggerProvider())

@firsttoken.traced
def numbers():
    yield 1
    yield 2

kept = numbers()
next(kept)
inside = threading.Event()

def work():
    with firsttoken.agent("background"):
        inside.set()
        threading.Event().wait()

threading.Thread(target=work, daemon=True).start()
inside.wait()
if "shutdown" in sys.argv:
    firsttoken.shutdown()
    next(kept)
"""


IN_A_CHILD = """
import multiprocessing
import sys

import firsttoken
from opentelemetry import trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=lambda span: span.name + chr(10))))
trace.set_tracer_provider(provider)
if "instrument" in sys.argv:
    firsttoken.instrument(meter_provider=MeterProvider(), logger_provider=LoggerProvider())

@firsttoken.traced
def work():
    pass

if __name__ == "__main__":
    work()
    for _ in range(2):
        child = multiprocessing.get_context("fork").Process(target=work)
        child.start()
        child.join()
"""


@firsttoken.traced
def work() -> int:
    return 1


@pytest.fixture
def applications_own(telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The application has set up a tracer provider by itself, and no other."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", telemetry.tracer_provider)
    yield
    destination._APPLICATIONS_OWN.release()


def handed_over() -> None:
    assert OUTBOX.run(lambda: True, 10)


def test_without_any_telemetry_nothing_is_made_and_the_function_runs() -> None:
    before = OUTBOX.used
    assert work() == 1
    with firsttoken.agent("planner", id="a1") as running:
        assert running.span is trace.INVALID_SPAN
        assert captured().agent_id == "a1"
    assert captured().agent_id is None
    assert OUTBOX.used is before
    assert destination.destination() is None


@pytest.mark.usefixtures("applications_own")
def test_without_instrument_spans_go_to_the_applications_own_provider(telemetry: CapturedTelemetry) -> None:
    with firsttoken.agent("planner"):
        work()
    handed_over()
    assert outcomes(telemetry) == [("work", "completed", "UNSET"), ("invoke_agent planner", "completed", "UNSET")]


@pytest.mark.usefixtures("applications_own")
def test_without_a_meter_provider_of_the_applications_there_are_no_metrics(telemetry: CapturedTelemetry) -> None:
    with firsttoken.agent("planner"):
        pass
    handed_over()
    assert telemetry.points == []
    assert destination.destination().metrics() is None  # type: ignore[union-attr]


@pytest.mark.usefixtures("applications_own")
def test_with_one_its_metrics_go_there(telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_internal, "_METER_PROVIDER", telemetry.meter_provider)
    monkeypatch.setattr(metrics_internal, "_METER_PROVIDER_SET_ONCE", Once())
    assert metrics.get_meter_provider() is telemetry.meter_provider
    with firsttoken.tool("search"):
        pass
    handed_over()
    assert [point["name"] for point in telemetry.points] == ["gen_ai.execute_tool.duration"]


@pytest.mark.usefixtures("applications_own")
def test_without_instrument_a_flush_waits_for_spans_all_the_same(telemetry: CapturedTelemetry) -> None:
    held = threading.Event()
    OUTBOX.put(lambda: held.wait(30))
    work()
    try:
        assert not firsttoken.flush(0.01)
    finally:
        held.set()
    assert firsttoken.flush(PATIENCE_S)
    assert outcomes(telemetry) == [("work", "completed", "UNSET")]


@pytest.mark.usefixtures("applications_own")
def test_a_flush_of_the_applications_provider_includes_what_waits_here(telemetry: CapturedTelemetry) -> None:
    work()
    telemetry.tracer_provider.force_flush()
    assert [span["name"] for span in telemetry.spans] == ["work"]


@pytest.mark.usefixtures("applications_own")
def test_what_instrument_names_comes_first_and_the_applications_own_provider_is_left_as_it_was(
    telemetry: CapturedTelemetry,
) -> None:
    work()
    with CapturedTelemetry() as other:
        observe(other)
        work()
        firsttoken.uninstrument()
        assert [span["name"] for span in other.spans] == ["work"]
    assert "force_flush" not in vars(telemetry.tracer_provider)
    work()
    telemetry.tracer_provider.force_flush()
    assert [span["name"] for span in telemetry.spans] == ["work", "work"]


def test_a_span_over_uninstrument_is_ended_where_it_began(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    planner = firsttoken.agent("planner")
    with instrumented():
        planner.__enter__()
    planner.__exit__(None, None, None)
    handed_over()
    assert outcomes(telemetry) == [("invoke_agent planner", "completed", "UNSET")]


def test_a_short_program_with_a_provider_of_its_own_sends_its_last_span() -> None:
    done = subprocess.run([sys.executable, "-c", SHORT_PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout.split("\n"), done.stderr) == (["work", "invoke_agent planner", ""], "")


@pytest.mark.parametrize("how", [(), ("instrument",), ("instrument", "shutdown")], ids=str)
def test_what_is_open_when_the_program_ends_is_abandoned_and_sent(how: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", ENDS_INSIDE, *how]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    sent = sorted(line for line in done.stdout.split("\n") if line)
    assert (sent, done.stderr) == (["invoke_agent background abandoned", "numbers abandoned"], "")


@pytest.mark.parametrize("how", [(), ("instrument",)], ids=str)
def test_a_child_process_sends_its_spans_before_it_ends(how: tuple[str, ...]) -> None:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", IN_A_CHILD, *how]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout.split(), done.stderr) == (["work"] * 3, "")


def test_importing_the_package_alone_imports_no_telemetry() -> None:
    code = "import sys, firsttoken; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
