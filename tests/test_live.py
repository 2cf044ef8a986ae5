"""What a program says of its calls while they run, and what the store makes of it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace

import openai
import pytest
from described import CHAT
from observe.asking import streamed, using
from observe.fixtures import instrumented, program, sdk, server, telemetry
from observe.program import Program
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, Sampler
from opentelemetry.trace import set_span_in_context
from patience import until

from firsttoken import Settings
from firsttoken.analyse import find_call, recent_calls
from firsttoken.analyse.running import RunningCall, running_calls
from firsttoken.call import Outcome
from firsttoken.emit.running import RunningEmitter
from firsttoken.live import Live
from firsttoken.observe.recording import MARKS_HELD, Recording
from firsttoken.pipeline import PIPELINES
from firsttoken.providers.openai_chat import OpenAIChat
from firsttoken.receive.ports import ServeSettings
from firsttoken.serve import Server
from firsttoken.store import Store
from firsttoken.testing import CapturedLog, CapturedTelemetry, Delivery, Gate, ProviderServer, text_answer

__all__ = ["instrumented", "program", "sdk", "server", "telemetry"]

Instrumented = Callable[..., AbstractContextManager[None]]
STARTED, PROGRESS = "firsttoken.call.started", "firsttoken.call.progress"
SECOND_NS = 10**9
BEGAN_UNIX_NS = 1_700_000_000_000_000_000


class NoSink:
    def started(self, recording: Recording) -> None:
        pass

    gaps = finished = started


@dataclass
class Clocked:
    """Calls on a clock that stands still until it is told otherwise."""

    telemetry: CapturedTelemetry
    now: int = 5
    live: Live = field(init=False)

    def __post_init__(self) -> None:
        logger = self.telemetry.logger_provider.get_logger("test")
        self.live = Live(lambda: RunningEmitter(logger))

    def call(self, sampler: Sampler = ALWAYS_ON, *, stream: bool = True) -> Recording:
        recording = Recording(replace(CHAT, stream=stream), OpenAIChat(), NoSink(), lambda: self.now)
        recording.started_unix_ns = BEGAN_UNIX_NS
        recording.context = context_of(sampler)
        return recording

    def look(self, seconds: float, *running: Recording) -> list[CapturedLog]:
        """What is said when so much more time has passed."""
        self.now += round(seconds * SECOND_NS)
        before = len(self.telemetry.logs)
        self.live.look(running)
        return self.telemetry.logs[before:]


def context_of(sampler: Sampler) -> Context:
    return set_span_in_context(TracerProvider(sampler=sampler).get_tracer("test").start_span("chat"))


@pytest.fixture
def clocked(telemetry: CapturedTelemetry) -> Clocked:
    return Clocked(telemetry)


def test_a_call_is_told_once_after_half_a_second_and_then_every_two(clocked: Clocked) -> None:
    call = clocked.call()
    told = [[log["event_name"] for log in clocked.look(after, call)] for after in (0.4, 0.2, 1.9, 0.2, 1.9, 0.2)]
    assert told == [[], [STARTED], [], [PROGRESS], [], [PROGRESS]]


def test_it_says_whose_call_it_is_when_it_began_and_how_far_it_is(clocked: Clocked) -> None:
    call = clocked.call()
    (started,) = clocked.look(1, call)
    call.marks += [call.start + 10, call.start + 2 * SECOND_NS, call.start + 2 * SECOND_NS]
    (progress,) = clocked.look(2, call)
    shared = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "firsttoken.call.started_unix_ns": BEGAN_UNIX_NS,
    }
    assert shared.items() <= started["attributes"].items()
    assert started["time_unix_ns"] == BEGAN_UNIX_NS
    more = {"firsttoken.chunk.count": 1, "gen_ai.response.time_to_first_chunk": 2.0}
    assert progress["attributes"] == {**started["attributes"], **more}
    assert started["span_id"] == progress["span_id"] != "0" * 16


def test_chunks_that_were_handed_on_are_counted_too(clocked: Clocked) -> None:
    call = clocked.call()
    call.streaming()
    clocked.look(1, call)
    for number in range(MARKS_HELD):
        call.chunk(call.start + number, call.start + number + 1, None)
    (progress,) = clocked.look(2, call)
    assert progress["attributes"]["firsttoken.chunk.count"] == MARKS_HELD


class LookedAt(list[int]):
    """Marks that somebody asks for what came in the middle of their being handed on."""

    def __init__(self, ask: Callable[[], object]) -> None:
        self.ask = ask
        self.told: list[object] = []

    def clear(self) -> None:
        self.told.append(self.ask())
        super().clear()
        self.told.append(self.ask())


def test_chunks_are_counted_once_while_they_are_handed_on(clocked: Clocked) -> None:
    call = clocked.call()
    call.streaming()
    call.marks = marks = LookedAt(lambda: (call.chunks_so_far, call.first_chunk_ns))
    for number in range(MARKS_HELD + 1):
        call.chunk(call.start + number, call.start + number + 7, None)
        assert (call.chunks_so_far, call.first_chunk_ns) == (number + 1, 7)
    assert marks.told == [(MARKS_HELD // 2, 7)] * 2 + [(MARKS_HELD, 7)] * 2


def test_a_call_without_a_stream_has_no_chunks_to_count(clocked: Clocked) -> None:
    call = clocked.call(stream=False)
    clocked.look(1, call)
    (progress,) = clocked.look(2, call)
    assert "firsttoken.chunk.count" not in progress["attributes"]


def test_nothing_is_said_of_a_call_that_has_ended_or_whose_span_is_not_sampled(clocked: Clocked) -> None:
    unsampled, spanless, ended = clocked.call(ALWAYS_OFF), clocked.call(), clocked.call()
    spanless.context = None
    assert [log["event_name"] for log in clocked.look(1, ended)] == [STARTED]
    ended.finish(Outcome.CLOSED)
    assert clocked.look(5, unsampled, spanless, ended) == []


def test_a_call_is_not_kept_alive_by_what_is_said_of_it(clocked: Clocked) -> None:
    call = clocked.call()
    clocked.look(1, call)
    gone = weakref.ref(call)
    del call
    gc.collect()
    assert gone() is None


def test_a_stream_that_is_slow_is_told_while_it_runs(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    gate, told = Gate(), list[CapturedLog]()
    server.enqueue(text_answer(delivery=Delivery(before={2: gate})))

    def watch() -> None:
        gate.wait_until_reached()
        until(lambda: len(telemetry.logs) > 0)
        told.extend(telemetry.logs)
        gate.open()

    watching = threading.Thread(target=watch)
    watching.start()
    with instrumented(Settings(live=True)):
        using(program, sdk, server, lambda client: streamed(program, client))
    watching.join()
    (span,) = telemetry.spans
    assert {(log["event_name"], log["span_id"], log["trace_id"]) for log in told} == {
        (STARTED, span["span_id"], span["trace_id"])
    }
    assert telemetry.logs[-1]["event_name"] not in (STARTED, PROGRESS)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_says_nothing_of_its_parents_calls(server: ProviderServer, instrumented: Instrumented) -> None:
    with (
        instrumented(Settings(live=True)),
        openai.OpenAI(base_url=server.openai_base_url, api_key="none") as client,
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], stream=True) as stream,
    ):
        next(stream)
        assert sum(pipeline.open_calls for pipeline in PIPELINES) == 1
        child = os.fork()
        if child == 0:
            os._exit(sum(pipeline.open_calls for pipeline in PIPELINES))
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


PROGRAM = """
import sys
import openai
import firsttoken

firsttoken.instrument()
client = openai.OpenAI(base_url=sys.argv[1], api_key="none")
asked = [{"role": "user", "content": "Hi"}]
for chunk in client.chat.completions.create(model="gpt-4o-mini", messages=asked, stream=True):
    pass
firsttoken.flush()
"""


@contextmanager
def asking(server: ProviderServer, endpoint: str) -> Iterator[subprocess.Popen[bytes]]:
    quiet = {f"OTEL_{each}_EXPORTER": "none" for each in ("TRACES", "METRICS", "LOGS")}
    more = {"FIRSTTOKEN_LIVE": "true", "FIRSTTOKEN_LOCAL_ENDPOINT": endpoint, "OTEL_SERVICE_NAME": "shop"}
    command = [sys.executable, "-c", PROGRAM, server.openai_base_url]
    with subprocess.Popen(command, env={**os.environ, **quiet, **more}) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.fixture
def local_half() -> Iterator[tuple[Store, str]]:
    with Store.open(None) as store, Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=None)) as half:
        endpoint = half.ports.http_endpoint
        assert endpoint is not None
        yield store, endpoint


def running_in(store: Store, later_s: float = 0) -> tuple[RunningCall, ...]:
    return running_calls(store, time.time_ns() + round(later_s * SECOND_NS))


def test_a_call_of_a_program_that_is_killed_is_lost_with_all_that_was_known_of_it(
    server: ProviderServer, local_half: tuple[Store, str]
) -> None:
    store, endpoint = local_half
    server.enqueue(text_answer(delivery=Delivery(before={3: Gate()})))
    with asking(server, endpoint) as running:
        until(lambda: any(call.chunk_count for call in running_in(store)))
        os.kill(running.pid, signal.SIGKILL)
    (lost,) = running_in(store, later_s=60)
    assert (lost.service, lost.provider, lost.model, lost.operation, lost.stream) == (
        "shop",
        "openai",
        "gpt-4o-mini",
        "chat",
        True,
    )
    assert (lost.chunk_count, lost.lost) == (3, True)
    assert lost.first_chunk_ns is not None
    assert 0 < lost.started_unix_ns < lost.started_unix_ns + lost.first_chunk_ns < lost.last_sign_unix_ns
    assert recent_calls(store) == []
    assert running_in(store, later_s=3700) == ()


def test_a_call_that_ends_runs_no_more_and_shows_nothing_of_what_was_said_meanwhile(
    server: ProviderServer, local_half: tuple[Store, str]
) -> None:
    store, endpoint = local_half
    gate = Gate()
    server.enqueue(text_answer(delivery=Delivery(before={3: gate})))
    with asking(server, endpoint):
        until(lambda: len(running_in(store)) == 1)
        (seen,) = running_in(store)
        gate.open()
        until(lambda: len(recent_calls(store)) == 1)
        until(lambda: running_in(store) == ())
    (row,) = recent_calls(store)
    assert (row.trace_id, row.span_id, row.call.timing.started_unix_ns) == (
        seen.trace_id,
        seen.span_id,
        seen.started_unix_ns,
    )
    detail = find_call(store, row.trace_id, row.span_id)
    assert detail is not None
    assert [event.name for event in detail.log_events] == ["gen_ai.client.inference.operation.details"]
