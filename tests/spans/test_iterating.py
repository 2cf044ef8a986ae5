"""Generators: their span lasts as long as their iteration, and is current only while their own code runs."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from observing import observing
from opentelemetry import trace
from opentelemetry.trace import Tracer

import firsttoken
from firsttoken.testing import CapturedTelemetry
from spans.conftest import Instrumented, outcomes, parents

Log = list[object]


class Thrown(Exception):
    pass


def echoing(log: Log) -> Generator[Any, Any, str]:
    given: object = "start"
    while given != "stop":
        log.append(given)
        given = yield given
    return "said stop"


def catching(log: Log) -> Generator[Any, Any, str]:
    for count in range(3):
        try:
            log.append((yield count))
        except Thrown as thrown:
            log.append(type(thrown))
        finally:
            log.append("finally")
    return "done"


def refusing_once(log: Log) -> Generator[Any, Any, None]:
    try:
        log.append((yield "on"))
    except GeneratorExit:
        log.append("ignored")
        yield "still on"
    yield "over"


def leaving_quietly(log: Log) -> Generator[Any, Any, str]:
    try:
        log.append((yield 1))
    except (GeneratorExit, Thrown):
        return "left"
    return "ended"


def failing(log: Log) -> Generator[Any, Any, None]:
    log.append((yield 1))
    raise ValueError("no more")


def stopping(log: Log) -> Generator[Any, Any, None]:
    log.append((yield 1))
    next(iter(()))


def empty(log: Log) -> Generator[Any, Any, str]:
    log.append("ran")
    return "nothing"
    yield


BODIES = [echoing, catching, refusing_once, leaving_quietly, failing, stopping, empty]


def as_async(body: Callable[[Log], Generator[Any, Any, Any]]) -> Callable[[Log], AsyncGenerator[Any, Any]]:
    """The same body, which waits before each step but one that ends it, for nobody may be left who waits."""

    async def run(log: Log) -> AsyncGenerator[Any, Any]:
        inner, step = body(log), "send"
        given: object = None
        while True:
            if not isinstance(given, GeneratorExit):
                await asyncio.sleep(0)
            try:
                value = getattr(inner, step)(given)
            except StopIteration:
                return
            try:
                step, given = "send", (yield value)
            except BaseException as error:  # noqa: BLE001  it goes on inside
                step, given = "throw", error

    return run


SENDS = [("send", None), ("send", "more"), ("send", "stop")]
STEPS = st.sampled_from(
    [*SENDS, ("throw", Thrown()), ("throw", GeneratorExit()), ("throw", StopIteration()), ("close",)]
)


def told(step: Callable[[], object]) -> object:
    try:
        return step()
    except BaseException as error:  # noqa: BLE001  it is what is compared
        return type(error), error.args, type(error.__cause__)


async def async_told(step: Callable[[], Any]) -> object:
    try:
        return await step()
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001  it is what is compared
        return type(error), error.args, type(error.__cause__)


@settings(max_examples=150)
@given(body=st.sampled_from(BODIES), steps=st.lists(STEPS, max_size=6), instrument=st.booleans())
def test_whatever_is_done_with_a_generator_it_does_as_before(body: Any, steps: Any, instrument: bool) -> None:
    def run(function: Any) -> tuple[object, ...]:
        log: Log = []
        iterating = function(log)
        results = [told(lambda step=step: getattr(iterating, step[0])(*step[1:])) for step in steps]
        last = told(iterating.close)
        return results, last, log

    with into_one_span() if instrument else contextlib.nullcontext():
        assert run(firsttoken.traced(body)) == run(body)


@settings(max_examples=100)
@given(body=st.sampled_from(BODIES), steps=st.lists(STEPS, max_size=6), instrument=st.booleans())
def test_whatever_is_done_with_an_async_generator_it_does_as_before(body: Any, steps: Any, instrument: bool) -> None:
    async def run(function: Any) -> tuple[object, ...]:
        log: Log = []
        iterating = function(log)
        results = [await async_told(lambda step=step: getattr(iterating, f"a{step[0]}")(*step[1:])) for step in steps]
        last = await async_told(iterating.aclose)
        return results, last, log

    with into_one_span() if instrument else contextlib.nullcontext():
        assert asyncio.run(run(firsttoken.traced(as_async(body)))) == asyncio.run(run(as_async(body)))


@contextlib.contextmanager
def into_one_span() -> Iterator[None]:
    """At the most."""
    with CapturedTelemetry() as captured:
        with observing(captured):
            yield
        assert len(captured.spans) <= 1


@pytest.fixture
def numbers(tracer: Tracer) -> Callable[[], Generator[int, None, None]]:
    @firsttoken.traced(name="numbers")
    def numbers() -> Generator[int, None, None]:
        try:
            for number in range(3):
                tracer.start_span(f"inside {number}").end()
                yield number
        finally:
            tracer.start_span("cleaning up").end()

    return numbers


@pytest.fixture
def async_numbers(tracer: Tracer) -> Callable[[], AsyncGenerator[int, None]]:
    @firsttoken.traced(name="numbers")
    async def numbers() -> AsyncGenerator[int, None]:
        try:
            for number in range(3):
                await asyncio.sleep(0)
                tracer.start_span(f"inside {number}").end()
                yield number
        finally:
            await asyncio.sleep(0)
            tracer.start_span("cleaning up").end()

    return numbers


def test_the_span_is_current_inside_and_never_in_the_hands_of_the_consumer(
    numbers: Any, instrumented: Instrumented, telemetry: CapturedTelemetry, tracer: Tracer
) -> None:
    with instrumented(), tracer.start_as_current_span("consumer") as consumer:
        for number in numbers():
            assert trace.get_current_span() is consumer
            tracer.start_span(f"outside {number}").end()
    assert parents(telemetry) == {
        **{f"inside {number}": "numbers" for number in range(3)},
        **{f"outside {number}": "consumer" for number in range(3)},
        **{"cleaning up": "numbers", "numbers": "consumer", "consumer": None},
    }


def test_the_span_of_an_async_generator_is_current_inside_alone(
    async_numbers: Any, instrumented: Instrumented, telemetry: CapturedTelemetry, tracer: Tracer
) -> None:
    async def consume() -> None:
        with tracer.start_as_current_span("consumer") as consumer:
            async for number in async_numbers():
                assert trace.get_current_span() is consumer
                tracer.start_span(f"outside {number}").end()

    with instrumented():
        asyncio.run(consume())
    assert parents(telemetry) == {
        **{f"inside {number}": "numbers" for number in range(3)},
        **{f"outside {number}": "consumer" for number in range(3)},
        **{"cleaning up": "numbers", "numbers": "consumer", "consumer": None},
    }


def test_what_a_generator_makes_current_itself_is_current_when_it_goes_on(
    instrumented: Instrumented, telemetry: CapturedTelemetry, tracer: Tracer
) -> None:
    @firsttoken.traced(name="outer")
    def generator() -> Iterator[int]:
        with tracer.start_as_current_span("own"):
            yield 1
            tracer.start_span("later").end()
        yield 2
        tracer.start_span("last").end()

    with instrumented():
        for _ in generator():
            assert trace.get_current_span() is trace.INVALID_SPAN
    assert parents(telemetry) == {"later": "own", "own": "outer", "last": "outer", "outer": None}


def test_the_span_lasts_from_the_first_step_to_the_last(
    numbers: Any, instrumented: Instrumented, telemetry: CapturedTelemetry, tracer: Tracer
) -> None:
    with instrumented():
        iterating = numbers()
        tracer.start_span("before").end()
        next(iterating)
        tracer.start_span("between").end()
        assert list(iterating) == [1, 2]
    spans = {span["name"]: span for span in telemetry.spans}
    assert spans["before"]["end_unix_ns"] <= spans["numbers"]["start_unix_ns"] <= spans["between"]["start_unix_ns"]
    assert spans["cleaning up"]["end_unix_ns"] <= spans["numbers"]["end_unix_ns"]


@pytest.mark.parametrize("end", ["close", "drop", "never started, closed", "never started, dropped"])
def test_a_generator_that_is_left_early_is_closed_and_one_never_started_has_no_span(
    end: str, numbers: Any, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented():
        iterating = numbers()
        if not end.startswith("never"):
            assert next(iterating) == 0
        if end.endswith(("close", "closed")):
            iterating.close()
        del iterating
        gc.collect()
    expected = [] if end.startswith("never") else [("numbers", "closed", "UNSET")]
    assert outcomes(telemetry) == expected
    assert parents(telemetry).get("cleaning up") == (None if end.startswith("never") else "numbers")


def test_an_exception_out_of_a_generator_ends_its_span_with_it(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented():
        iterating = firsttoken.traced(name="one")(echoing)([])
        next(iterating)
        with pytest.raises(Thrown):
            iterating.throw(Thrown("in"))
        other = firsttoken.traced(name="other")(failing)([])
        next(other)
        with pytest.raises(ValueError, match="no more"):
            next(other)
    assert outcomes(telemetry) == [("one", "failed", "ERROR"), ("other", "failed", "ERROR")]
    assert [span["status_description"] for span in telemetry.spans] == ["in", "no more"]


def test_what_was_thrown_in_is_not_kept_alive(instrumented: Instrumented) -> None:
    import weakref

    class Heavy:
        pass

    def surviving() -> Iterator[None]:
        while True:
            with contextlib.suppress(Thrown):
                yield

    def throw(iterating: Any) -> weakref.ref[Heavy]:
        heavy = Heavy()
        iterating.throw(Thrown(heavy))
        return weakref.ref(heavy)

    with instrumented():
        iterating: Any = firsttoken.traced(surviving)()
        next(iterating)
        gc.disable()
        try:
            # More than once, for others may hold on to what was raised for a moment.
            assert None in [throw(iterating)() for _ in range(5)]
        finally:
            gc.enable()
        iterating.close()


def test_every_step_may_be_taken_by_another_thread(
    numbers: Any, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented():
        iterating, got = numbers(), []
        for _ in range(4):
            thread = threading.Thread(target=lambda: got.append(next(iterating, "end")))
            thread.start()
            thread.join()
    assert got == [0, 1, 2, "end"]
    assert {name: parent for name, parent in parents(telemetry).items() if parent} == {
        **{f"inside {number}": "numbers" for number in range(3)},
        "cleaning up": "numbers",
    }


def test_every_step_may_be_taken_by_another_task_in_a_context_of_its_own(
    async_numbers: Any, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    async def consume() -> list[object]:
        iterating = async_numbers()
        steps = (asyncio.create_task(anext(iterating, "end"), context=contextvars.Context()) for _ in range(4))
        return [await step for step in steps]

    with instrumented():
        assert asyncio.run(consume()) == [0, 1, 2, "end"]
    assert outcomes(telemetry) == [("numbers", "completed", "UNSET")]
    assert parents(telemetry)["cleaning up"] == "numbers"


@pytest.mark.parametrize("end", ["aclose", "aclosing", "break and collect", "the event loop ends"])
def test_an_async_generator_that_is_left_early_is_closed_within_its_span(
    end: str, async_numbers: Any, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    kept: list[Any] = []

    async def consume() -> None:
        iterating = async_numbers()
        if end == "aclosing":
            async with aclosing(iterating):
                await anext(iterating)
            return
        await anext(iterating)
        if end == "aclose":
            await iterating.aclose()
        elif end == "break and collect":
            del iterating
            gc.collect()
            await asyncio.sleep(0)  # Then the event loop has a task that closes it.
            await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
        else:
            kept.append(iterating)

    with instrumented():
        asyncio.run(consume())
    assert outcomes(telemetry) == [("numbers", "closed", "UNSET")]
    assert parents(telemetry)["cleaning up"] == "numbers"


def test_many_async_generators_that_are_open_when_the_event_loop_ends_are_closed_without_a_word(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    kept: list[Any] = []
    complaints: list[Any] = []

    @firsttoken.traced(name="slow")
    async def slow() -> AsyncGenerator[int, None]:
        try:
            yield 1
        finally:
            for _ in range(5):
                await asyncio.sleep(0)

    async def consume() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: complaints.append(what))
        for _ in range(20):
            kept.append(slow())
            await anext(kept[-1])

    with instrumented():
        asyncio.run(consume())
    assert outcomes(telemetry) == [("slow", "closed", "UNSET")] * 20
    assert complaints == []


def test_on_trio_it_is_the_same(instrumented: Instrumented, telemetry: CapturedTelemetry, tracer: Tracer) -> None:
    @firsttoken.traced(name="numbers")
    async def numbers() -> AsyncGenerator[int, None]:
        try:
            for number in range(3):
                await trio.lowlevel.checkpoint()
                yield number
        finally:
            tracer.start_span("cleaning up").end()

    async def consume() -> list[int]:
        async with aclosing(numbers()) as closed_early:
            await anext(closed_early)
        return [number async for number in numbers()]

    with instrumented():
        assert trio.run(consume) == [0, 1, 2]
    assert outcomes(telemetry) == [("numbers", "closed", "UNSET"), ("numbers", "completed", "UNSET")]


def test_a_consumer_that_is_cancelled_while_the_body_waits_leaves_no_error(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    @firsttoken.traced(name="waiting")
    async def waiting(reached: asyncio.Event) -> AsyncGenerator[int, None]:
        reached.set()
        await asyncio.get_running_loop().create_future()
        yield 1

    async def cancel() -> None:
        reached = asyncio.Event()
        task = asyncio.create_task(anext(waiting(reached)))  # type: ignore[arg-type]
        await reached.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    with instrumented():
        asyncio.run(cancel())
    assert outcomes(telemetry) == [("waiting", "cancelled", "UNSET")]
