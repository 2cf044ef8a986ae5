"""What observing adds to each chunk of a stream: for the caller who waits for it, and in all threads."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from bench.figures import Figure, Spread, Table
from bench.observing import Telemetry
from bench.sdks import APIS, SHAPES, Caller

WORDS: Final = 1000
BLOCK: Final = 10
"""Chunks read from one stream before the other's turn comes: so few that the machine's speed is the same for both."""
STREAMS: Final = 25
WHOLE_STREAMS: Final = 20
AIM_US: Final = 1.0


def measure() -> list[Table]:
    telemetry = Telemetry()
    on_the_path: list[Figure] = []
    in_all: list[Figure] = []
    for api in APIS.values():
        for shape in SHAPES:
            pair = [Caller(api, shape, WORDS, own_spans=own_spans) for own_spans in (False, True)]
            name = f"{api.name}, {shape}"
            on_the_path.append(asyncio.run(_on_the_path(name, *pair, telemetry)))
            in_all.append(asyncio.run(_in_all(name, *pair, telemetry)))
    return [
        Table("per_chunk", "Added to each chunk on the caller's path", "µs", tuple(on_the_path)),
        Table("per_chunk_in_all", "CPU time added to each chunk, all threads together", "µs", tuple(in_all)),
    ]


async def _on_the_path(name: str, bare: Caller, observed: Caller, telemetry: Telemetry) -> Figure:
    """Two streams open at once, one of them observed, read in turn block by block."""
    bare_us: list[float] = []
    added_us: list[float] = []
    for _ in range(STREAMS):
        plain = await bare.open()
        with telemetry.observing():
            watched = await observed.open()
            await bare.take(plain, BLOCK)
            await observed.take(watched, BLOCK)
            for _ in range(WORDS // (2 * BLOCK) - 1):
                first = await _us(bare, plain)
                with_us = await _us(observed, watched) + await _us(observed, watched)
                last = await _us(bare, plain)
                bare_us.append((first + last) / 2)
                added_us.append((with_us - first - last) / 2)
            await bare.drain(plain)
            await observed.drain(watched)
    return Figure(name, Spread.of(bare_us).median, Spread.of(added_us), AIM_US)


async def _us(caller: Caller, stream: Any) -> float:
    """Microseconds for each chunk of one block."""
    started = time.perf_counter_ns()
    await caller.take(stream, BLOCK)
    return (time.perf_counter_ns() - started) / BLOCK / 1000


async def _in_all(name: str, bare: Caller, observed: Caller, telemetry: Telemetry) -> Figure:
    """Whole streams one after the other, up to the moment when their telemetry is delivered."""
    bare_us: list[float] = []
    added_us: list[float] = []
    for _ in range(WHOLE_STREAMS):
        first = await _cpu_us(bare)
        with telemetry.observing():
            with_us = await _cpu_us(observed, telemetry) + await _cpu_us(observed, telemetry)
        last = await _cpu_us(bare)
        bare_us.append((first + last) / 2)
        added_us.append((with_us - first - last) / 2)
    return Figure(name, Spread.of(bare_us).median, Spread.of(added_us))


async def _cpu_us(caller: Caller, telemetry: Telemetry | None = None) -> float:
    started = time.process_time_ns()
    await caller.drain(await caller.open())
    if telemetry is not None:
        telemetry.settle()
    return (time.process_time_ns() - started) / WORDS / 1000
