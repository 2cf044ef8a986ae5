"""Observed programs and what comes out of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from opentelemetry import trace

from observe.fixtures import instrumented, program, sdk, server, telemetry

__all__ = ["instrumented", "program", "sdk", "server", "telemetry"]


@pytest.fixture(scope="module", autouse=True)
def collected_fast() -> None:
    """Takes what imports and other tests left out of the collector's sight: many tests here collect garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def leaves_no_span_current() -> Iterator[None]:
    """A test that did would make others fail."""
    yield
    assert trace.get_current_span() is trace.INVALID_SPAN
