"""Every end of a response over a WebSocket: one record each, and a caller who notices nothing."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry, Gate, ProviderServer
from observe.program import PROGRAMS, Program
from observe.socket_ends import SOCKET_ENDS, Line, Recorded, SocketEnd
from observe.watching import raised, sees

responses = pytest.importorskip("openai.resources.responses.responses")
if not hasattr(responses, "ResponsesConnection"):
    pytest.skip("no WebSockets in this version", allow_module_level=True)

CELLS = [
    pytest.param(end, PROGRAMS[name], id=f"{end}-{name}")
    for end in SOCKET_ENDS
    for name in end.programs
    if hasattr(responses.ResponsesConnection, end.needs)
]


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def watch(end: SocketEnd, program: Program) -> list[Any]:
    """Lets it happen, and returns what the program saw."""
    seen: list[Any] = []
    gate = Gate()

    async def happen() -> None:
        client = program.client("openai", server)
        try:
            manager = client.responses.connect()
            line = Line(program, manager, await program.enter(manager), sees(seen), gate)
            del manager
            await end.happen(line)
        finally:
            gate.open()
            await program.close(client)

    with ProviderServer() as server:
        server.enqueue(*end.replies(gate))
        try:
            program.run(happen())
        except BaseException as error:  # noqa: BLE001  an interrupt is among them
            seen.append(raised(error))
    gc.collect()
    return seen


@pytest.mark.parametrize(("end", "program"), CELLS)
def test_an_end_is_recorded_once_and_the_caller_sees_what_the_bare_sdk_shows(
    end: SocketEnd,
    program: Program,
    telemetry: CapturedTelemetry,
    instrumented: Callable[..., AbstractContextManager[None]],
    record_property: Callable[[str, object], None],
) -> None:
    record_property("cell", end.cell(program.name))
    bare = watch(end, program)
    before = dict(troubles)
    with instrumented():
        assert watch(end, program) == bare
    assert dict(troubles) == before
    assert tuple(recorded(span["attributes"]) for span in telemetry.spans) == end.recorded
    assert ["ERROR" if call.outcome.is_error else "UNSET" for call in end.recorded] == [
        span["status"] for span in telemetry.spans
    ]
    assert [(trace.span and trace.span.span_id, trace.outcome.value) for trace in telemetry.provider_traces] == [
        (span["span_id"], span["attributes"]["firsttoken.outcome"]) for span in telemetry.spans
    ]
    assert all(trace.attempt.final for trace in telemetry.provider_traces)
    points = telemetry.points_of("gen_ai.client.inference.duration")
    assert sum(point["count"] or 0 for point in points) == len(end.recorded)


def recorded(attributes: dict[str, Any]) -> Recorded:
    from firsttoken.call import Outcome

    return Recorded(
        outcome=Outcome(attributes["firsttoken.outcome"]),
        error_type=attributes.get("error.type"),
        chunks=attributes.get("firsttoken.chunk.count", 0),
        usage=attributes.get("gen_ai.usage.output_tokens"),
    )
