"""Provider traces: log records to filter and read, and milestones on the span."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
from provider_trace.over_otlp import over_otlp

from firsttoken.call import Attempt, Call, CallContext, EventCounts, Sizes
from firsttoken.emit import ProviderTraceEmitter, SpanEmitter
from firsttoken.semconv.write import attempt_attributes, call_attributes
from firsttoken.testing import CapturedLog, CapturedTelemetry

CONTEXT = set_span_in_context(NonRecordingSpan(SpanContext(0xA1, 0xB2, is_remote=False, trace_flags=TraceFlags(1))))
TRACE_ID, SPAN_ID = f"{0xA1:032x}", f"{0xB2:016x}"


def emitted(telemetry: CapturedTelemetry, call: Call, context: Context | None = CONTEXT) -> list[CapturedLog]:
    ProviderTraceEmitter(telemetry.logger_provider.get_logger("test")).emit(call, context)
    return telemetry.provider_trace_logs


@pytest.fixture
def described(completed: Call) -> Call:
    return replace(
        completed,
        raw_usage='{"prompt_tokens":100}',
        sizes=Sizes(request_bytes=10, response_bytes=20),
        events=EventCounts(4, {"chat.completion.chunk": 4}, "chat.completion.chunk"),
        novelties=("delta mood",),
    )


def test_a_call_is_one_record_with_the_spans_attributes_and_a_structured_body(
    telemetry: CapturedTelemetry, described: Call
) -> None:
    (log,) = emitted(telemetry, described)
    more = {
        "firsttoken.provider_trace.schema_version": "1.1",
        "firsttoken.attempt.number": 1,
        "firsttoken.attempt.final": True,
        "firsttoken.request.body_bytes": 10,
        "firsttoken.response.body_bytes": 20,
        "firsttoken.event.last_type": "chat.completion.chunk",
        "firsttoken.event.unread": 0,
        "firsttoken.novelties": ("delta mood",),
    }
    attributes = {name: value for name, value in call_attributes(described).items() if name != "firsttoken.usage.raw"}
    (trace,) = telemetry.provider_traces
    expected = CapturedLog(
        event_name="firsttoken.provider_trace",
        severity="INFO",
        time_unix_ns=described.timing.ended_unix_ns,
        body=trace.body(),
        attributes=attributes | more,  # type: ignore[typeddict-item]
        trace_id=TRACE_ID,
        span_id=SPAN_ID,
    )
    assert expected == log
    assert trace.raw_usage == {"prompt_tokens": 100}
    assert trace.span is not None
    assert (trace.span.trace_id, trace.span.span_id) == (TRACE_ID, SPAN_ID)


def test_each_attempt_that_failed_is_a_record_at_its_failure_and_the_call_a_last_one(
    telemetry: CapturedTelemetry, retried: Call
) -> None:
    *failed, final = emitted(telemetry, retried)
    started = retried.timing.started_unix_ns
    assert [log["time_unix_ns"] for log in (*failed, final)] == [
        started + 10_000_000,
        started + 20_000_000,
        retried.timing.ended_unix_ns,
    ]
    assert [log["attributes"]["firsttoken.attempt.final"] for log in (*failed, final)] == [False, False, True]
    for attempt, log in zip(retried.attempts, failed, strict=True):
        assert attempt_attributes(attempt).items() <= log["attributes"].items()
        assert log["attributes"]["firsttoken.outcome"] == "failed"
        assert "gen_ai.usage.input_tokens" not in log["attributes"]
    assert [log["attributes"]["error.type"] for log in (*failed, final)] == [
        "rate_limit_error",
        "httpx.ReadTimeout",
        "overloaded_error",
    ]


def test_a_failed_call_says_what_it_was_and_how_large_and_nothing_that_was_said(
    telemetry: CapturedTelemetry, failed: Call
) -> None:
    (log,) = emitted(telemetry, replace(failed, sizes=Sizes(request_bytes=10)))
    assert (log["attributes"]["firsttoken.error.category"], log["attributes"]["firsttoken.request.body_bytes"]) == (
        "overloaded",
        10,
    )
    assert not {"request_body", "response_body"} & log["body"].keys()  # type: ignore[attr-defined]
    assert "Traceback" not in repr(log)


def test_the_callers_own_ids_are_in_the_record(telemetry: CapturedTelemetry, completed: Call) -> None:
    context = CallContext(user_id="u-1", tags=("a",), more={"plan": "pro"})
    emitted(telemetry, replace(completed, request=replace(completed.request, context=context)))
    (trace,) = telemetry.provider_traces
    assert trace.request.context == context


@pytest.mark.parametrize("context", [None, Context()])
def test_without_a_span_a_record_stands_alone(
    telemetry: CapturedTelemetry, completed: Call, context: Context | None
) -> None:
    (log,) = emitted(telemetry, completed, context)
    assert (log["trace_id"], log["span_id"]) == (None, None)
    assert "span" not in log["body"]  # type: ignore[operator]


def test_what_otlp_cannot_carry_costs_no_record(telemetry: CapturedTelemetry, completed: Call) -> None:
    usage = f'{{"half":"\\ud83d","huge":{"9" * 5000},"large":{2**64},"\\udc00":1}}'
    (log,) = emitted(telemetry, replace(completed, raw_usage=usage))
    over_otlp(log["body"])
    (trace,) = telemetry.provider_traces
    assert isinstance(trace.raw_usage, dict)
    assert list(trace.raw_usage.values()) == ["?", "9" * 5000, str(2**64), 1]


def events_of(call: Call, *, milestones: bool = True, limit: int = 128) -> list[tuple[str, int]]:
    """Name and time of what a span keeps."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(span_limits=SpanLimits(max_events=limit), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    emitter = SpanEmitter(provider.get_tracer("test"), milestones=milestones)
    emitter.end(emitter.start(call.request, call.timing.started_unix_ns), call)
    (span,) = exporter.get_finished_spans()
    return [(event.name, event.timestamp - call.timing.started_unix_ns) for event in span.events]


def test_the_span_has_the_milestones_in_their_order(completed: Call) -> None:
    assert events_of(completed) == [
        ("firsttoken.headers", 100_000_000),
        ("firsttoken.first_token", 300_000_000),
        ("firsttoken.provider_trace", 900_000_000),
    ]


def test_without_provider_traces_the_span_has_the_events_that_it_always_had(completed: Call, retried: Call) -> None:
    assert [name for name, _ in events_of(completed, milestones=False)] == ["firsttoken.first_token"]
    assert [name for name, _ in events_of(retried, milestones=False)] == [
        "firsttoken.attempt_failed",
        "firsttoken.attempt_failed",
        "firsttoken.error",
    ]


def test_the_metadata_says_what_the_record_is_like(telemetry: CapturedTelemetry, described: Call) -> None:
    emitter = SpanEmitter(telemetry.tracer_provider.get_tracer("test"))
    emitter.end(emitter.start(described.request, described.timing.started_unix_ns), described)
    (span,) = telemetry.spans
    assert span["events"][-1]["attributes"] == {
        "firsttoken.provider_trace.schema_version": "1.1",
        "firsttoken.attempt.number": 1,
        "firsttoken.request.body_bytes": 10,
        "firsttoken.response.body_bytes": 20,
        "firsttoken.event.last_type": "chat.completion.chunk",
        "firsttoken.event.unread": 0,
        "firsttoken.novelties": ("delta mood",),
    }


@pytest.mark.parametrize("limit", [4, 128])
def test_no_number_of_attempts_pushes_a_milestone_out(completed: Call, failed: Call, limit: int) -> None:
    attempts = tuple(Attempt(failed_ns=number, wait_ns=1) for number in range(100))
    call = replace(completed, attempts=attempts, failure=failed.failure, resend_count=100)
    kept = [name for name, _ in events_of(call, limit=limit)]
    assert kept[-4:] == [
        "firsttoken.headers",
        "firsttoken.first_token",
        "firsttoken.error",
        "firsttoken.provider_trace",
    ]
    assert len(kept) == min(limit, 104)
