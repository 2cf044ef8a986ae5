"""The span of a call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import set_span_in_context

from firsttoken.call import Call, Outcome, Timing
from firsttoken.emit import SpanEmitter
from firsttoken.semconv.write import call_attributes
from firsttoken.testing import CapturedSpan, CapturedTelemetry

CAME_LATER = (Outcome.CLOSED, Outcome.ABANDONED, Outcome.CANCELLED)


def emitted(telemetry: CapturedTelemetry, call: Call, *, milestones: bool = False) -> CapturedSpan:
    emitter = SpanEmitter(telemetry.tracer_provider.get_tracer("test"), milestones=milestones)
    emitter.end(emitter.start(call.request, call.timing.started_unix_ns), call)
    (span,) = telemetry.spans
    return span


def test_a_span_lasts_exactly_as_long_as_its_call_and_says_all_of_it(
    telemetry: CapturedTelemetry, completed: Call
) -> None:
    span = emitted(telemetry, completed)
    started = completed.timing.started_unix_ns
    expected = CapturedSpan(
        name="chat gpt-4o",
        kind="CLIENT",
        scope="test",
        trace_id=span["trace_id"],
        span_id=span["span_id"],
        parent_span_id=None,
        start_unix_ns=started,
        end_unix_ns=started + 900_000_000,
        status="UNSET",
        status_description=None,
        attributes=call_attributes(completed),  # type: ignore[typeddict-item]
        events=[{"name": "firsttoken.first_token", "time_unix_ns": started + 300_000_000, "attributes": {}}],
    )
    assert expected == span


def test_embeddings_are_named_after_their_model_and_say_what_was_asked_for(
    telemetry: CapturedTelemetry, embedded: Call
) -> None:
    span = emitted(telemetry, embedded)
    expected = {
        "gen_ai.operation.name": "embeddings",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "text-embedding-3-small",
        "gen_ai.request.encoding_formats": ("float",),
        "gen_ai.embeddings.dimension.count": 8,
        "gen_ai.response.model": "text-embedding-3-small",
        "gen_ai.usage.input_tokens": 100,
    }
    said = {name: value for name, value in span["attributes"].items() if not name.startswith("firsttoken.")}
    assert ("embeddings text-embedding-3-small", expected) == (span["name"], said)


def test_a_fetch_has_no_model_in_its_name_and_nobodys_first_chunk(telemetry: CapturedTelemetry, fetched: Call) -> None:
    span = emitted(telemetry, fetched)
    expected = {
        "gen_ai.operation.name": "fetch_response",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.stream": True,
        "gen_ai.request.stream_cursor": "7",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.id": "resp_1",
        "gen_ai.response.model": "gpt-5",
        "gen_ai.response.status": "completed",
        "openai.api.type": "responses",
    }
    said = {name: value for name, value in span["attributes"].items() if not name.startswith("firsttoken.")}
    assert ("fetch_response", expected) == (span["name"], said)
    assert span["attributes"]["firsttoken.time_to_first_chunk"] == 0.01


def test_a_failure_is_the_spans_status_and_an_event_at_its_end(telemetry: CapturedTelemetry, failed: Call) -> None:
    span = emitted(telemetry, failed)
    assert (span["status"], span["status_description"]) == ("ERROR", "Overloaded.")
    assert span["attributes"]["error.type"] == "overloaded_error"
    described = {"error.type": "overloaded_error", "exception.message": "Overloaded."}
    event = {"name": "firsttoken.error", "time_unix_ns": span["end_unix_ns"], "attributes": described}
    assert [event] == span["events"]


def test_each_failed_attempt_is_an_event_at_its_failure_with_its_wait(
    telemetry: CapturedTelemetry, retried: Call
) -> None:
    span = emitted(telemetry, retried)
    started = retried.timing.started_unix_ns
    first = {
        "firsttoken.attempt.failed_after": 0.01,
        "firsttoken.attempt.wait": 0.005,
        "firsttoken.error.category": "rate_limit",
        "firsttoken.error.code": "rate_limit_error",
        "firsttoken.error.retry_after": 0.004,
        "firsttoken.response.request_id": "req_1",
        "http.response.status_code": 429,
    }
    second = {
        "firsttoken.attempt.failed_after": 0.02,
        "firsttoken.attempt.wait": 0.006,
        "firsttoken.error.category": "timeout",
        "exception.type": "httpx.ReadTimeout",
    }
    name = "firsttoken.attempt_failed"
    assert [
        {"name": name, "time_unix_ns": started + 10_000_000, "attributes": first},
        {"name": name, "time_unix_ns": started + 20_000_000, "attributes": second},
    ] == span["events"][:2]


def test_the_events_of_its_end_lie_within_the_span_where_each_time_is_rounded_down_to_a_microsecond(
    telemetry: CapturedTelemetry, failed: Call
) -> None:
    rounded_apart = replace(failed, timing=Timing(failed.timing.started_unix_ns + 600, 50_000_600))
    span = emitted(telemetry, rounded_apart, milestones=True)
    last_us = span["start_unix_ns"] // 1_000 + 50_000_600 // 1_000

    assert [event["name"] for event in span["events"]] == ["firsttoken.error", "firsttoken.provider_trace"]
    assert {last_us} == {event["time_unix_ns"] // 1_000 for event in span["events"]}


@pytest.mark.parametrize("outcome", CAME_LATER)
def test_what_the_caller_chose_is_no_error(telemetry: CapturedTelemetry, completed: Call, outcome: Outcome) -> None:
    span = emitted(telemetry, replace(completed, outcome=outcome))
    assert ("UNSET", outcome.value) == (span["status"], span["attributes"]["firsttoken.outcome"])
    assert "error.type" not in span["attributes"]


def test_a_stacktrace_stays_out_of_the_span(telemetry: CapturedTelemetry, failed: Call) -> None:
    assert "Traceback" not in str(emitted(telemetry, failed))


def test_a_call_without_content_has_no_event_for_it(telemetry: CapturedTelemetry, completed: Call) -> None:
    bare = replace(completed, timing=Timing(completed.timing.started_unix_ns, 5))
    span = emitted(telemetry, bare)
    assert (span["events"], span["end_unix_ns"] - span["start_unix_ns"]) == ([], 5)


def test_a_span_is_the_child_of_what_was_current_when_it_started(telemetry: CapturedTelemetry, completed: Call) -> None:
    tracer = telemetry.tracer_provider.get_tracer("test")
    emitter = SpanEmitter(tracer)
    with tracer.start_as_current_span("outer") as outer:
        implicit = emitter.start(completed.request, 1)
    explicit = emitter.start(completed.request, 1, set_span_in_context(outer))
    emitter.end(implicit, completed)
    emitter.end(explicit, completed)
    outer_id = f"{outer.get_span_context().span_id:016x}"
    assert [None, outer_id, outer_id] == [span["parent_span_id"] for span in telemetry.spans]


def test_a_call_that_a_sampler_left_out_is_ended_quietly(completed: Call, failed: Call) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(ALWAYS_OFF, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    emitter = SpanEmitter(provider.get_tracer("test"))
    for call in (completed, failed):
        emitter.end(emitter.start(call.request, 1), call)
    assert exporter.get_finished_spans() == ()
