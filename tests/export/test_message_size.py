"""No message is larger than a receiver takes by default, and a record that is too large takes no other down with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from export.collector import Received, grpc_collector, http_collector
from firsttoken.export import delivery, exporters
from firsttoken.export.delivery import MESSAGE_BYTES
from firsttoken.losses import Loss, losses
from firsttoken.testing import CapturedTelemetry

COLLECTORS: dict[str, Any] = {"grpc": grpc_collector, "http/protobuf": http_collector}
SIGNALS: tuple[Literal["spans", "logs"], ...] = ("spans", "logs")
MEGABYTE = 1024 * 1024

Send = Callable[[str, dict[str, Any]], None]


@pytest.fixture(params=COLLECTORS)
def collector(request: pytest.FixtureRequest, unset: pytest.MonkeyPatch) -> Iterator[Received]:
    """One with the limits that its kind of server has, and with the environment that sends everything to it."""
    with COLLECTORS[request.param]() as received:
        unset.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.endpoint)
        unset.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", request.param)
        for processor in ("BSP", "BLRP"):
            unset.setenv(f"OTEL_{processor}_SCHEDULE_DELAY", "600000")
        for signal in ("TRACES", "LOGS"):
            unset.setenv(f"OTEL_{signal}_EXPORTER", "otlp")
        yield received


def deliver(signal: str, records: dict[str, dict[str, Any]]) -> None:
    """Sends records of these names and attributes through a provider of ours, in one batch."""
    if signal == "spans":
        tracers = exporters.own_tracer_provider(lambda action: action(), Resource.get_empty())
        for name, attributes in records.items():
            tracers.get_tracer("test").start_span(name, attributes=attributes).end()
        tracers.shutdown()
    else:
        loggers = exporters.own_logger_provider(lambda action: action(), Resource.get_empty())
        for name, attributes in records.items():
            loggers.get_logger("test").emit(event_name=name, attributes=attributes)
        loggers.shutdown()


@pytest.mark.parametrize("signal", SIGNALS)
def test_many_large_records_go_out_in_several_messages(collector: Received, signal: str) -> None:
    records = {f"{number}": {"text": "x" * MEGABYTE} for number in range(9)}
    deliver(signal, records)
    assert (getattr(collector, signal), losses) == (list(records), {})
    assert 3 * MEGABYTE < collector.largest <= MESSAGE_BYTES


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize(
    "attributes",
    [
        {"text": "x" * 9 * MEGABYTE},
        {"text": "é" * 5 * MEGABYTE},
        {"texts": ["x" * 2_000] * 6_000},
        {f"text {number}": "x" * 100_000 for number in range(90)},
    ],
    ids=["one text", "no ASCII", "a list", "many texts"],
)
def test_a_record_that_is_too_large_is_cut_and_says_so_and_its_neighbours_arrive(
    collector: Received, signal: str, attributes: dict[str, Any]
) -> None:
    deliver(signal, {"before": {}, "large": attributes, "after": {}})
    assert (getattr(collector, signal), losses) == (["before", "large", "after"], {})
    (original_size,) = collector.original_sizes
    assert original_size > 8 * MEGABYTE > MESSAGE_BYTES >= collector.largest


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_record_that_no_cut_makes_small_is_counted_and_its_neighbours_arrive(
    collector: Received, signal: Literal["spans", "logs"]
) -> None:
    deliver(signal, {"before": {}, "large": {"numbers": list(range(2**60, 2**60 + 300_000))}, "after": {}})
    assert getattr(collector, signal) == ["before", "after"]
    assert losses == {Loss(signal, "too_large"): 1}


def test_what_is_kept_of_a_text_is_its_beginning_and_its_end() -> None:
    class Kept:
        def export(self, batch: Any) -> None:
            (self.record,) = batch

    kept = Kept()
    with CapturedTelemetry() as telemetry:
        exporter = delivery.DeliveringExporter(kept, delivery.SPANS, message_bytes=3000)
        span: Any = telemetry.tracer_provider.get_tracer("test").start_span("large")
        span.set_attributes({"text": "start" + "x" * 5000 + "end", "number": 7})
        span.add_event("moment", {"text": "y" * 100})
        span.end()
        exporter.export([span])
    text = kept.record.attributes["text"]
    assert (text[:5], text[-3:], len(text) <= 1024) == ("start", "end", True)
    assert " […] " in text
    assert kept.record.attributes["number"] == 7
    assert [dict(event.attributes) for event in kept.record.events] == [{"text": "y" * 100}]
    assert (kept.record.context, kept.record.start_time) == (span.context, span.start_time)


ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"a": "x", "b": 1, "c": 1.5, "d": True, "é": "日本語" * 50},
    {"words": ["a" * 100, "b"], "numbers": [2**62] * 50, "flags": [True] * 9},
    {f"attribute {number}": "y" * number for number in range(120)},
]


@pytest.mark.parametrize("attributes", ATTRIBUTES, ids=range(len(ATTRIBUTES)))
def test_no_record_weighs_less_than_its_message_has_bytes(attributes: dict[str, Any]) -> None:
    exporter = InMemoryLogRecordExporter()
    with CapturedTelemetry() as telemetry:
        span: Any = telemetry.tracer_provider.get_tracer("test", "1.0", "https://schema").start_span("s" * 300)
        span.set_attributes(attributes)
        for _ in range(20):
            span.add_event("moment", attributes)
            span.add_link(span.context, attributes)
        span.end()
        telemetry.logger_provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
        nested: Any = {"parts": [{"type": "text", "content": attributes}], "nothing": None, "bytes": b"\xff" * 100}
        logger = telemetry.logger_provider.get_logger("test")
        logger.emit(event_name="e", body=nested, attributes={**attributes, **nested})
    (log,) = exporter.get_finished_logs()
    assert encode_spans([span]).ByteSize() <= delivery.SPANS.weigh(span)
    assert encode_logs([log]).ByteSize() <= delivery.LOGS.weigh(log)


def test_an_exporter_that_fails_or_raises_loses_what_it_was_given_and_the_next_message_goes_out() -> None:
    class Failing:
        def __init__(self) -> None:
            self.given: list[int] = []

        def export(self, batch: Any) -> Any:
            self.given.append(len(batch))
            if len(self.given) == 1:
                raise OSError
            return type("Result", (), {"name": "FAILURE" if len(self.given) == 2 else "SUCCESS"})

    failing = Failing()
    with CapturedTelemetry() as telemetry:
        spans: list[Any] = []
        for _ in range(6):
            spans.append(telemetry.tracer_provider.get_tracer("test").start_span("s", attributes={"text": "x" * 5000}))
            spans[-1].end()
        delivery.DeliveringExporter(failing, delivery.SPANS, message_bytes=13_000).export(spans)
    assert failing.given == [2, 2, 2]
    assert losses == {Loss("spans", "export_failed"): 4}
