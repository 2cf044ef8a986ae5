"""Wrappers of others around the functions of an SDK, and an environment without settings."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from observe.fixtures import telemetry

import firsttoken
from firsttoken import guard
from firsttoken.losses import losses
from firsttoken.observe import novelties

__all__ = ["telemetry"]

COUNTERS: tuple[Counter[Any], ...] = (guard.troubles, losses, novelties.seen)
FOREIGN = ("FIRSTTOKEN_", "OTEL_", "ANTHROPIC_")

WRAPPER = """
import functools, wrapt

def through_wrapt(function):
    def wrapper(wrapped, instance, args, kwargs):
        return wrapped(*args, **kwargs)
    return wrapt.FunctionWrapper(function, wrapper)

def through_functools(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper

def instead_of(function):
    def replacement(*args, **kwargs):
        return function(*args, **kwargs)
    return replacement

class Callback:
    def __call__(self, wrapped, instance, args, kwargs):
        return wrapped(*args, **kwargs)

def through_an_object(function):
    return wrapt.FunctionWrapper(function, Callback())
"""

Author = Callable[[str], dict[str, Any]]


@pytest.fixture
def author() -> Author:
    """The decorators of a module that has the given name, whoever wrote it."""

    def written(module: str) -> dict[str, Any]:
        names: dict[str, Any] = {"__name__": module}
        exec(WRAPPER, names)  # noqa: S102  a function is known by the module in which it was compiled
        return names

    return written


@pytest.fixture(autouse=True)
def untroubled() -> Iterator[None]:
    """What other tests in this process had go wrong is none of these tests'."""
    before = [(counter, dict(counter)) for counter in COUNTERS]
    for counter, _ in before:
        counter.clear()
    yield
    for counter, counts in before:
        counter.update(counts)


@pytest.fixture(autouse=True)
def unconfigured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    yield
    firsttoken.uninstrument()
