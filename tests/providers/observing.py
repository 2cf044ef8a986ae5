"""A program that is observed, and what it said about its calls."""

from __future__ import annotations

from typing import Any

import firsttoken
from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry


def observe(telemetry: CapturedTelemetry, settings: Settings | None = None) -> None:
    firsttoken.instrument(
        settings or Settings(),
        tracer_provider=telemetry.tracer_provider,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )


def said(telemetry: CapturedTelemetry, *names: str) -> list[tuple[Any, ...]]:
    """These attributes of each span so far."""
    assert firsttoken.flush()
    return [tuple(span["attributes"].get(name) for name in names) for span in telemetry.spans]


def counted(telemetry: CapturedTelemetry, metric: str) -> float:
    """The sum of all series of one metric; 0 where there is none."""
    assert firsttoken.flush()
    return sum(point["value"] for point in telemetry.points_of(metric))
