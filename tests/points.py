"""Which of what was measured is of the calls."""

from __future__ import annotations

from firsttoken.semconv import own
from firsttoken.testing import CapturedTelemetry
from firsttoken.testing.telemetry import CapturedPoint


def of_calls(telemetry: CapturedTelemetry) -> list[CapturedPoint]:
    """Without what the process lost, which is told from 0 on."""
    return [point for point in telemetry.points if point["name"] != own.LOSSES.name]
