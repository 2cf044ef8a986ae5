"""Programs, a provider on this machine, and telemetry of adapters that nobody else is observed for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from observe.fixtures import telemetry
from observe.program import COLOURS, Program, runs_in
from opentelemetry import trace
from patience import PATIENCE_S

import firsttoken
from firsttoken import instrumentation
from firsttoken.export.telemetry import GivenProviders
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry, ProviderServer

__all__ = ["telemetry"]


@pytest.fixture(params=COLOURS)
def colour(request: pytest.FixtureRequest) -> Program:
    """A synchronous program, one on asyncio and one on trio."""
    if not all(runs_in(request.param, sdk) for sdk in ("openai", "anthropic")):
        pytest.skip("not offered by the installed SDKs: trio")
    return COLOURS[request.param]


@pytest.fixture
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


@pytest.fixture(autouse=True)
def leaves_nothing_observed() -> Iterator[None]:
    """Whoever makes an adapter has its calls observed from then on."""
    yield
    if instrumentation.standing_pipeline() is not None:
        firsttoken.uninstrument()


@pytest.fixture
def adapters(telemetry: CapturedTelemetry) -> Iterator[CapturedTelemetry]:
    """Where the calls of adapters go, in a program that never says `instrument()`. Nothing of ours fails in it."""
    troubles.clear()
    instrumentation.observe_adapters(
        GivenProviders(telemetry.tracer_provider, telemetry.meter_provider, telemetry.logger_provider)
    )
    yield telemetry
    assert firsttoken.flush(PATIENCE_S)
    firsttoken.uninstrument()
    assert not troubles
    assert trace.get_current_span() is trace.INVALID_SPAN
