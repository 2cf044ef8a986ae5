"""What the provider does in the table of ends: replies that are held, cut, refused or wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from firsttoken.testing import Cut, Delivery, ErrorAnswer, Gate, text_answer
from firsttoken.testing.script import Reply

Make = Callable[[Gate, int], Reply]
"""Makes a reply from a gate that may hold it up, and from how many events come before something is handed over."""

ANSWER: Final = replace(text_answer('{"city"', ': "Bern"', ', "days"', ": 3", "}"), id="answer-1")
"""Five pieces that are also what `parse()` asks for."""
LARGE_BYTES: Final = 1_000_000


def answering(gate: Gate, lead: int) -> Reply:
    return ANSWER


def at_once(gate: Gate, lead: int) -> Reply:
    """The whole body in one piece, so that who has its first event has all of it."""
    return replace(ANSWER, delivery=Delivery(piece_bytes=(LARGE_BYTES,)))


def held(gate: Gate, lead: int) -> Reply:
    """An answer whose bytes stop as soon as one thing can be handed over."""
    return replace(ANSWER, delivery=Delivery(before={lead: gate}))


def held_from_the_start(gate: Gate, lead: int) -> Reply:
    return replace(ANSWER, delivery=Delivery(headers_after=gate))


def held_in_the_body(gate: Gate, lead: int) -> Reply:
    """A whole answer that stops after its first bytes."""
    return replace(ANSWER, delivery=Delivery(piece_bytes=(10,), before={1: gate}))


def stopped(count: int, by: Cut) -> Make:
    return lambda gate, lead: replace(ANSWER, delivery=Delivery(stop_after=count, stop_by=by))


def stopped_in_the_body(by: Cut) -> Make:
    """A whole answer that ends after its first bytes."""
    return lambda gate, lead: replace(ANSWER, delivery=Delivery(piece_bytes=(10,), stop_after=1, stop_by=by))


def failing_event(count: int) -> Make:
    error = ErrorAnswer(status=500, message="It broke.", type="server_error")
    return lambda gate, lead: replace(ANSWER, error=error, error_after=count)


def refused(status: int, **more: Any) -> Make:
    return lambda gate, lead: ErrorAnswer(status=status, **more)


def of_status(status: str, reason: str) -> Make:
    """A response that says itself how it ended."""
    return lambda gate, lead: replace(ANSWER, status=status, finish_reason=reason)


def truncated(gate: Gate, lead: int) -> Reply:
    return replace(ANSWER, truncated=True)


def without_done(gate: Gate, lead: int) -> Reply:
    return replace(ANSWER, delivery=Delivery(stop_after=-1, stop_by=Cut.END))
