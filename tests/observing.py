"""A program that is observed, into captured telemetry."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from patience import PATIENCE_S

import firsttoken
from firsttoken import Settings
from firsttoken.testing import CapturedTelemetry


def observe(telemetry: CapturedTelemetry, settings: Settings | None = None) -> None:
    """From now on. Settings are the defaults unless given, whatever the environment says."""
    firsttoken.instrument(
        settings or Settings(),
        tracer_provider=telemetry.tracer_provider,
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )


@contextlib.contextmanager
def observing(
    telemetry: CapturedTelemetry, settings: Settings | None = None, *, flush_s: float = PATIENCE_S
) -> Iterator[CapturedTelemetry]:
    """What runs inside `with`; everything has gone out when it is left."""
    observe(telemetry, settings)
    try:
        yield telemetry
        assert firsttoken.flush(flush_s)
    finally:
        firsttoken.uninstrument()
