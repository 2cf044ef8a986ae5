"""What a sampler gets to see, and what becomes of a call that it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import get_args

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes
from patience import PATIENCE_S
from typing_extensions import override

import firsttoken
from conformance.conventions import SPAN
from conformance.plays import PLAYS, Play
from firsttoken.settings import Conventions
from firsttoken.testing import CapturedTelemetry, ProviderServer


class RecordingSampler(Sampler):
    """Keeps what it is shown, and decides as it is told."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        self.shown: list[tuple[str, SpanKind | None, dict[str, object]]] = []

    @override
    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        self.shown.append((name, kind, dict(attributes or {})))
        return SamplingResult(self.decision, attributes)

    def get_description(self) -> str:
        return "RecordingSampler"


@contextmanager
def observed(
    sampler: Sampler, conventions: Conventions = "current"
) -> Iterator[tuple[InMemorySpanExporter, CapturedTelemetry]]:
    exporter, tracers = InMemorySpanExporter(), TracerProvider(sampler, shutdown_on_exit=False)
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    with CapturedTelemetry() as telemetry:
        firsttoken.instrument(
            firsttoken.Settings(conventions=conventions),
            tracer_provider=tracers,
            meter_provider=telemetry.meter_provider,
            logger_provider=telemetry.logger_provider,
        )
        try:
            yield exporter, telemetry
        finally:
            firsttoken.uninstrument()


ONE_OF_EACH = pytest.mark.parametrize("play", [play for play in PLAYS if play.name == "every parameter"], ids=str)


@pytest.mark.parametrize("conventions", get_args(Conventions))
@ONE_OF_EACH
def test_a_sampler_sees_the_name_the_kind_and_all_that_is_known_before_the_request(
    server: ProviderServer, play: Play, conventions: Conventions
) -> None:
    sampler = RecordingSampler(Decision.RECORD_AND_SAMPLE)
    with observed(sampler, conventions) as (exporter, _):
        play.perform(server)
        assert firsttoken.flush(PATIENCE_S)
    ((name, kind, shown),) = sampler.shown
    assert (f"chat {play.model}", SpanKind.CLIENT) == (name, kind)
    assert {*SPAN["at_creation"]} <= shown.keys()
    assert shown.get("gen_ai.system") == (None if conventions == "current" else play.sdk)
    (span,) = exporter.get_finished_spans()
    learnt_later = {
        name
        for name in span.attributes or {}
        if not name.startswith(
            ("gen_ai.response.", "gen_ai.usage.", "openai.response.", "gen_ai.openai.response.", "firsttoken.", "http.")
        )
    }
    assert learnt_later == {name for name in shown if not name.startswith("firsttoken.")}


@ONE_OF_EACH
def test_a_call_that_is_not_sampled_still_counts_in_the_metrics_and_logs(server: ProviderServer, play: Play) -> None:
    with observed(RecordingSampler(Decision.DROP)) as (exporter, telemetry):
        play.perform(server)
        assert firsttoken.flush(PATIENCE_S)
        points = telemetry.points_of("gen_ai.client.inference.duration")
    assert (exporter.get_finished_spans(), [point["count"] for point in points], len(telemetry.logs)) == ((), [1], 1)
