"""What every test of an observed program starts from. A conftest or a test module imports what it uses."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from observing import observing

from firsttoken.testing import CapturedTelemetry, ProviderServer
from observe.program import PROGRAMS, Program

Instrumented = Callable[..., AbstractContextManager[CapturedTelemetry]]


@pytest.fixture(params=PROGRAMS.values(), ids=PROGRAMS)
def program(request: pytest.FixtureRequest) -> Program:
    return request.param


@pytest.fixture(params=["openai", "anthropic"])
def sdk(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def telemetry() -> Iterator[CapturedTelemetry]:
    with CapturedTelemetry() as captured:
        yield captured


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest.fixture
def instrumented(telemetry: CapturedTelemetry) -> Instrumented:
    """Observes what runs inside `with`, into `telemetry`; everything has gone out when it is left."""

    return functools.partial(observing, telemetry)
