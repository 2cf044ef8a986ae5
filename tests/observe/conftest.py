"""Observed programs and what comes out of them."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from opentelemetry import trace

import firsttoken
from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry, ProviderServer
from observe.program import PROGRAMS, Program


@pytest.fixture(scope="session", autouse=True)
def collected_fast() -> Iterator[None]:
    """Takes what the imports left out of the collector's sight: many tests here collect garbage."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


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


@pytest.fixture(autouse=True)
def leaves_no_span_current() -> Iterator[None]:
    """A test that did would make others fail."""
    yield
    assert trace.get_current_span() is trace.INVALID_SPAN
