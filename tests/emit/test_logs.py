"""The log events of a call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

from firsttoken.call import Call, Failure
from firsttoken.emit import LogEmitter
from firsttoken.semconv.write import attempt_attributes, call_attributes
from firsttoken.testing import CapturedLog, CapturedTelemetry

DETAILS = "gen_ai.client.inference.operation.details"
EXCEPTION = "gen_ai.client.operation.exception"
CONTEXT = set_span_in_context(NonRecordingSpan(SpanContext(0xA1, 0xB2, is_remote=False, trace_flags=TraceFlags(1))))


def emitted(telemetry: CapturedTelemetry, call: Call, context: Context | None = CONTEXT) -> list[CapturedLog]:
    LogEmitter(telemetry.logger_provider.get_logger("test")).emit(call, context)
    return telemetry.logs


def test_the_details_are_the_spans_attributes_and_no_body(telemetry: CapturedTelemetry, completed: Call) -> None:
    expected = CapturedLog(
        event_name=DETAILS,
        severity="DEBUG",
        time_unix_ns=completed.timing.ended_unix_ns,
        body=None,
        attributes=call_attributes(completed),  # type: ignore[typeddict-item]
        trace_id=f"{0xA1:032x}",
        span_id=f"{0xB2:016x}",
    )
    assert [expected] == emitted(telemetry, completed)


def test_a_failure_is_an_event_of_its_own_with_all_that_is_known_of_the_exception(
    telemetry: CapturedTelemetry, failed: Call
) -> None:
    details, exception = emitted(telemetry, failed)
    described = {
        "exception.type": "anthropic.OverloadedError",
        "exception.message": "Overloaded.",
        "exception.stacktrace": "Traceback …",
    }
    expected = {
        **details,
        "event_name": EXCEPTION,
        "severity": "WARN",
        "attributes": details["attributes"] | described,
    }
    assert expected == exception
    assert exception["attributes"]["error.type"] == "overloaded_error"


def test_both_events_list_the_attempts_as_the_spans_events_tell_them(
    telemetry: CapturedTelemetry, retried: Call
) -> None:
    expected = tuple(attempt_attributes(attempt) for attempt in retried.attempts)
    listed = [log["attributes"]["firsttoken.attempts"] for log in emitted(telemetry, retried)]
    assert [expected, expected] == listed


def test_embeddings_and_fetches_have_an_event_for_their_failure_alone(
    telemetry: CapturedTelemetry, embedded: Call, fetched: Call
) -> None:
    for call in (embedded, fetched, replace(fetched, failure=Failure("not_found", "No such response."))):
        logs = emitted(telemetry, call)
    assert [log["event_name"] for log in logs] == [EXCEPTION]


def test_what_is_not_known_of_an_exception_is_left_out(telemetry: CapturedTelemetry, failed: Call) -> None:
    _, exception = emitted(telemetry, replace(failed, failure=Failure("incomplete_stream", "The stream ended.")))
    assert {"exception.message"} == {name for name in exception["attributes"] if name.startswith("exception.")}


@pytest.mark.parametrize("context", [None, Context()])
def test_without_a_span_the_events_stand_alone(
    telemetry: CapturedTelemetry, completed: Call, context: Context | None
) -> None:
    (details,) = emitted(telemetry, completed, context)
    assert (details["trace_id"], details["span_id"]) == (None, None)
