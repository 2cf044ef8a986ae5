"""Every function of ours that runs on the caller's path, found by running, and how to break one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, Final

SHELLS: Final = {
    "firsttoken.guard": {"guarded.<locals>.decorate.<locals>.guard", "note_trouble"},
    "firsttoken.observe.patch": {"Patch._put.<locals>.wrapper"},
    "firsttoken.observe.seam": {
        "AnswerHook.__call__",
        "AnswerHook.__deepcopy__",
        "Observation.sending",
        "Seam.answer",
        "Seam.async_request",
        "Seam.native_span",
        "Seam.pause",
        "Seam.request",
        "Seam.retry",
    },
    "firsttoken.observe.native": {"Trace.use_span", "stand_in", "stand_in.<locals>.<lambda>"},
    "firsttoken.observe.stream": {"AsyncObserved.__aiter__", "AsyncObserved.__anext__", "observed"},
    "firsttoken.observe.body": {
        "WatchedBody.__aiter__",
        "WatchedBody.__class__",
        "WatchedBody.__del__",
        "WatchedBody.__getattr__",
        "WatchedBody.__iter__",
        "WatchedBody.aclose",
        "WatchedBody.close",
        "WatchedRawBody.__aiter__",
        "WatchedRawBody.__iter__",
        "WatchedRawBody._self_reading",
    },
    "firsttoken.observe.recording": {"Recording.abandon", "Recording.fail", "Recording.finish"},
}
"""What stands between the SDK and its caller and only hands on: each calls nothing of ours that is not guarded."""


FAULTY: Final = """
def holding():
    {names} = {values}
    def injected(*args, **kwargs):
        raise RuntimeError("injected")
        return {names}
    return injected
"""
"""A function with as many variables of an outer one as the function that it stands for has."""


def faulty(code: CodeType) -> CodeType:
    """Code that raises, and fits the function that has this one."""
    names = "".join(f"{name}, " for name in code.co_freevars)
    module = compile(
        FAULTY.format(names=f"({names})", values="(" + "None, " * len(code.co_freevars) + ")"), __file__, "exec"
    )
    return _inner(_inner(module))


def _inner(code: CodeType) -> CodeType:
    (found,) = (each for each in code.co_consts if isinstance(each, CodeType))
    return found


def called(work: Callable[[], object]) -> set[CodeType]:
    """The code of ours that this thread runs meanwhile."""
    found: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and str(frame.f_globals.get("__name__", "")).startswith("firsttoken."):
            found.add(frame.f_code)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


def breakable(codes: set[CodeType]) -> Iterator[tuple[str, FunctionType]]:
    """The functions with this code that are no shells, each with its name, in the order of these."""
    functions = {
        f"{function.__module__}:{function.__qualname__}": function
        for function in _functions()
        if function.__code__ in codes and function.__qualname__ not in SHELLS.get(function.__module__, ())
    }
    yield from sorted(functions.items())


@contextmanager
def broken(function: FunctionType) -> Iterator[None]:
    """The function raises whenever it is called, whoever holds it; its guard, where it has one, stays."""
    code = function.__code__
    function.__code__ = faulty(code)
    try:
        yield
    finally:
        function.__code__ = code


def _functions() -> Iterator[FunctionType]:
    for name, module in list(sys.modules.items()):
        if name.startswith("firsttoken.") and not name.startswith("firsttoken.testing"):
            yield from _in_module(module)


def _in_module(module: ModuleType) -> Iterator[FunctionType]:
    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__module__ == module.__name__:
            for member in list(vars(value).values()):
                yield from _unwrapped(member)
        elif getattr(value, "__module__", None) == module.__name__:
            yield from _unwrapped(value)


def _unwrapped(value: Any) -> Iterator[FunctionType]:
    """The function itself, under its guard, property, cache or context manager."""
    for name in ("fget", "__func__"):
        value = getattr(value, name, value)
    while hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    if isinstance(value, FunctionType):
        yield value
