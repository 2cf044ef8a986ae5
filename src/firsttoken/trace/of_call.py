"""Call -> its provider traces: one for each attempt that was followed by another, and the final one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from firsttoken.call import Attempt, Call, Failure, Ledger, Outcome, Response, Sizes, Timing
from firsttoken.call.bodies import NO_BODIES, Bodies
from firsttoken.trace.record import AttemptMark, ProviderTrace, SpanIds
from firsttoken.trace.structure import structure

OTHER_ERROR: Final = "_OTHER"
"""`error.type` where nobody has named the error (conventions, recording errors)."""


def traces_of(call: Call, span: SpanIds | None, bodies: Bodies = NO_BODIES) -> Iterator[ProviderTrace]:
    """In the order of the attempts; the final one comes last, and always."""
    followed = call.attempts[: call.resend_count]
    for number, attempt in enumerate(followed, start=1):
        yield _failed(call, span, number, attempt)
    yield _final(call, span, bodies)


def _failed(call: Call, span: SpanIds | None, number: int, attempt: Attempt) -> ProviderTrace:
    return ProviderTrace(
        span=span,
        request=call.request,
        response=Response(request_id=attempt.request_id, status_code=attempt.status_code),
        timing=Timing(started_unix_ns=call.timing.started_unix_ns, duration_ns=attempt.failed_ns),
        outcome=Outcome.FAILED,
        attempt=AttemptMark(number=number, final=False, failed=attempt),
        error=Failure(
            type=attempt.code or attempt.exception_type or _status(attempt) or OTHER_ERROR,
            message="",
            exception_type=attempt.exception_type,
            category=attempt.category,
            code=attempt.code,
            retry_after_ns=attempt.retry_after_ns,
        ),
        sizes=Sizes(request_bytes=call.sizes.request_bytes),
    )


def _status(attempt: Attempt) -> str | None:
    return None if attempt.status_code is None else str(attempt.status_code)


def _final(call: Call, span: SpanIds | None, bodies: Bodies) -> ProviderTrace:
    return ProviderTrace(
        span=span,
        request=call.request,
        response=call.response,
        timing=call.timing,
        outcome=call.outcome,
        attempt=AttemptMark(number=call.resend_count + 1, final=True, earlier=call.attempts),
        stalls=call.stalls,
        usage=call.usage,
        raw_usage=None if call.raw_usage is None else structure(call.raw_usage),
        cost=call.cost,
        cost_total=call.cost.total if isinstance(call.cost, Ledger) else None,
        error=None if call.failure is None else replace(call.failure, stacktrace=None),
        sizes=call.sizes,
        events=call.events,
        novelties=call.novelties,
        timeline=call.timeline,
        request_body=bodies.request,
        response_body=bodies.response,
        truncations=bodies.truncations,
        truncated=bodies.truncated,
        items_left_out=bodies.items_left_out,
        redactions=bodies.redactions,
    )
