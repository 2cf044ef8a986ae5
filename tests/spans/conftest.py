"""What the application's own work becomes, captured."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from opentelemetry import trace
from opentelemetry.trace import Tracer

import firsttoken
from firsttoken import Settings
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry

LOGGERS = ("firsttoken", "opentelemetry", "asyncio")

Instrumented = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def telemetry() -> Iterator[CapturedTelemetry]:
    with CapturedTelemetry() as captured:
        yield captured


@pytest.fixture
def tracer(telemetry: CapturedTelemetry) -> Tracer:
    """The application's."""
    return telemetry.tracer_provider.get_tracer("app")


@pytest.fixture
def instrumented(telemetry: CapturedTelemetry) -> Instrumented:
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
def disturbs_nothing(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No span stays current, nothing is logged, and nothing of ours fails unless a test says so and clears it."""
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
