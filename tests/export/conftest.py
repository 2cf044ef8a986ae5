"""A provider to ask, and providers that are only global for the time of a test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from observe.fixtures import server, telemetry
from opentelemetry import metrics, trace
from opentelemetry._logs import _internal as logs_internal
from opentelemetry.metrics import _internal as metrics_internal

import firsttoken
from export.threads import all_ended
from firsttoken.testing import CapturedTelemetry

__all__ = ["server", "telemetry"]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    with all_ended():
        yield
        firsttoken.uninstrument()


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A process where nobody has set a provider, and where ours would send nothing."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(metrics_internal, "_METER_PROVIDER", None)
    monkeypatch.setattr(logs_internal, "_LOGGER_PROVIDER", None)
    for signal in ("TRACES", "METRICS", "LOGS"):
        monkeypatch.delenv(f"OTEL_PYTHON_{signal[:-1]}R_PROVIDER", raising=False)
        monkeypatch.setenv(f"OTEL_{signal}_EXPORTER", "none")
    return monkeypatch


@pytest.fixture
def set_global(unset: pytest.MonkeyPatch) -> Any:
    """Makes captured telemetry the application's own."""

    def set_them(telemetry: CapturedTelemetry) -> None:
        unset.setattr(trace, "_TRACER_PROVIDER", telemetry.tracer_provider)
        unset.setattr(metrics_internal, "_METER_PROVIDER", telemetry.meter_provider)
        unset.setattr(logs_internal, "_LOGGER_PROVIDER", telemetry.logger_provider)

    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
    assert isinstance(metrics.get_meter_provider(), metrics_internal._ProxyMeterProvider)
    return set_them
