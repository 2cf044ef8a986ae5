"""A call carries what was said where it was started, whoever reads its answer, and wherever."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import anyio
import pytest
from observe.asking import opened, read, streamed, using, whole
from observe.program import COLOURS, Program, runs_in
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler, SamplingResult

import firsttoken
from firsttoken import Settings
from firsttoken.call import CallContext
from firsttoken.testing import CapturedTelemetry, Delivery, ErrorAnswer, Gate, ProviderServer, text_answer

Instrumented = Callable[..., AbstractContextManager[None]]

SAID: dict[str, Any] = {
    "user_id": "u",
    "session_id": "s",
    "agent_id": "a",
    "run_id": "r",
    "step_id": 3,
    "org_id": "o",
    "project_id": "p",
    "call_type": "agent_step",
    "retry_group": "g",
    "tags": ["beta"],
    "feature": "search",
    "attempt": 2,
}
CARRIED: dict[str, Any] = {
    "user.id": "u",
    "session.id": "s",
    "gen_ai.agent.id": "a",
    "firsttoken.run.id": "r",
    "firsttoken.step.id": "3",
    "firsttoken.organization.id": "o",
    "firsttoken.project.id": "p",
    "firsttoken.call_type": "agent_step",
    "firsttoken.retry_group": "g",
    "firsttoken.tags": ("beta",),
    "firsttoken.context.names": ("feature", "attempt"),
    "feature": "search",
    "attempt": 2,
}


class Watching(Sampler):
    """Keeps what a sampler is shown."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []

    def should_sample(self, *args: Any, **kwargs: Any) -> SamplingResult:
        self.shown.append(dict(kwargs.get("attributes") or args[4]))
        return ALWAYS_ON.should_sample(*args, **kwargs)

    def get_description(self) -> str:
        return "watching"


def carried(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: attributes[name] for name in CARRIED if name in attributes}


def users(telemetry: CapturedTelemetry) -> list[object]:
    """Of each call, in the order in which they ended."""
    return [span["attributes"].get("user.id") for span in telemetry.spans if span["scope"] == "firsttoken"]


@pytest.mark.parametrize("ask", [streamed, whole])
def test_a_calls_span_and_events_carry_what_was_said(
    ask: Any,
    sdk: str,
    program: Program,
    server: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Instrumented,
) -> None:
    server.enqueue(text_answer(), ErrorAnswer(status=400))

    async def work(client: Any) -> None:
        with firsttoken.context(**SAID):
            await ask(program, client)
            with pytest.raises(Exception, match="400"):
                await ask(program, client)

    with instrumented():
        using(program, sdk, server, work)
    signals = [*telemetry.spans, *telemetry.logs]
    assert len(telemetry.spans) == 2
    assert "gen_ai.client.operation.exception" in {log["event_name"] for log in telemetry.logs}
    assert [CARRIED] * len(signals) == [carried(signal["attributes"]) for signal in signals]


def test_a_provider_trace_has_it_in_its_record(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        with firsttoken.context(**SAID):
            await streamed(program, client)

    with instrumented():
        using(program, sdk, server, work)
    (log,), (trace,) = telemetry.provider_trace_logs, telemetry.provider_traces
    more = {"feature": "search", "attempt": 2}
    expected = CallContext("u", "s", "a", "r", "3", "o", "p", "agent_step", "g", ("beta",), more)
    assert (CARRIED, expected) == (carried(log["attributes"]), trace.request.context)


def test_a_call_outside_of_any_context_says_nothing(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        with firsttoken.context(**SAID):
            pass
        await whole(program, client)

    with instrumented():
        using(program, sdk, server, work)
    assert [carried(signal["attributes"]) for signal in (*telemetry.spans, *telemetry.logs)] == [{}] * 2


def test_a_sampler_sees_it(sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry) -> None:
    sampler = Watching()
    firsttoken.instrument(
        Settings(),
        tracer_provider=TracerProvider(sampler, shutdown_on_exit=False),
        meter_provider=telemetry.meter_provider,
        logger_provider=telemetry.logger_provider,
    )

    async def work(client: Any) -> None:
        with firsttoken.context(**SAID):
            await streamed(program, client)

    try:
        using(program, sdk, server, work)
    finally:
        firsttoken.uninstrument()
    assert [carried(shown) for shown in sampler.shown] == [CARRIED]


@pytest.mark.filterwarnings("ignore:.*Async generator .* was garbage collected")  # trio says so of the SDK's own
@pytest.mark.parametrize("colour", ["async", "trio"])
def test_two_tasks_on_one_client_keep_their_ids_apart(
    sdk: str, colour: str, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    if not runs_in(colour, sdk):
        pytest.skip("this version of the SDK runs on asyncio alone")
    program, gate = COLOURS[colour], Gate()
    server.enqueue(*[text_answer(delivery=Delivery(before={2: gate}))] * 2)

    async def task(client: Any, user: str) -> None:
        with firsttoken.context(user_id=user):
            stream = await opened(program, client)
            if len(server.requests) == 2:
                gate.open()
            await read(program, stream)

    async def both(client: Any) -> None:
        await concurrently(task(client, "one"), task(client, "other"))

    with instrumented():
        using(program, sdk, server, both)
    assert sorted(map(str, users(telemetry))) == ["one", "other"]


async def concurrently(*work: Any) -> None:
    async def run(each: Any) -> None:
        await each

    async with anyio.create_task_group() as tasks:
        for each in work:
            tasks.start_soon(run, each)


def test_a_stream_belongs_to_where_it_was_asked_for(
    sdk: str, program: Program, server: ProviderServer, telemetry: CapturedTelemetry, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        with firsttoken.context(user_id="asked"):
            stream = await opened(program, client)
        with firsttoken.context(user_id="reads"):
            await program.elsewhere(consume(stream))

    async def consume(stream: Any) -> None:
        with firsttoken.context(user_id="elsewhere"):
            await read(program, stream)

    with instrumented():
        using(program, sdk, server, work)
    assert users(telemetry) == ["asked"]
