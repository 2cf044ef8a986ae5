"""From the thread that hands work over to the one that does it, and to a forked process."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from opentelemetry import context as otel
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

import firsttoken
from firsttoken.call import NOTHING_SAID
from firsttoken.contexts import captured


def user() -> str | None:
    return captured().user_id


def test_a_plain_pool_forgets_and_a_context_executor_does_not() -> None:
    with ThreadPoolExecutor(1) as plain, firsttoken.ContextExecutor(1, "carrying") as carrying:
        with firsttoken.context(user_id="a"):
            forgotten, one = plain.submit(user), carrying.submit(user)
        with firsttoken.context(user_id="b"):
            other, several = carrying.submit(user), carrying.map(lambda _: user(), range(3))
        outside = carrying.submit(user)
        assert [future.result() for future in (forgotten, one, other)] == [None, "a", "b"]
        assert (list(several), outside.result()) == (["b"] * 3, None)


def test_an_event_loop_hands_work_to_a_context_executor() -> None:
    async def look() -> str | None:
        with firsttoken.context(user_id="a"):
            return await asyncio.get_running_loop().run_in_executor(pool, user)

    with firsttoken.ContextExecutor(1) as pool:
        assert asyncio.run(look()) == "a"


def test_a_function_is_carried_to_several_threads_at_once() -> None:
    at_once = threading.Barrier(3, timeout=30)

    def look(number: int) -> tuple[int, str | None]:
        at_once.wait()
        return number, user()

    with firsttoken.context(user_id="a"):
        carried = firsttoken.carry(look)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(carried, range(3))) == [(0, "a"), (1, "a"), (2, "a")]
        assert pool.submit(user).result() is None
    assert captured() is NOTHING_SAID


def test_a_carried_call_takes_arguments_raises_what_it_raises_and_leaves_nothing() -> None:
    def fail(word: str, *, more: int) -> None:
        """Fails."""
        raise KeyError(word, more, user())

    with firsttoken.context(user_id="a"):
        carried, partial = firsttoken.carry(fail), firsttoken.carry(functools.partial(fail, "x"))
    with pytest.raises(KeyError, match="'x', 1, 'a'"):
        carried("x", more=1)
    with pytest.raises(KeyError, match="'x', 2, 'a'"):
        partial(more=2)
    assert (carried.__name__, carried.__doc__) == ("fail", "Fails.")
    assert captured() is NOTHING_SAID


def test_a_coroutine_function_is_carried_to_a_loop_in_another_thread() -> None:
    async def look() -> str | None:
        await asyncio.sleep(0)
        return user()

    async def elsewhere() -> str | None:
        return await carried()

    with firsttoken.context(user_id="a"):
        carried = firsttoken.carry(look)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, elsewhere()).result() == "a"


def test_the_current_span_is_carried_too() -> None:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("app")
    with ThreadPoolExecutor(1) as pool, tracer.start_as_current_span("request") as span:
        assert pool.submit(firsttoken.carry(trace.get_current_span)).result() is span


def test_whoever_copies_the_context_of_python_or_of_opentelemetry_carries_it() -> None:
    with firsttoken.context(user_id="a"):
        copied, held = contextvars.copy_context(), otel.get_current()

    def attached() -> str | None:
        token = otel.attach(held)
        try:
            return user()
        finally:
            otel.detach(token)

    with ThreadPoolExecutor(1) as pool:
        assert [pool.submit(copied.run, user).result(), pool.submit(attached).result()] == ["a", "a"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_goes_on_in_it() -> None:
    reading, writing = os.pipe()
    with firsttoken.context(user_id="a"):
        child = os.fork()
        if not child:
            with firsttoken.context(run_id="r"):
                os.write(writing, f"{user()} {captured().run_id}".encode())
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as told:
        assert told.read() == "a r"
