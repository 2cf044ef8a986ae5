"""Provider traces of real calls: where they go, and one for each attempt."""

from __future__ import annotations

from typing import Any

import pytest

from firsttoken import Settings
from firsttoken.call import Category, Outcome
from firsttoken.settings import ProviderTraces
from firsttoken.testing import CapturedTelemetry, ErrorAnswer, ProviderServer, text_answer
from observe.asking import streamed, using, whole
from observe.program import Program

SOON = {"retry-after-ms": "1"}
MILESTONES = {"firsttoken.headers", "firsttoken.provider_trace"}


@pytest.mark.parametrize(
    ("where", "records", "milestones"),
    [("logs", 1, set()), ("span_events", 0, MILESTONES), ("both", 1, MILESTONES), ("off", 0, set())],
)
def test_a_setting_says_where_provider_traces_go(
    where: ProviderTraces,
    records: int,
    milestones: set[str],
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    program: Program,
    instrumented: Any,
) -> None:
    with instrumented(Settings(provider_traces=where)):
        using(program, "openai", server, lambda client: streamed(program, client))
    (span,) = telemetry.spans
    assert len(telemetry.provider_traces) == records
    assert {event["name"] for event in span["events"]} == {"firsttoken.first_token", *milestones}
    assert [log["event_name"] for log in telemetry.logs] == ["gen_ai.client.inference.operation.details"]


def test_both_is_the_default() -> None:
    assert Settings().provider_traces == "both"


def test_each_attempt_of_a_call_has_a_record_with_the_same_ids(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Any
) -> None:
    server.enqueue(ErrorAnswer(status=429, headers=SOON), ErrorAnswer(status=503, headers=SOON), text_answer("Hi"))
    with instrumented():
        using(program, sdk, server, lambda client: whole(program, client), max_retries=2)
    first, second, final = telemetry.provider_traces
    assert [(trace.attempt.number, trace.attempt.final, trace.outcome) for trace in (first, second, final)] == [
        (1, False, Outcome.FAILED),
        (2, False, Outcome.FAILED),
        (3, True, Outcome.COMPLETED),
    ]
    assert [trace.response.status_code for trace in (first, second, final)] == [429, 503, 200]
    assert first.error is not None
    assert (first.error.category, final.error) == (Category.RATE_LIMIT, None)
    assert final.attempt.earlier == (first.attempt.failed, second.attempt.failed)
    (span,) = telemetry.spans
    assert {log["span_id"] for log in telemetry.provider_trace_logs} == {span["span_id"]}
    assert {trace.span and trace.span.span_id for trace in (first, second, final)} == {span["span_id"]}


@pytest.mark.parametrize("conventions", ["older", "both"])
def test_the_attributes_of_a_record_have_the_names_that_are_wanted(
    conventions: Any, server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Any
) -> None:
    with instrumented(Settings(conventions=conventions)):
        using(program, "openai", server, lambda client: whole(program, client))
    (log,) = telemetry.provider_trace_logs
    (span,) = telemetry.spans
    told = {name: value for name, value in span["attributes"].items() if name != "firsttoken.usage.raw"}
    assert told.items() <= log["attributes"].items()
    assert "gen_ai.system" in log["attributes"]
