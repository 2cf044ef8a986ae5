"""Every surface, every end, in every colour: one record with the right outcome, and a caller who notices nothing."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pytest
from opentelemetry import context, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from patience import PATIENCE_S
from provider_trace.schema import complaints

from firsttoken.call import Outcome
from firsttoken.guard import troubles
from firsttoken.testing import CapturedTelemetry, Gate, ProviderServer, ReceivedRequest
from firsttoken.testing.script import Reply
from firsttoken.trace.record import SpanIds
from observe.cells import CELLS, Cell
from observe.happenings import Attempt
from observe.replies import ANSWER
from observe.watching import class_of, raised, reset_alike, sees

CALLER: Final = NonRecordingSpan(SpanContext(7, 7, is_remote=False, trace_flags=TraceFlags(1)))
"""The span in which the program asks."""


@dataclass(slots=True)
class Stage:
    """One provider for the cells of a process, one after another."""

    cell: Cell | None = None
    gate: Gate = field(default_factory=Gate)

    def reply(self, request: ReceivedRequest) -> Reply:
        assert self.cell is not None
        if self.cell.surface.requests > 1 and not request.path.endswith("/results"):
            return ANSWER
        return self.cell.end.reply(self.gate, self.cell.surface.lead)


@pytest.fixture(scope="session")
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="session")
def provider(stage: Stage) -> Iterator[ProviderServer]:
    with ProviderServer(stage.reply) as server:
        yield server


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """A Ctrl-C as programs know it: runners of tests may ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def collects(cell: Cell) -> bool:
    return cell.end.outcome is Outcome.ABANDONED or cell.surface.name.startswith("responses.stream")


def watch(cell: Cell, stage: Stage, server: ProviderServer) -> list[Any]:
    """Lets it happen, and returns what the program saw."""
    seen: list[Any] = []
    stage.cell, stage.gate = cell, Gate()
    asked_before = len(server.requests)

    async def happen() -> None:
        client = cell.client(server, **{"timeout": PATIENCE_S, **cell.end.client(server)})
        token = context.attach(trace.set_span_in_context(CALLER))
        own = context.get_current()
        try:
            ask = partial(cell.surface.ask, cell.program, client)
            await cell.end.happen(Attempt(cell.program, client, ask, sees(seen), stage.gate))
        finally:
            assert context.get_current() is own
            context.detach(token)
            await cell.program.close(client)

    try:
        cell.program.run(happen())
    except Exception as error:  # noqa: BLE001  to be compared
        seen.append(raised(error))
    except BaseException as error:  # noqa: BLE001  what a Ctrl-C or a cancellation comes on top of is chance
        seen.append(("raised", class_of(error)))
    if collects(cell):
        gc.collect()  # That helper raises at an event that it did not expect, and leaves its stream in a cycle.
    requests = cell.surface.requests if cell.end.is_reached else 0
    assert len(server.wait_for_requests(asked_before + requests)) == asked_before + requests
    return seen


@pytest.mark.filterwarnings("ignore:Async generator .* was garbage collected:ResourceWarning")  # trio says so
@pytest.mark.parametrize("cell", [cell for cell in CELLS if not cell.end.is_apart], ids=str)
def test_an_end_is_recorded_once_and_the_caller_sees_what_the_bare_sdk_shows(
    cell: Cell,
    stage: Stage,
    provider: ProviderServer,
    telemetry: CapturedTelemetry,
    instrumented: Any,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("cell", str(cell))
    if collects(cell):
        gc.collect()  # What earlier cells left would be kept for good,
        gc.freeze()  # for what is here by now need not be looked through again and again.
    bare = watch(cell, stage, provider)
    troubles.clear()
    with instrumented():
        seen = watch(cell, stage, provider)
    assert reset_alike(seen) == reset_alike(bare)
    assert not troubles
    assert [record.message for record in caplog.records if record.name.startswith("opentelemetry")] == []
    (span,) = telemetry.spans
    failed = cell.end.outcome.is_error
    error_class = next((event[1] for event in seen if isinstance(event, tuple) and event[0] == "raised"), None)
    assert {
        "outcome": cell.end.outcome.value,
        "error.type": cell.end.error_type_of(cell.surface.sdk, error_class),
        "status": "ERROR" if failed else "UNSET",
        "api": cell.surface.api.name,
        "parent": f"{7:016x}" if cell.asks_in_its_context else None,
    } == {
        "outcome": span["attributes"]["firsttoken.outcome"],
        "error.type": span["attributes"].get("error.type"),
        "status": span["status"],
        "api": span["attributes"]["firsttoken.api"],
        "parent": span["parent_span_id"],
    }
    if cell.end.chunks is not None:
        handed = 0 if cell.surface.api.raises_errors or cell.end.error_type != "server_error" else 1
        assert span["attributes"].get("firsttoken.chunk.count", 0) == cell.end.chunks + handed
    assert [log["event_name"] for log in telemetry.logs if log["severity"] == "WARN"] == (
        ["gen_ai.client.operation.exception"] if failed else []
    )
    *earlier, final = telemetry.provider_traces
    assert [trace.attempt.final for trace in (*earlier, final)] == [False] * len(earlier) + [True]
    assert complaints(telemetry.provider_trace_logs[-1]["body"]) == []
    assert (final.outcome, final.span) == (
        cell.end.outcome,
        SpanIds(trace_id=span["trace_id"], span_id=span["span_id"]),
    )
    (duration,) = telemetry.points_of(cell.surface.api.duration_metric)
    assert duration["count"] == 1
