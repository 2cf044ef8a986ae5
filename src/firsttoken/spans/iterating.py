"""Generators whose span lasts as long as their iteration, and is current only while their own code runs.

Each stands around the application's own and passes everything on: what is sent in, thrown in, yielded and returned.
One that is never started has no span.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Generator
from typing import Any, TypeVar

from firsttoken.spans.running import Arguments, Running, started
from firsttoken.spans.shape import Shape

T = TypeVar("T")


def named_like(original: Any, stand_in: T) -> T:
    """As tracebacks, warnings and lists of tasks will show it."""
    for name in ("__name__", "__qualname__"):
        setattr(stand_in, name, getattr(original, name, getattr(stand_in, name)))
    return stand_in


def iterated(shape: Shape, inner: Generator[Any, Any, Any], arguments: Arguments) -> Generator[Any, Any, Any]:
    """A generator over `inner` that looks like it."""
    return named_like(inner, _passing_on(shape, inner, arguments))


def async_iterated(shape: Shape, inner: AsyncGenerator[Any, Any], arguments: Arguments) -> AsyncGenerator[Any, Any]:
    """The same for an asynchronous one."""
    return named_like(inner, _async_passing_on(shape, inner, arguments))


def _passing_on(shape: Shape, inner: Generator[Any, Any, Any], arguments: Arguments) -> Generator[Any, Any, Any]:
    running = started(shape, arguments=arguments) or Running()
    del arguments  # They are the application's to keep.
    step: Any = inner.send
    given: Any = None
    while True:
        running.resume()
        try:
            value = step(given)
        except StopIteration as stop:
            running.suspend()
            running.end()
            return stop.value
        except BaseException as error:
            running.suspend()
            running.end(error)
            raise
        finally:
            given = None  # An exception that was thrown in holds this frame, and must not be held by it.
        running.suspend()
        try:
            given = yield value
            step = inner.send
        except BaseException as error:  # noqa: BLE001  it is thrown into `inner`, which decides
            given, step = error, inner.throw


async def _async_passing_on(
    shape: Shape, inner: AsyncGenerator[Any, Any], arguments: Arguments
) -> AsyncGenerator[Any, Any]:
    running = started(shape, arguments=arguments) or Running()
    del arguments  # They are the application's to keep.
    step: Any = None
    given: Any = None
    while True:
        running.resume()
        try:
            value = await (_first_step(inner) if step is None else step(given))
        except StopAsyncIteration:
            running.suspend()
            running.end()
            return
        except BaseException as error:
            running.suspend()
            running.end(error)
            raise
        finally:
            given = None
        running.suspend()
        try:
            given = yield value
            step = inner.asend
        except BaseException as error:  # noqa: BLE001  likewise
            given, step = error, inner.athrow


def _first_step(inner: AsyncGenerator[Any, Any]) -> Any:
    """Starts it unseen by the event loop, which would close it by itself while the one around it does."""
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(None, None)
    try:
        return inner.asend(None)
    finally:
        sys.set_asyncgen_hooks(*hooks)
