"""What an observed program said about its calls."""

from __future__ import annotations

from typing import Any

from patience import PATIENCE_S

import firsttoken
from firsttoken.testing import CapturedTelemetry


def said(telemetry: CapturedTelemetry, *names: str) -> list[tuple[Any, ...]]:
    """These attributes of each span so far."""
    assert firsttoken.flush(PATIENCE_S)
    return [tuple(span["attributes"].get(name) for name in names) for span in telemetry.spans]


def counted(telemetry: CapturedTelemetry, metric: str) -> float:
    """The sum of all series of one metric; 0 where there is none."""
    assert firsttoken.flush(PATIENCE_S)
    return sum(point["value"] for point in telemetry.points_of(metric))
