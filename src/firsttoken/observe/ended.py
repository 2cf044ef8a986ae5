"""From a recording that has ended to its Call."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from firsttoken.call import (
    Call,
    EventCounts,
    Failure,
    Outcome,
    RateLimits,
    Request,
    Response,
    Sizes,
    Stall,
    Timing,
    operation_called,
)
from firsttoken.call.packed_timeline import PackedTimeline
from firsttoken.guard import guarded
from firsttoken.observe.counted import COUNTED
from firsttoken.observe.failure import CUT_SHORT, as_told, stacktrace, tellable
from firsttoken.observe.novelties import note_novelties
from firsttoken.providers.rate_limits import rate_limits_of
from firsttoken.providers.thinking import with_thinking
from firsttoken.providers.wire import Reading

if TYPE_CHECKING:
    from firsttoken.call.content import Content
    from firsttoken.observe.recording import Recording


def call_of(recording: Recording) -> Call:
    """Reads what the provider said, and judges whether the answer came whole."""
    answer = recording.answer = _answer(recording)
    said = _read(recording, answer) or Reading()
    note_novelties(recording.wire.api, said.unknown)
    outcome, failure = recording.outcome, recording.failure
    if failure is not None:
        failure = _with_stacktrace(recording, failure) or failure
    elif recording.complaint is not None:
        outcome, failure = Outcome.FAILED, recording.complaint
    elif said.failure is not None:
        outcome, failure = Outcome.FAILED, as_told(said.failure, answering=recording.tally is not None)
    elif outcome is Outcome.COMPLETED and recording.tally is not None and not said.finished:
        outcome, failure = Outcome.FAILED, CUT_SHORT
    if failure is not None:
        failure = _tellable(failure, recording.keys())
    reasons = said.response.finish_reasons
    if (
        reasons is None
        and outcome is not Outcome.COMPLETED
        and operation_called(recording.request.operation).is_inference
    ):
        reasons = ("error",)
    response = replace(
        said.response,
        id=said.response.id or recording.wire.response_id,
        finish_reasons=reasons,
        empty=_empty(recording, said, outcome),
        request_id=recording.request_id,
        status_code=recording.status_code,
    )
    if said.is_repeatable and outcome is not Outcome.COMPLETED:
        said = replace(said, usage=None, portions=())
    elif said.is_repeatable and not COUNTED.is_first(_identity(recording.request, response)):
        said, response = replace(said, usage=None, portions=()), replace(response, repeated=True)
    recording.portions = said.portions
    content = None if recording.captured is None else recording.captured.content(answer)
    return Call(
        request=recording.request,
        timing=_timing(recording),
        outcome=outcome,
        response=response,
        usage=with_thinking(recording.request.provider, said.usage, said.raw_usage),
        raw_usage=said.raw_usage,
        rate_limits=_rate_limits(recording),
        failure=failure,
        resend_count=_resends(recording),
        attempts=tuple(recording.attempts),
        stalls=_stalls(recording),
        sizes=_sizes(recording, content) or recording.weight.sizes(None),
        events=_events(recording, said),
        timeline=_timeline(recording),
        novelties=tuple(sorted(said.unknown)),
        content=content,
    )


@guarded("read what is left of rate limits")
def _rate_limits(recording: Recording) -> RateLimits | None:
    if recording.answer_headers is None:
        return None
    answered_unix_ns = recording.started_unix_ns + (recording.headers or recording.ended) - recording.start
    return rate_limits_of(recording.answer_headers.raw, datetime.fromtimestamp(answered_unix_ns / 1e9, UTC))


@guarded("measure what was said")
def _sizes(recording: Recording, content: Content | None) -> Sizes:
    return recording.weight.sizes(content)


def _tellable(failure: Failure, keys: tuple[str, ...]) -> Failure:
    """Where it cannot be told what in a message is private, there is none."""
    return _without_credentials(failure, keys) or replace(failure, message="", stacktrace=None)


@guarded("take credentials out of an error")
def _without_credentials(failure: Failure, keys: tuple[str, ...]) -> Failure:
    return tellable(failure, keys)


def _empty(recording: Recording, said: Reading, outcome: Outcome) -> str | None:
    """What an answer had instead of content that came to its end as the provider has it."""
    if not operation_called(recording.request.operation).is_inference or recording.outcome is not Outcome.COMPLETED:
        return None
    if recording.tally is not None and not recording.pace.chunks:
        return None if recording.complaint is not None else "no_events"
    return said.empty if outcome is Outcome.COMPLETED else None


@guarded("count events")
def _events(recording: Recording, said: Reading) -> EventCounts | None:
    """None where there was no stream."""
    if recording.tally is None:
        return None
    counted, usual = sum(said.events.values()), recording.wire.usual_event
    total = max(recording.pace.chunks + recording.hidden, counted)
    by_type = dict(said.events)
    if usual is not None and total > counted:
        by_type[usual] = by_type.get(usual, 0) + total - counted
    return EventCounts(total, by_type, said.last_event or (usual if total else None), recording.unread)


@guarded("put a timeline together")
def _timeline(recording: Recording) -> PackedTimeline | None:
    if recording.arrivals is None:
        return None
    return recording.arrivals.timeline(None if recording.captured is None else recording.captured.lengths)


def _resends(recording: Recording) -> int:
    """A caller that gave up while the SDK waited to try again has kept it from doing so."""
    failed, kept = recording.attempts_failed, recording.attempts
    if recording.outcome is not Outcome.CANCELLED or not kept or failed > len(kept):
        return failed
    again_ns = kept[-1].failed_ns + kept[-1].wait_ns
    return failed - (recording.ended - recording.start < again_ns)


def _identity(request: Request, response: Response) -> tuple[str | None, ...]:
    return request.api, request.server_address, str(request.server_port), response.id


@guarded("decode an answer")
def _answer(recording: Recording) -> object:
    """A whole answer, as the SDK's object or as its decoded JSON."""
    answer = recording.answer() if callable(recording.answer) else recording.answer
    if not isinstance(answer, bytes):
        return answer
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        return None  # What was cut short, or is no JSON at all, says nothing.


@guarded("read an answer")
def _read(recording: Recording, answer: object) -> Reading | None:
    if recording.tally is not None:
        return recording.tally.reading()
    return None if answer is None else recording.wire.read_answer(answer)


@guarded("format a stack trace")
def _with_stacktrace(recording: Recording, failure: Failure) -> Failure:
    return failure if recording.frames is None else replace(failure, stacktrace=stacktrace(recording.frames))


def _stalls(recording: Recording) -> tuple[Stall, ...]:
    if recording.silence is None:
        return ()
    return tuple(replace(stall, began_ns=stall.began_ns - recording.start) for stall in recording.silence.stalls)


def _timing(recording: Recording) -> Timing:
    def since_start(mark: int) -> int | None:
        return mark - recording.start if mark else None

    duration = max(recording.ended - recording.start, 0)
    streamed, pace = recording.tally is not None, recording.pace
    silence = recording.silence if streamed else None
    stalled = silence is not None and silence.count > 0
    consumer_wait = pace.consumer_wait + (recording.after_last or 0) if streamed else None
    return Timing(
        started_unix_ns=recording.started_unix_ns,
        duration_ns=duration,
        headers_ns=since_start(recording.headers),
        first_chunk_ns=since_start(pace.first),
        first_token_ns=since_start(recording.first_token),
        last_chunk_ns=since_start(pace.last),
        chunk_count=pace.chunks if streamed else None,
        largest_gap_ns=pace.largest_gap if pace.chunks > 1 else None,
        provider_wait_ns=duration - (consumer_wait or 0),
        consumer_wait_ns=consumer_wait,
        stall_count=silence.count if silence is not None else None,
        stalled_ns=silence.total if silence is not None and stalled else None,
        first_stall_ns=silence.stalls[0].began_ns - recording.start if silence is not None and stalled else None,
    )
