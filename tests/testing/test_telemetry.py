"""What is emitted into captured telemetry can be read back as plain values."""

from __future__ import annotations

import pytest
from opentelemetry import metrics, trace
from opentelemetry._logs import SeverityNumber, get_logger_provider
from opentelemetry.trace import SpanKind, StatusCode

from firsttoken.testing import CapturedTelemetry


def test_a_span_is_a_dict() -> None:
    with CapturedTelemetry() as captured:
        tracer = captured.tracer_provider.get_tracer("a-scope")
        with tracer.start_as_current_span("outer") as outer:
            span = tracer.start_span("chat gpt-4o", kind=SpanKind.CLIENT, start_time=5, attributes={"a": [1, 2]})
            span.add_event("token", {"n": 1}, timestamp=7)
            span.set_status(StatusCode.ERROR, "why")
            span.end(end_time=9)
    context, parent = span.get_span_context(), outer.get_span_context()
    assert captured.spans[0] == {
        "name": "chat gpt-4o",
        "kind": "CLIENT",
        "scope": "a-scope",
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
        "parent_span_id": f"{parent.span_id:016x}",
        "start_unix_ns": 5,
        "end_unix_ns": 9,
        "status": "ERROR",
        "status_description": "why",
        "attributes": {"a": (1, 2)},
        "events": [{"name": "token", "time_unix_ns": 7, "attributes": {"n": 1}}],
    }
    assert (captured.spans[1]["parent_span_id"], captured.spans[1]["status"]) == (None, "UNSET")


def test_a_point_is_a_dict_and_can_be_found_by_its_metric() -> None:
    with CapturedTelemetry() as captured:
        meter = captured.meter_provider.get_meter("a-scope")
        histogram = meter.create_histogram("wait", "s", explicit_bucket_boundaries_advisory=[1.0, 2.0])
        histogram.record(0.5, {"model": "m"})
        histogram.record(3.0, {"model": "m"})
        meter.create_counter("calls", "{call}").add(2)
        points = captured.points
        assert captured.points_of("wait") == points[1:]
    assert points == [
        {
            "name": "calls",
            "unit": "{call}",
            "attributes": {},
            "value": 2,
            "count": None,
            "bounds": None,
            "bucket_counts": None,
        },
        {
            "name": "wait",
            "unit": "s",
            "attributes": {"model": "m"},
            "value": 3.5,
            "count": 2,
            "bounds": (1.0, 2.0),
            "bucket_counts": (1, 0, 1),
        },
    ]


def test_points_are_cumulative_so_that_reading_takes_nothing_away() -> None:
    with CapturedTelemetry() as captured:
        assert captured.points == []
        counter = captured.meter_provider.get_meter("a").create_counter("calls")
        counter.add(1)
        values = [captured.points[0]["value"]]
        counter.add(1)
        assert [*values, captured.points[0]["value"]] == [1, 2]


def test_a_log_is_a_dict_that_belongs_to_the_span_it_was_emitted_in() -> None:
    with CapturedTelemetry() as captured:
        logger = captured.logger_provider.get_logger("a-scope")
        with captured.tracer_provider.get_tracer("a").start_as_current_span("a") as span:
            logger.emit(
                event_name="an.event", severity_number=SeverityNumber.WARN, body="b", attributes={"k": "v"}, timestamp=3
            )
        logger.emit(event_name="alone")
    context = span.get_span_context()
    assert captured.logs[0] == {
        "event_name": "an.event",
        "severity": "WARN",
        "time_unix_ns": 3,
        "body": "b",
        "attributes": {"k": "v"},
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
    }
    assert (captured.logs[1]["trace_id"], captured.logs[1]["severity"]) == (None, None)


def test_two_captures_share_nothing_and_no_global_provider_is_touched() -> None:
    before = trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider()
    with CapturedTelemetry() as one, CapturedTelemetry() as other:
        one.tracer_provider.get_tracer("a").start_span("a").end()
        one.logger_provider.get_logger("a").emit(event_name="a")
    assert (len(one.spans), len(one.logs), other.spans, other.logs) == (1, 1, [], [])
    assert before == (trace.get_tracer_provider(), metrics.get_meter_provider(), get_logger_provider())


def test_every_span_is_kept_whatever_the_environment_says_about_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    with CapturedTelemetry({"service.name": "mine"}) as captured:
        captured.tracer_provider.get_tracer("a").start_span("a").end()
    assert len(captured.spans) == 1
    assert captured.tracer_provider.resource.attributes == {"service.name": "mine"}
