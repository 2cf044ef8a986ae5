"""When each event of a response over a WebSocket came and what it carried, as for a stream over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from firsttoken import Settings
from firsttoken.call.packed_timeline import unpacked
from firsttoken.call.timeline import Timeline
from firsttoken.testing import CapturedTelemetry, Cut, Delivery, ProviderServer, text_answer
from observe.asking import using
from observe.program import Program
from observe.socket_ends import ASKED, LAST
from observe.test_timeline import MIXED, agrees, be_busy, carried_by_response

Instrumented = Callable[..., AbstractContextManager[None]]

responses = pytest.importorskip("openai.resources.responses.responses")
if not hasattr(responses, "ResponsesConnection"):
    pytest.skip("no WebSockets in this version", allow_module_level=True)


async def heard(program: Program, connection: Any, between: Callable[[], None] | None = None) -> list[Any]:
    """The events of the response that is on."""
    events: list[Any] = []
    while not events or events[-1].type not in LAST:
        if events and between is not None:
            between()
        events.append(await program.get(connection.recv()))
    return events


def timelines_of(telemetry: CapturedTelemetry) -> list[Timeline]:
    """Each agrees with what the trace says of time."""
    found: list[Timeline] = []
    for trace in telemetry.provider_traces:
        assert trace.timeline is not None
        timeline = unpacked(trace.timeline)
        assert timeline is not None
        agrees(trace, timeline)
        found.append(timeline)
    return found


def test_responses_on_one_socket_have_each_the_timeline_of_its_own_events(
    server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Instrumented
) -> None:
    server.enqueue(MIXED, text_answer("One", " two"))
    events: list[list[Any]] = []

    async def work(client: Any) -> None:
        manager = client.responses.connect()
        connection = await program.enter(manager)
        for _ in range(2):
            await program.get(connection.response.create(**ASKED))
            events.append(await heard(program, connection))
        await program.leave(manager)

    with instrumented(Settings(trace_content="full")):
        using(program, "openai", server, work)
    first, second = timelines_of(telemetry)
    assert [list(first.contents), list(second.contents)] == list(map(carried_by_response, events))
    said = (*MIXED.reasoning, *MIXED.text, *(piece for call in MIXED.tool_calls for piece in call.arguments))
    assert [length for length in first.lengths or () if length] == list(map(len, said))
    assert [length for length in second.lengths or () if length] == [3, 4]


def test_the_time_that_nobody_is_at_the_socket_is_not_time_that_was_waited(
    server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Instrumented
) -> None:
    async def work(client: Any) -> None:
        manager = client.responses.connect()
        connection = await program.enter(manager)
        await program.get(connection.response.create(**ASKED))
        await heard(program, connection, between=be_busy)
        await program.leave(manager)

    with instrumented():
        using(program, "openai", server, work)
    (timeline,) = timelines_of(telemetry)
    spent = timeline.arrived_ns[-1] - timeline.arrived_ns[0] - sum(timeline.waited_ns[1:])
    assert spent >= 0.01e9 * (len(timeline.arrived_ns) - 1)


def test_a_response_whose_socket_is_lost_has_the_timeline_of_what_came(
    server: ProviderServer, telemetry: CapturedTelemetry, program: Program, instrumented: Instrumented
) -> None:
    server.enqueue(text_answer(delivery=Delivery(stop_after=4, stop_by=Cut.RESET)))
    seen: list[Any] = []

    async def work(client: Any) -> None:
        manager = client.responses.connect()
        connection = await program.enter(manager)
        await program.get(connection.response.create(**ASKED))
        try:
            while True:
                seen.append(await program.get(connection.recv()))
        except Exception:  # noqa: BLE001  the WebSocket library's own
            await program.leave(manager)

    with instrumented():
        using(program, "openai", server, work)
    (timeline,) = timelines_of(telemetry)
    assert list(timeline.contents) == carried_by_response(seen)
    assert len(seen) > 0
