"""Retries inside the SDK belong to one call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from firsttoken.testing import CapturedTelemetry, ErrorAnswer, NoAnswer, ProviderServer, text_answer
from firsttoken.testing.script import Reply
from observe.asking import read, using, whole
from observe.program import Program
from observe.surfaces import STREAMS, WHOLE, Surface
from observe.ways import Opened

Instrumented = Callable[..., AbstractContextManager[None]]

AT_ONCE = {"retry-after-ms": "1"}
RATE_LIMIT = ErrorAnswer(status=429, headers=AT_ONCE)
SURFACES = (*STREAMS, *WHOLE)
OVERLOADED = ErrorAnswer(status=529, headers=AT_ONCE)


@pytest.mark.parametrize(
    "replies", [(RATE_LIMIT,), (OVERLOADED, RATE_LIMIT), (NoAnswer(),)], ids=["429", "529 and 429", "reset"]
)
@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_retries_are_counted_within_one_span(
    replies: tuple[Reply, ...],
    surface: Surface,
    program: Program,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    with ProviderServer() as server, instrumented():
        server.enqueue(*replies, text_answer('{"city": "Bern", "days": 3}'))
        using(program, surface.sdk, server, lambda client: _drained(surface, program, client), max_retries=3)
        assert len(replies) + 1 == len(server.requests)
    (span,) = telemetry.spans
    assert {
        "firsttoken.outcome": "completed",
        "http.request.resend_count": len(replies),
    }.items() <= span["attributes"].items()


def test_a_call_whose_retries_run_out_failed_with_the_last_error(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(OVERLOADED, OVERLOADED, RATE_LIMIT)
    with instrumented(), pytest.raises(Exception, match="429"):
        using(program, sdk, server, lambda client: whole(program, client), max_retries=2)
    (span,) = telemetry.spans
    assert {
        "firsttoken.outcome": "failed",
        "http.request.resend_count": 2,
        "http.response.status_code": 429,
    }.items() <= span["attributes"].items()


def test_a_call_that_succeeds_at_once_says_nothing_of_retries(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client))
    (span,) = telemetry.spans
    assert "http.request.resend_count" not in span["attributes"]


async def _drained(surface: Surface, program: Program, client: Any) -> None:
    answer = await surface.ask(program, client)
    if isinstance(answer, Opened):
        await read(program, answer.stream)
