"""One call at a time, and everything that came out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from observing import observing

import firsttoken
from conformance.plays import Play
from firsttoken.settings import Conventions
from firsttoken.testing import CapturedLog, CapturedPoint, CapturedSpan, CapturedTelemetry, ProviderServer


@dataclass(frozen=True, slots=True)
class Seen:
    """The signals of one call."""

    play: Play
    span: CapturedSpan
    points: list[CapturedPoint]
    logs: list[CapturedLog]


@pytest.fixture(scope="session")
def server() -> Iterator[ProviderServer]:
    with ProviderServer() as running:
        yield running


def _performed(play: Play, conventions: Conventions, server: ProviderServer) -> Seen:
    with CapturedTelemetry() as telemetry:
        with observing(telemetry, firsttoken.Settings(conventions=conventions)):
            play.perform(server)
        (span,) = telemetry.spans
        return Seen(play, span, telemetry.points, telemetry.logs)


@pytest.fixture(scope="session")
def see(server: ProviderServer) -> Callable[..., Seen]:
    """Performs a call once for all the tests that look at it."""
    seen: dict[tuple[str, str], Seen] = {}

    def performed(play: Play, conventions: Conventions = "current") -> Seen:
        performance = str(play), conventions
        if performance not in seen:
            seen[performance] = _performed(play, conventions, server)
        return seen[performance]

    return performed
