"""Whatever fails on our side of a call, and in the telemetry behind it, the caller sees nothing of it."""

from __future__ import annotations

import functools
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from dataclasses import replace
from types import FunctionType
from typing import Any, NoReturn

import pytest
from opentelemetry._logs import NoOpLoggerProvider
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace import NoOpTracerProvider
from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.emit import ProviderTraceEmitter
from firsttoken.observe import body, ended, failure, native, recording, seam, weight
from firsttoken.pipeline import Pipeline
from firsttoken.pricing import PriceBook
from firsttoken.providers import names
from firsttoken.testing import CapturedTelemetry, Delivery, ErrorAnswer, ProviderServer, text_answer
from observe.asking import opened, read, streamed, using, whole
from observe.breaking import breakable, broken, called
from observe.program import Program
from observe.surfaces import REQUESTS, resource
from observe.watching import raised, reset_alike, shown

Instrumented = Callable[..., AbstractContextManager[None]]

# A stream that nobody closes, for the step that would have is broken, is the SDK's own to complain of.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <async_generator:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def leaves_no_garbage() -> Iterator[None]:
    """What complains as it is collected does so here, and not in a test to come."""
    yield
    gc.collect()


class Broken(Exception):
    """The fault that is put in."""


def fault(*args: Any, **kwargs: Any) -> NoReturn:
    raise Broken(args, kwargs)


class BrokenSampler(Sampler):
    def should_sample(self, *args: Any, **kwargs: Any) -> Any:
        fault()

    def get_description(self) -> str:
        return "broken"


class BrokenStart(SpanProcessor):
    def on_start(self, *args: Any, **kwargs: Any) -> None:
        fault()


class BrokenEnd(SpanProcessor):
    def on_end(self, *args: Any, **kwargs: Any) -> None:
        fault()


class BrokenExporter(SpanExporter):
    def export(self, *args: Any, **kwargs: Any) -> Any:
        fault()


class BrokenLogs(LogRecordProcessor):
    def on_emit(self, *args: Any, **kwargs: Any) -> None:
        fault()

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


class BrokenMeterProvider(MeterProvider):
    def get_meter(self, *args: Any, **kwargs: Any) -> Any:
        fault()


PLAIN = Settings()
FUNCTIONS_ON_THE_PATH = 50
"""So many were found, and more: fewer would mean that the search has become blind."""


def tracing(*processors: SpanProcessor, sampler: Sampler | None = None) -> TracerProvider:
    provider = TracerProvider(sampler, shutdown_on_exit=False)
    for processor in processors:
        provider.add_span_processor(processor)
    return provider


BROKEN_TELEMETRY: dict[str, Callable[[], dict[str, Any]]] = {
    "sampler": lambda: {"tracer_provider": tracing(sampler=BrokenSampler())},
    "span processor at the start": lambda: {"tracer_provider": tracing(BrokenStart())},
    "span processor at the end": lambda: {"tracer_provider": tracing(BrokenEnd())},
    "span exporter": lambda: {"tracer_provider": tracing(SimpleSpanProcessor(BrokenExporter()))},
    "meter provider": lambda: {"meter_provider": BrokenMeterProvider(shutdown_on_exit=False)},
    "log processor": lambda: {"logger_provider": logging_to(BrokenLogs())},
    "providers that do nothing": lambda: {
        "tracer_provider": NoOpTracerProvider(),
        "meter_provider": NoOpMeterProvider(),
        "logger_provider": NoOpLoggerProvider(),
    },
    "no providers at all": lambda: {
        "tracer_provider": object(),
        "meter_provider": object(),
        "logger_provider": object(),
    },
}


@contextmanager
def observed(telemetry: CapturedTelemetry, settings: Settings = PLAIN, **broken: Any) -> Iterator[None]:
    providers = {
        "tracer_provider": telemetry.tracer_provider,
        "meter_provider": telemetry.meter_provider,
        "logger_provider": telemetry.logger_provider,
    }
    firsttoken.instrument(settings, **(providers | broken))
    try:
        yield
    finally:
        firsttoken.flush()
        firsttoken.uninstrument()


async def everyday(program: Program, client: Any) -> list[object]:
    """A whole answer, bytes, streams that end in several ways, and errors: what the program saw of them."""
    seen: list[object] = [shown(await whole(program, client)), *await some_bytes(program, client)]
    seen += [shown(chunk) for chunk in await streamed(program, client)]
    stream = await opened(program, client)
    seen.append(shown(await program.next(program.iterate(stream))))
    await program.close(stream)
    del stream
    for ask in (whole, streamed):
        try:
            await ask(program, client)
        except Exception as error:  # noqa: BLE001  to be compared
            seen.append(raised(error))
    return reset_alike(seen)


async def some_bytes(program: Program, client: Any) -> list[bytes]:
    """A stream that the program reads by itself."""
    name = "openai" if hasattr(client, "chat") else "anthropic"
    manager = resource(client).with_streaming_response.create(stream=True, **REQUESTS[name])
    response = await program.enter(manager)
    pieces = await read(program, response.iter_bytes())
    await program.leave(manager)
    return [b"".join(pieces)]


ANSWER = replace(text_answer("One", " two"), id="answer-1")
EVERYDAY = (
    *[ANSWER] * 4,
    ErrorAnswer(status=429, headers={"retry-after-ms": "1"}),
    ErrorAnswer(status=400),
    replace(ANSWER, delivery=Delivery(stop_after=2)),
)


def run_everyday(program: Program, sdk: str) -> list[object]:
    with ProviderServer() as server:
        server.enqueue(*EVERYDAY)
        return using(program, sdk, server, lambda client: everyday(program, client), max_retries=1)


@functools.cache
def bare_everyday(program: Program, sdk: str) -> list[object]:
    """What the program sees where nobody observes it, which is always the same."""
    firsttoken.uninstrument()
    return run_everyday(program, sdk)


@pytest.mark.parametrize("broken", BROKEN_TELEMETRY)
def test_telemetry_that_raises_or_is_missing_is_invisible_to_the_caller(
    broken: str, sdk: str, program: Program, telemetry: CapturedTelemetry
) -> None:
    bare = bare_everyday(program, sdk)
    with observed(telemetry, **BROKEN_TELEMETRY[broken]()):
        assert run_everyday(program, sdk) == bare


@pytest.mark.parametrize("broken", [name for name in BROKEN_TELEMETRY if "providers" not in name])
def test_one_signal_that_fails_takes_no_other_with_it(
    broken: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    with observed(telemetry, **BROKEN_TELEMETRY[broken]()):
        using(program, "openai", server, lambda client: streamed(program, client))
    signals = {
        "spans": len(telemetry.spans),
        "metrics": len(telemetry.points_of("gen_ai.client.inference.duration")),
        "logs": len(telemetry.logs),
    }
    failing = {"log processor": "logs", "meter provider": "metrics"}.get(broken, "spans")
    assert {"spans": 1, "metrics": 1, "logs": 1} | {failing: 0} == signals


STEPS: dict[str, tuple[object, str]] = {
    "read a request": (seam.Seam, "described"),
    "name the provider": (names.ProviderNames, "of"),
    "ask for usage": (seam.Seam, "_asking_for_usage"),
    "look for native spans": (seam, "native_spans"),
    "adopt a native span": (native, "_adopt"),
    "lend a span": (native, "LentSpan"),
    "find the call of a retry": (seam, "AnswerHook"),
    "make the span current": (seam, "context"),
    "make a recording": (seam, "Recording"),
    "start a call": (Pipeline, "started"),
    "see a response": (seam.AnswerHook, "see_response"),
    "watch a stream": (seam, "watch_stream"),
    "watch bytes": (seam, "watch_bytes"),
    "see a body close": (body, "_generator_closing"),
    "put the iterator in": (seam, "observed"),
    "put the async iterator in": (seam, "AsyncObserved"),
    "begin a stream": (recording.Recording, "streaming"),
    "take in a chunk": (recording.Recording, "chunk"),
    "judge an error": (recording, "outcome_of"),
    "keep an error": (recording, "failure_of"),
    "keep frames": (recording, "frames_of"),
    "format frames": (ended, "stacktrace"),
    "tell an error": (failure, "error_type"),
    "read an error": (failure, "facts_of"),
    "read an error event": (failure, "facts_in"),
    "class an error": (failure, "category_of"),
    "place an error": (failure, "stage_of"),
    "read a wait": (failure, "retry_after_ns"),
    "hand it over": (Pipeline, "finished"),
    "hand times over": (Pipeline, "gaps"),
    "make the record": (recording, "call_of"),
    "price it": (PriceBook, "price"),
    "emit it": (Pipeline, "_emit"),
    "emit its provider trace": (ProviderTraceEmitter, "emit"),
    "weigh a request": (weight.Weight, "asked_by"),
    "weigh an answer": (weight.Weight, "settle"),
    "count its events": (ended, "_events"),
    "forget it": (recording.Recording, "forget"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_bug_of_ours_is_invisible_to_the_caller(
    step: str, sdk: str, program: Program, telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = bare_everyday(program, sdk)
    with observed(telemetry), monkeypatch.context() as patch:
        patch.setattr(*STEPS[step], fault)
        assert run_everyday(program, sdk) == bare


@pytest.mark.filterwarnings("ignore:Assigning a code object of non-matching type:DeprecationWarning")
def test_a_bug_in_any_function_of_ours_on_the_callers_path_is_invisible_to_the_caller(
    sdk: str, program: Program, telemetry: CapturedTelemetry
) -> None:
    """Also in one that is written tomorrow: the functions are found by running."""

    def visible(function: FunctionType) -> bool:
        with broken(function):
            try:
                # In a context of its own: what a broken step does not restore must not reach other tests.
                return copy_context().run(run_everyday, program, sdk) != bare
            except Exception:  # noqa: BLE001  the caller has seen it
                return True

    bare = bare_everyday(program, sdk)
    with observed(telemetry, Settings(capture_content="SPAN_AND_EVENT")):
        found = dict(breakable(called(lambda: run_everyday(program, sdk))))
        assert [name for name, function in found.items() if visible(function)] == []
    assert len(found) > FUNCTIONS_ON_THE_PATH


SWITCHED_OFF = """
import anthropic, openai, firsttoken
from firsttoken.guard import troubles
from firsttoken.testing import ProviderServer
firsttoken.instrument()
ask = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
with ProviderServer() as server:
    with openai.OpenAI(api_key="k", base_url=server.openai_base_url) as client:
        client.chat.completions.create(**ask)
        list(client.chat.completions.create(stream=True, **ask))
    with anthropic.Anthropic(api_key="k", base_url=server.anthropic_base_url) as client:
        list(client.messages.create(max_tokens=9, stream=True, **ask))
print(firsttoken.flush(), dict(troubles), {request.headers.get("traceparent") for request in server.requests})
"""


def test_a_program_in_which_opentelemetry_is_switched_off_runs_as_ever() -> None:
    environment = os.environ | {"OTEL_SDK_DISABLED": "true", "FIRSTTOKEN_EXIT_TIMEOUT_S": "30"}
    ended = subprocess.run(
        [sys.executable, "-c", SWITCHED_OFF], env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("True {} {None}\n", "")


class Block:
    """Holds up whoever comes until it is let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.reached = threading.Event()

    def hold(self, *args: Any, **kwargs: Any) -> None:
        self.reached.set()
        self.go.wait(30)


class BlockingEnd(Block, SpanProcessor):
    on_end = Block.hold


class BlockingExporter(Block, SpanExporter):
    export = Block.hold  # type: ignore[assignment]


class BlockingLogs(Block, LogRecordProcessor):
    on_emit = Block.hold

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True


class BlockingMeterProvider(Block, MeterProvider):
    """Is slow to make a meter, as one is whose reader is just collecting."""

    def __init__(self) -> None:
        Block.__init__(self)
        MeterProvider.__init__(self, shutdown_on_exit=False)

    def get_meter(self, *args: Any, **kwargs: Any) -> Any:
        self.hold()
        return super().get_meter(*args, **kwargs)


def logging_to(processor: LogRecordProcessor) -> LoggerProvider:
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(processor)
    return provider


BLOCKING: dict[str, tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]] = {
    "span processor": (BlockingEnd, lambda blocking: {"tracer_provider": tracing(blocking)}),
    "span exporter": (BlockingExporter, lambda blocking: {"tracer_provider": tracing(SimpleSpanProcessor(blocking))}),
    "log processor": (BlockingLogs, lambda blocking: {"logger_provider": logging_to(blocking)}),
    "meter provider": (BlockingMeterProvider, lambda blocking: {"meter_provider": blocking}),
}


@pytest.mark.parametrize("part", BLOCKING)
def test_telemetry_that_blocks_delays_no_caller(
    part: str, sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    make, given = BLOCKING[part]
    blocking = make()
    with observed(telemetry, **given(blocking)):
        try:
            using(program, sdk, server, lambda client: streamed(program, client))
            assert blocking.reached.wait(30)
            assert using(program, sdk, server, lambda client: whole(program, client))
            assert not firsttoken.flush(0.05)
        finally:
            blocking.go.set()
        assert firsttoken.flush(PATIENCE_S)
    assert sum(point["count"] for point in telemetry.points_of("gen_ai.client.inference.duration")) == (
        0 if part == "meter provider" else 2
    )


class Flushing(SpanProcessor):
    """Flushes whenever a span ends, as processors for short-lived functions do."""

    def __init__(self, provider: TracerProvider) -> None:
        self.provider = provider
        self.flushed: list[object] = []

    def on_end(self, *args: Any, **kwargs: Any) -> None:
        self.flushed += [firsttoken.flush(2), self.provider.force_flush(2_000)]

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return True  # That of the base class says nothing in old versions, which is taken for a no.


def test_a_span_processor_that_flushes_does_not_wait_for_itself(
    program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    flushing = Flushing(telemetry.tracer_provider)
    telemetry.tracer_provider.add_span_processor(flushing)
    with observed(telemetry):
        using(program, "openai", server, lambda client: whole(program, client))
        assert firsttoken.flush(1)
    assert flushing.flushed == [True, True]


def test_an_error_whose_own_methods_raise_is_passed_on_and_recorded(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry
) -> None:
    class Unspeakable(Exception):
        __str__ = fault

    def hook(request: object) -> None:
        raise Unspeakable

    async def async_hook(request: object) -> None:
        raise Unspeakable

    async def ask(client: Any) -> None:
        client._client.event_hooks = {"request": [hook if program.name == "sync" else async_hook]}
        await whole(program, client)

    with observed(telemetry), pytest.raises(Exception):  # noqa: B017, PT011  its text cannot be matched
        using(program, sdk, server, ask)
    (span,) = telemetry.spans
    assert span["attributes"]["firsttoken.outcome"] == "failed"


def test_reading_goes_on_after_a_chunk_that_we_cannot_read(
    program: Program, telemetry: CapturedTelemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(client: Any) -> int:
        return len(await read(program, await opened(program, client)))

    with ProviderServer(lambda request: text_answer("One", " two")) as server, observed(telemetry):
        expected = using(program, "openai", server, work)
        with monkeypatch.context() as patch:
            patch.setattr(recording.Recording, "chunk", fault)
            assert expected == using(program, "openai", server, work)
    assert len(telemetry.spans) == 2
