"""To another thread: what holds where work is handed over, the current span and the baggage with it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, ParamSpec, TypeVar, cast

from opentelemetry import context as otel
from opentelemetry.context import Context

P = ParamSpec("P")
R = TypeVar("R")


def carry(function: Callable[P, R]) -> Callable[P, R]:
    """The function, or coroutine function, that runs with what holds now, wherever and however often it is called."""
    held = otel.get_current()
    if inspect.iscoroutinefunction(function):
        return cast("Callable[P, R]", _carried_coroutine(held, function))

    @functools.wraps(function)
    def carried(*args: P.args, **kwargs: P.kwargs) -> R:
        with _held(held):
            return function(*args, **kwargs)

    return carried


class ContextExecutor(ThreadPoolExecutor):
    """A thread pool whose work runs with what held where it was handed over."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        return super().submit(carry(fn), *args, **kwargs)


def _carried_coroutine(held: Context, function: Callable[P, Any]) -> Callable[P, Any]:
    @functools.wraps(function)
    async def carried(*args: P.args, **kwargs: P.kwargs) -> Any:
        with _held(held):
            return await function(*args, **kwargs)

    return carried


@contextmanager
def _held(held: Context) -> Generator[None]:
    token = otel.attach(held)
    try:
        yield
    finally:
        with suppress(ValueError):  # closed in another context, where there is nothing to restore
            token.var.reset(token)
