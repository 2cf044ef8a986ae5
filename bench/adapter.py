"""What the streaming adapter adds to each event of a stream, beside the bare SDK and beside an observed one."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from bench.adapted import AdaptedCaller
from bench.counted import ADAPTED
from bench.figures import Figure, Spread, Table
from bench.instructions import Cell, cells
from bench.observing import Telemetry
from bench.sdks import APIS, SHAPES, Api, Caller, Shape

WORDS: Final = 1000
BLOCK: Final = 10
STREAMS: Final = 25
AIM_US: Final = 5.0
REPLAYS: Final = 2
AIM_INSTRUCTIONS: Final = 50_000
"""As many as 5 µs are on a quiet core."""


def measure() -> list[Table]:
    return [*_times(), counted(cells(ADAPTED, REPLAYS))]


def counted(cells: list[Cell]) -> Table:
    """Of the thread that reads the stream, beside the bare SDK. What observing alone adds stands beside it."""
    sides = ((ADAPTED, "adapter", AIM_INSTRUCTIONS), ("off", "observed alone", None))
    figures = [_added(cell, *side) for cell in cells for side in sides]
    return Table("adapter_instructions", "Instructions added to each event", "instructions", tuple(figures))


def _added(cell: Cell, side: str, what: str, aim: float | None) -> Figure:
    """Without a ratio: what the SDK takes to parse a chunk is not in it."""
    _, added = cell.added(side, lambda name: cell.per_chunk(name, "caller"))
    return Figure(f"{cell.api}, {cell.shape}, {what}", 0, added, aim)


def _times() -> list[Table]:
    """Bare, observed and adapted streams are open at once and read in turn, block by block."""
    telemetry = Telemetry()
    to_bare: list[Figure] = []
    to_observed: list[Figure] = []
    for api in APIS.values():
        for shape in SHAPES:
            bare, observed, adapted = asyncio.run(_in_turn(api, shape, telemetry))
            what = f"{api.name}, {shape}"
            to_bare.append(_figure(what, bare, adapted, AIM_US))
            to_observed.append(_figure(what, observed, adapted, None))
    return [
        Table("adapter", "Added by the adapter to each event, recording included", "µs", tuple(to_bare)),
        Table("adapter_itself", "Added by the adapter to each event of an observed stream", "µs", tuple(to_observed)),
    ]


def _figure(what: str, without: list[float], with_us: list[float], aim: float | None) -> Figure:
    added = [more - less for less, more in zip(without, with_us, strict=True)]
    return Figure(what, Spread.of(without).median, Spread.of(added), aim)


async def _in_turn(api: Api, shape: Shape, telemetry: Telemetry) -> tuple[list[float], list[float], list[float]]:
    """Microseconds for each chunk of a block, for each of the three."""
    callers = (
        Caller(api, shape, WORDS, own_spans=False),
        Caller(api, shape, WORDS, own_spans=True),
        AdaptedCaller(api, shape, WORDS),
    )
    taken: tuple[list[float], list[float], list[float]] = ([], [], [])
    for _ in range(STREAMS):
        plain = await callers[0].open()
        with telemetry.observing():
            streams = [plain, await callers[1].open(), await callers[2].open()]
            for caller, stream in zip(callers, streams, strict=True):
                await caller.take(stream, BLOCK)
            for _ in range(WORDS // (2 * BLOCK) - 1):
                there = [await _us(caller, stream) for caller, stream in zip(callers, streams, strict=True)]
                back = [await _us(caller, stream) for caller, stream in zip(callers[::-1], streams[::-1], strict=True)]
                for times, first, last in zip(taken, there, back[::-1], strict=True):
                    times.append((first + last) / 2)
            for caller, stream in zip(callers, streams, strict=True):
                await caller.drain(stream)
    return taken


async def _us(caller: Caller, stream: Any) -> float:
    started = time.perf_counter_ns()
    await caller.take(stream, BLOCK)
    return (time.perf_counter_ns() - started) / BLOCK / 1000
