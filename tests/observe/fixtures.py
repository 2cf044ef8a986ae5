"""What every test of an observed program starts from. A conftest or a test module imports what it uses."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

import firsttoken
from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry, ProviderServer
from observe.program import PROGRAMS, Program


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
def instrumented(telemetry: CapturedTelemetry) -> Callable[..., AbstractContextManager[None]]:
    """Observes what runs inside `with`, into `telemetry`; everything has gone out when it is left."""

    @contextlib.contextmanager
    def observe(settings: Settings | None = None) -> Iterator[None]:
        firsttoken.instrument(
            settings or Settings(),
            tracer_provider=telemetry.tracer_provider,
            meter_provider=telemetry.meter_provider,
            logger_provider=telemetry.logger_provider,
        )
        try:
            yield
            assert firsttoken.flush()
        finally:
            firsttoken.uninstrument()

    return observe
