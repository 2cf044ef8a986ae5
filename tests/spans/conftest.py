"""What the application's own work becomes, captured."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest
from observe.fixtures import Instrumented, instrumented, server, telemetry
from opentelemetry import trace
from opentelemetry.trace import Tracer

from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry

LOGGERS = ("firsttoken", "opentelemetry", "asyncio")

__all__ = ["Instrumented", "instrumented", "server", "telemetry"]


@pytest.fixture
def tracer(telemetry: CapturedTelemetry) -> Tracer:
    """The application's."""
    return telemetry.tracer_provider.get_tracer("app")


@pytest.fixture(autouse=True)
def disturbs_nothing(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No span stays current, nothing is logged, and nothing of ours fails unless a test says so and clears it."""
    gc.collect()  # Streams that an earlier test left in cycles end now, where they are not taken for this one's.
    troubles.clear()
    yield
    assert trace.get_current_span() is trace.INVALID_SPAN
    loud = [record for record in caplog.get_records("call") if record.levelno > logging.INFO]
    assert [record.getMessage() for record in loud if record.name.startswith(LOGGERS)] == []
    assert not troubles


def parents(telemetry: CapturedTelemetry) -> dict[str, str | None]:
    """Each span's name with that of its parent."""
    names = {span["span_id"]: span["name"] for span in telemetry.spans}
    return {span["name"]: names.get(span["parent_span_id"] or "") for span in telemetry.spans}


def outcomes(telemetry: CapturedTelemetry) -> list[tuple[object, ...]]:
    """How each span of ours ended, in the order in which they did."""
    return [
        (span["name"], span["attributes"]["firsttoken.outcome"], span["status"])
        for span in telemetry.spans
        if span["scope"] == "firsttoken"
    ]
