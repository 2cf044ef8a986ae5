"""Observed programs, and a process that ends as it began."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from observe.fixtures import instrumented, program, sdk, server, telemetry
from opentelemetry import context

from firsttoken.contexts.baggage import allow
from firsttoken.guard import troubles

__all__ = ["instrumented", "program", "sdk", "server", "telemetry"]


@pytest.fixture(autouse=True)
def leaves_nothing_behind() -> Iterator[None]:
    """A context that did would be said of the next test's calls."""
    allow(())
    troubles.clear()
    before = context.get_current()
    yield
    allow(())
    troubles.clear()
    assert context.get_current() is before
