"""Every surface, every end, sync and async: one record with the right outcome, and a caller who notices nothing."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import Any

import pytest

from firsttoken.call import Outcome
from firsttoken.testing import CapturedTelemetry, Gate, ProviderServer
from observe.ends import ENDS, Attempt, End
from observe.program import PROGRAMS, Program
from observe.surfaces import STREAMS, Opened, Surface
from observe.watching import raised, sees


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table."""

    surface: Surface
    end: End
    program: Program

    def __str__(self) -> str:
        return f"{self.surface.name} | {self.end.name} | {self.program.name}"


CELLS = [
    Cell(surface, end, PROGRAMS[name])
    for surface in STREAMS
    for end in ENDS
    for name in end.programs
    if end.where(surface.api)
]


def watch(cell: Cell) -> list[Any]:
    """Lets it happen, and returns what the program saw."""
    seen: list[Any] = []
    gate = Gate()

    async def happen() -> None:
        client = cell.program.client(cell.surface.sdk, server, **cell.end.client)

        async def open_() -> Opened:
            return await cell.surface.ask(cell.program, client)

        try:
            await cell.end.happen(Attempt(cell.program, open_, sees(seen), gate))
        finally:
            await cell.program.close(client)

    with ProviderServer(lambda request: cell.end.reply(gate)) as server:
        try:
            cell.program.run(happen())
        except BaseException as error:  # noqa: BLE001  an interrupt is among them
            seen.append(raised(error))
        if cell.end.outcome is Outcome.ABANDONED or cell.surface.name == "responses.stream":
            gc.collect()  # That helper raises at an event that it did not expect, and leaves its stream in a cycle.
        assert len(server.requests) == cell.end.requests
    return seen


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_an_end_is_recorded_once_and_the_caller_sees_what_the_bare_sdk_shows(
    cell: Cell, telemetry: CapturedTelemetry, instrumented: Any
) -> None:
    bare = watch(cell)
    with instrumented():
        assert watch(cell) == bare
    (span,) = telemetry.spans
    failed = cell.end.outcome.is_error
    error_class = next((event[1] for event in bare if event[0] == "raised"), None)
    assert {
        "outcome": cell.end.outcome.value,
        "error.type": cell.end.error_type_of(cell.surface.sdk, error_class),
        "status": "ERROR" if failed else "UNSET",
        "api": cell.surface.api.name,
    } == {
        "outcome": span["attributes"]["firsttoken.outcome"],
        "error.type": span["attributes"].get("error.type"),
        "status": span["status"],
        "api": span["attributes"]["firsttoken.api"],
    }
    if cell.end.chunks is not None:
        handed = 0 if cell.surface.api.raises_errors or cell.end.error_type != "server_error" else 1
        assert span["attributes"]["firsttoken.chunk.count"] == cell.end.chunks + handed
    assert [log["event_name"] for log in telemetry.logs if log["severity"] == "WARN"] == (
        ["gen_ai.client.operation.exception"] if failed else []
    )
    (duration,) = telemetry.points_of(cell.surface.api.duration_metric)
    assert duration["count"] == 1
