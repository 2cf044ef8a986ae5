"""A function -> the same function, with a span around each of its calls.

By wrapt: its signature, its flags and everything else that can be asked of it stay its own.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import wrapt

from firsttoken.spans.iterating import async_iterated, iterated, named_like
from firsttoken.spans.running import started
from firsttoken.spans.shape import Shape
from firsttoken.spans.tool_content import bound

Function = Callable[..., Any]
Run = Callable[[Shape, Function, object, tuple[Any, ...], dict[str, Any]], Any]


def _call(shape: Shape, function: Function, owner: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    del owner
    running = started(shape, arguments=partial(bound, function, args, kwargs))
    if running is None:
        return function(*args, **kwargs)
    with running:
        running.result = function(*args, **kwargs)
        return running.result


def _call_async(shape: Shape, function: Function, owner: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    del owner
    return named_like(function, _awaited(shape, function, args, kwargs))


async def _awaited(shape: Shape, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    running = started(shape, arguments=partial(bound, function, args, kwargs))
    if running is None:
        return await function(*args, **kwargs)
    with running:
        running.result = await function(*args, **kwargs)
        return running.result


def _iterate(shape: Shape, function: Function, owner: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    del owner
    return iterated(shape, function(*args, **kwargs), partial(bound, function, args, kwargs))


def _iterate_async(
    shape: Shape, function: Function, owner: object, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    del owner
    return async_iterated(shape, function(*args, **kwargs), partial(bound, function, args, kwargs))


RUNS: Final[Sequence[tuple[Callable[[object], bool], Run]]] = (
    (inspect.iscoroutinefunction, _call_async),
    (inspect.isasyncgenfunction, _iterate_async),
    (inspect.isgeneratorfunction, _iterate),
    (callable, _call),
)
"""By the kind of a function, the first that fits."""

WITHOUT_OBJECT: Final[Any] = (staticmethod, classmethod)
"""What stands around the function of such a method."""


class _Bound(wrapt.BoundFunctionWrapper):  # pyright: ignore[reportMissingTypeArgument, reportUntypedBaseClass]
    """A method. It is pickled and copied as every method is: its object, and the name."""

    def __reduce_ex__(self, protocol: Any) -> Any:
        return getattr, (self.__self__, self.__name__)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return getattr(copy.deepcopy(self.__self__, memo), self.__name__)


class Wrapped(wrapt.FunctionWrapper):  # pyright: ignore[reportMissingTypeArgument, reportUntypedBaseClass]
    """A function. It is pickled by its name, as every function is, so that it can go to another process."""

    __bound_function_wrapper__ = _Bound

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__qualname__

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        del memo
        return self


def wrapped(shape: Shape, function: Any) -> Any:
    """Raises TypeError for what is no function or method."""
    inner = function.__func__ if isinstance(function, WITHOUT_OBJECT) else function
    if isinstance(inner, type) or not callable(inner):
        raise TypeError(f"a span can be put around a function or a method, not around {inner!r}")
    run = next(run for is_of_kind, run in RUNS if is_of_kind(inner))
    return Wrapped(function, partial(run, shape))
