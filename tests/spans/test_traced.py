"""`@firsttoken.traced` around functions and methods: what they are, give and raise stays theirs."""

from __future__ import annotations

import asyncio
import copy
import inspect
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.trace import SpanKind, Tracer
from patience import PATIENCE_S

import firsttoken
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry
from spans.conftest import Instrumented, outcomes, parents


def plain(one: int, /, two: int = 2, *, three: int = 3) -> int:
    """A function of the application."""
    return one + two + three


async def coroutine(one: int, /, two: int = 2, *, three: int = 3) -> int:
    """A function of the application."""
    return one + two + three


def generator(one: int, /, two: int = 2, *, three: int = 3) -> Iterator[int]:
    """A function of the application."""
    yield from (one, two, three)


async def async_generator(one: int, /, two: int = 2, *, three: int = 3) -> AsyncIterator[int]:
    """A function of the application."""
    for value in (one, two, three):
        yield value


FUNCTIONS: list[Callable[..., Any]] = [plain, coroutine, generator, async_generator]
QUESTIONS: list[Callable[[Any], Any]] = [
    inspect.signature,
    inspect.isfunction,
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
    inspect.getdoc,
    inspect.getsource,
    inspect.unwrap,
    lambda function: function.__name__,
    lambda function: function.__qualname__,
    lambda function: function.__module__,
    lambda function: function.__annotations__,
]


class Application:
    def __init__(self, name: str) -> None:
        self.name = name

    @firsttoken.traced
    def method(self, more: str) -> str:
        return self.name + more

    @firsttoken.traced
    async def async_method(self, more: str) -> str:
        return self.name + more

    @firsttoken.traced
    @classmethod
    def of_class(cls, more: str) -> str:
        return cls.__name__ + more

    @classmethod
    @firsttoken.traced
    def of_class_inside(cls, more: str) -> str:
        return cls.__name__ + more

    @firsttoken.traced
    @staticmethod
    async def alone(more: str) -> str:
        return more

    @property
    @firsttoken.traced
    def computed(self) -> str:
        return self.name


class Derived(Application):
    def method(self, more: str) -> str:
        return super().method(more) + "!"


@firsttoken.traced
def of_module(value: int) -> int:
    return value


def given(made: Any) -> Any:
    """What a call gives in the end, whatever kind of function it was."""

    async def waited() -> Any:
        return [value async for value in made] if inspect.isasyncgen(made) else await made

    if inspect.isawaitable(made) or inspect.isasyncgen(made):
        return asyncio.run(waited())
    return list(made) if inspect.isgenerator(made) else made


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_function_answers_every_question_as_before(function: Any) -> None:
    decorated = firsttoken.traced(name="other")(function)
    unwrapped = inspect.unwrap(decorated)
    assert unwrapped is function
    for ask in QUESTIONS:
        if ask is not inspect.unwrap:
            assert ask(decorated) == ask(function)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_what_a_call_makes_is_what_it_made_before(function: Any, instrumented: Instrumented) -> None:
    with instrumented():
        made, plain_made = firsttoken.traced(function)(1, three=5), function(1, three=5)
        assert type(made) is type(plain_made)
        if type(made) is not int:
            assert (made.__name__, made.__qualname__) == (plain_made.__name__, plain_made.__qualname__)
        assert given(made) == given(plain_made)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_a_call_is_one_span_without_any_argument(
    function: Any, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented():
        given(firsttoken.traced(function)(1, three=5))
    (span,) = telemetry.spans
    assert (function.__qualname__, "INTERNAL", "firsttoken") == (span["name"], span["kind"], span["scope"])
    assert (span["status"], span["attributes"], span["events"]) == ("UNSET", {"firsttoken.outcome": "completed"}, [])
    assert span["start_unix_ns"] < span["end_unix_ns"]


def test_name_attributes_and_kind_are_there_when_a_sampler_decides(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    seen: list[Any] = []

    class Looking(SpanProcessor):
        def on_start(self, span: Span, parent_context: Any = None) -> None:
            seen.append((span.name, dict(span.attributes or {}), span.kind))

    telemetry.tracer_provider.add_span_processor(Looking())
    with instrumented():
        firsttoken.traced(name="load", attributes={"size": 3}, kind=SpanKind.CONSUMER)(plain)(1)
    assert seen == [("load", {"size": 3}, SpanKind.CONSUMER)]


def test_methods_of_every_kind_get_what_they_are_called_on(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    with instrumented():
        application = Derived("a")
        assert application.method("b") == "ab!"
        assert Application.method(application, "b") == "ab"
        assert asyncio.run(application.async_method("b")) == "ab"
        assert (Derived.of_class("b"), Derived("a").of_class("b")) == ("Derivedb", "Derivedb")
        assert Derived.of_class_inside("b") == "Derivedb"
        assert (asyncio.run(Application.alone("b")), asyncio.run(application.alone("c"))) == ("b", "c")
        assert application.computed == "a"
    assert [span["name"].removeprefix("Application.") for span in telemetry.spans] == [
        *("method", "method", "async_method", "of_class", "of_class", "of_class_inside", "alone", "alone", "computed")
    ]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_functions_and_methods_can_be_pickled_and_copied(protocol: int) -> None:
    assert pickle.loads(pickle.dumps(of_module, protocol)) is of_module  # noqa: S301  our own
    assert copy.deepcopy(of_module) is copy.copy(of_module) is of_module
    application = Application("a")
    assert copy.copy(application.method)("b") == copy.deepcopy(application.method)("b") == "ab"
    assert copy.deepcopy(application.method).__self__ is not application
    assert pickle.loads(pickle.dumps(application.method, protocol))("b") == "ab"  # noqa: S301  our own
    assert pickle.loads(pickle.dumps(Application.of_class, protocol))("b") == "Applicationb"  # noqa: S301  our own


@pytest.mark.parametrize("thing", [Application, 7, "name"], ids=["class", "number", "text"])
def test_what_is_no_function_is_refused_where_it_is_decorated(thing: Any) -> None:
    with pytest.raises(TypeError, match="around a function or a method"):
        firsttoken.traced(thing)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_wrong_arguments_are_the_callers_own_error(function: Any, instrumented: Instrumented) -> None:
    with instrumented(), pytest.raises(TypeError, match="unexpected keyword argument 'four'"):
        given(firsttoken.traced(function)(1, four=4))


def test_calls_inside_are_children_and_those_after_are_not(
    instrumented: Instrumented, telemetry: CapturedTelemetry, tracer: Tracer
) -> None:
    @firsttoken.traced(name="inner")
    async def inner() -> None:
        await asyncio.sleep(0)
        tracer.start_span("work").end()

    @firsttoken.traced(name="outer")
    async def outer() -> None:
        await asyncio.gather(inner(), asyncio.create_task(asyncio.sleep(0)))
        tracer.start_span("after").end()

    with instrumented():
        asyncio.run(outer())
        tracer.start_span("outside").end()
    assert parents(telemetry) == {
        "work": "inner",
        "inner": "outer",
        "after": "outer",
        "outer": None,
        "outside": None,
    }


class Mistake(ValueError):
    pass


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_exception_is_told_by_the_span_and_reaches_the_caller_as_it_is(
    colour: str, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    mistake = Mistake("no such file, api_key=sk-abcdef0123456789")

    @firsttoken.traced(name="load")
    def load() -> None:
        raise mistake

    @firsttoken.traced(name="load")
    async def async_load() -> None:
        raise mistake

    with instrumented(), pytest.raises(Mistake) as raised:
        load() if colour == "sync" else asyncio.run(async_load())
    assert firsttoken.flush(PATIENCE_S)
    assert raised.value is mistake
    assert (mistake.__context__, mistake.__cause__) == (None, None)
    (span,) = telemetry.spans
    assert (span["status"], span["status_description"]) == ("ERROR", "no such file, [credential removed]")
    (event,) = span["events"]
    assert event["name"] == "exception"
    assert 0 <= span["end_unix_ns"] - event["time_unix_ns"] < 1_000
    assert event["attributes"]["exception.type"] == f"{__name__}.Mistake"
    assert "raise mistake" in str(event["attributes"]["exception.stacktrace"])
    assert "sk-abcdef" not in str(span)
    assert span["attributes"] == {
        "error.type": f"{__name__.partition('.')[0]}.Mistake",
        "firsttoken.outcome": "failed",
    }


@pytest.mark.parametrize(
    ("raised", "outcome"),
    [
        (asyncio.CancelledError(), "cancelled"),
        (KeyboardInterrupt(), "cancelled"),
        (GeneratorExit(), "closed"),
        (StopIteration(), "completed"),
        (StopAsyncIteration(), "completed"),
        (TimeoutError(), "timed_out"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_what_is_no_error_leaves_the_status_alone(
    raised: BaseException, outcome: str, instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    @firsttoken.traced(name="wait")
    def wait() -> None:
        raise raised

    with instrumented(), pytest.raises(type(raised)) as caught:
        wait()
    assert caught.value is raised
    assert firsttoken.flush(PATIENCE_S)
    assert outcomes(telemetry) == [("wait", outcome, "ERROR" if outcome == "timed_out" else "UNSET")]


def test_a_task_that_is_cancelled_is_no_error_and_stays_cancelled(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    @firsttoken.traced(name="wait")
    async def wait(reached: asyncio.Event) -> None:
        reached.set()
        await asyncio.get_running_loop().create_future()

    async def cancel() -> bool:
        task = asyncio.create_task(wait(reached := asyncio.Event()))
        await reached.wait()
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    with instrumented():
        assert asyncio.run(cancel())
    assert outcomes(telemetry) == [("wait", "cancelled", "UNSET")]


def test_a_coroutine_that_is_closed_elsewhere_says_nothing_in_the_log(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    import contextvars

    @firsttoken.traced(name="wait")
    async def wait() -> None:
        await asyncio.sleep(0)

    with instrumented():
        waiting: Any = wait()
        contextvars.copy_context().run(waiting.send, None)
        waiting.close()
    assert outcomes(telemetry) == [("wait", "closed", "UNSET")]


def test_a_coroutine_that_is_cancelled_before_it_starts_has_no_span_and_no_warning(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    async def cancel() -> None:
        task = asyncio.create_task(firsttoken.traced(coroutine)(1))
        task.cancel()
        await asyncio.wait([task])

    with instrumented():
        asyncio.run(cancel())
    assert telemetry.spans == []


class Refusing(SpanProcessor):
    """Fails wherever it can."""

    def on_start(self, span: Span, parent_context: Any = None) -> None:
        raise OSError("no")

    def on_end(self, span: ReadableSpan) -> None:
        raise OSError("no")


class RefusesToEnd(Refusing):
    def on_start(self, span: Span, parent_context: Any = None) -> None:
        pass


class RefusingProvider(TracerProvider):
    """Has no tracer for anybody."""

    def get_tracer(self, *args: Any, **kwargs: Any) -> Any:
        raise OSError("no")


def broken(how: type) -> TracerProvider:
    if issubclass(how, TracerProvider):
        return how(shutdown_on_exit=False)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(how())
    return provider


def counted(ran: list[str]) -> list[Callable[[], Any]]:
    """A function of each kind, which notes that it runs."""

    def plain() -> str:
        ran.append("plain")
        return "plain"

    async def coroutine() -> str:
        ran.append("coroutine")
        return "coroutine"

    def generator() -> Iterator[str]:
        ran.append("generator")
        yield "generator"

    async def async_generator() -> AsyncIterator[str]:
        ran.append("async generator")
        yield "async generator"

    return [plain, coroutine, generator, async_generator]


@pytest.mark.parametrize("how", [Refusing, RefusesToEnd, RefusingProvider])
def test_a_function_runs_exactly_once_whatever_fails_around_it(how: type, telemetry: CapturedTelemetry) -> None:
    ran: list[str] = []
    firsttoken.instrument(
        tracer_provider=broken(how),
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )
    try:
        gave = [given(firsttoken.traced(function)()) for function in counted(ran)]
        with firsttoken.step("one"):
            ran.append("block")
        assert firsttoken.flush(PATIENCE_S)
    finally:
        firsttoken.uninstrument()
    assert gave == ["plain", "coroutine", ["generator"], ["async generator"]]
    assert ran == ["plain", "coroutine", "generator", "async generator", "block"]
    assert sum(troubles.values()) >= len(ran)
    troubles.clear()


def test_a_processor_that_blocks_at_the_end_keeps_nobody_waiting(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    import threading

    release = threading.Event()

    class Blocking(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            assert release.wait(30)

    telemetry.tracer_provider.add_span_processor(Blocking())
    with instrumented():
        assert of_module(3) == 3
        assert not release.is_set()
        release.set()
    assert [span["name"] for span in telemetry.spans] == ["of_module"]


def test_suppressed_instrumentation_is_suppressed_here_too(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    from opentelemetry.instrumentation.utils import suppress_instrumentation

    with instrumented(), suppress_instrumentation():
        assert of_module(3) == 3
        with firsttoken.agent("planner") as running:
            assert running.span is trace.INVALID_SPAN
    assert (telemetry.spans, telemetry.points) == ([], [])


def test_a_process_that_was_forked_inside_a_span_leaves_it_to_its_parent(
    instrumented: Instrumented, telemetry: CapturedTelemetry
) -> None:
    import os
    import warnings

    with instrumented():
        with firsttoken.agent("planner"), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Of a fork beside threads, which ours is.
            child = os.fork()
        if child == 0:
            ended = firsttoken.flush() and telemetry.spans == []
            os._exit(0 if ended else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert outcomes(telemetry) == [("invoke_agent planner", "completed", "UNSET")]
