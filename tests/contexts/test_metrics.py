"""Which of what is said of calls is on their metrics, and that it can never make ever more series."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from observe.asking import streamed, using, whole
from observe.program import PROGRAMS
from points import of_calls

import firsttoken
from firsttoken import Settings
from firsttoken.call import Call, CallContext, Outcome, Request, Timing
from firsttoken.emit import MetricEmitter
from firsttoken.emit.chosen import MOST_VALUES, OTHER
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry, ErrorAnswer, ProviderServer, text_answer

Instrumented = Callable[..., AbstractContextManager[None]]


def test_no_metric_says_on_whose_behalf_a_call_was_made_unless_it_is_listed(
    sdk: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        with firsttoken.context(user_id="u", call_type="agent_step", feature="search", tags=["beta"]):
            await streamed(PROGRAMS["async"], client)

    with instrumented():
        using(PROGRAMS["async"], sdk, server, work)
    said = {"u", "agent_step", "search", ("beta",)}
    assert telemetry.points
    assert [point for point in telemetry.points if said & set(point["attributes"].values())] == []


@pytest.mark.parametrize("conventions", ["current", "older", "both"])
def test_what_is_listed_is_on_every_metric_of_a_call(
    conventions: Any, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    server.enqueue(text_answer(), ErrorAnswer(status=400))

    async def work(client: Any) -> None:
        with firsttoken.context(user_id="u", call_type="agent_step", feature="search"):
            await streamed(PROGRAMS["async"], client)
            with pytest.raises(Exception, match="400"):
                await whole(PROGRAMS["async"], client)

    listed = ("call_type", "feature", "firsttoken.run.id", "gen_ai.response.id")
    with instrumented(Settings(metric_attributes=listed, conventions=conventions)):
        using(PROGRAMS["async"], "openai", server, work)
    names = ("firsttoken.call_type", "feature", "user.id", "gen_ai.response.id")
    found = [[point["attributes"].get(name) for name in names] for point in of_calls(telemetry)]
    assert len(found) > 3
    assert [["agent_step", "search", None, None]] * len(found) == found


def test_an_attribute_with_ever_more_values_stays_bounded_and_warns_once(
    telemetry: CapturedTelemetry, caplog: pytest.LogCaptureFixture
) -> None:
    emitter = MetricEmitter(telemetry.meter_provider.get_meter("test"), chosen=["user.id", "feature"])
    for number in range(3 * MOST_VALUES):
        context = CallContext(user_id=f"u{number}", more={"feature": number % 3})
        request = Request("chat", "openai", "openai.chat_completions", context=context)
        emitter.record(Call(request, Timing(0, 1), Outcome.COMPLETED), None)
        emitter.record_gaps(request, None, [1])
    durations = telemetry.points_of("gen_ai.client.inference.duration")
    of_other = [point["count"] for point in durations if point["attributes"]["user.id"] == OTHER]
    assert (len(durations), sum(count or 0 for count in of_other)) == (MOST_VALUES + 3, 2 * MOST_VALUES)
    assert len(telemetry.points_of("gen_ai.client.inference.time_per_output_chunk")) == MOST_VALUES + 3
    (warning,) = [record.message for record in caplog.records if record.levelno == logging.WARNING]
    assert warning.startswith("firsttoken puts user.id on metrics with 100 values and calls all others 'other'")
    assert troubles["put a value on metrics"] == 4 * MOST_VALUES
