"""What observing adds to each chunk of a stream: for the caller who waits for it, and in all threads."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final

from bench.figures import Figure, Spread, Table
from bench.observing import Telemetry
from bench.sdks import Caller, Pair, pairs

WORDS: Final = 1000
BLOCK: Final = 10
"""Chunks read from one stream before the other's turn comes: so few that the machine's speed is the same for both."""
STREAMS: Final = 25
WHOLE_STREAMS: Final = 20
AIM_US: Final = 1.0


def measure() -> list[Table]:
    telemetry = Telemetry()
    compared = pairs(WORDS)
    on_the_path = tuple(asyncio.run(_on_the_path(pair, telemetry)) for pair in compared)
    in_all = tuple(asyncio.run(_in_all(pair, telemetry)) for pair in compared)
    return [
        Table("per_chunk", "Added to each chunk on the caller's path", "µs", on_the_path),
        Table("per_chunk_in_all", "Processor time added to each chunk, all threads together", "µs", in_all),
    ]


async def _on_the_path(pair: Pair, telemetry: Telemetry) -> Figure:
    """Two streams open at once, one of them observed, read in turn block by block."""
    bare, observed = pair.bare, pair.observed
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
    return Figure(pair.what, Spread.of(bare_us).median, Spread.of(added_us), AIM_US)


async def _us(caller: Caller, stream: Any) -> float:
    """Microseconds for each chunk of one block."""
    started = time.perf_counter_ns()
    await caller.take(stream, BLOCK)
    return (time.perf_counter_ns() - started) / BLOCK / 1000


async def _in_all(pair: Pair, telemetry: Telemetry) -> Figure:
    """Whole streams one after the other, up to the moment when their telemetry is delivered."""
    bare_us: list[float] = []
    added_us: list[float] = []
    for _ in range(WHOLE_STREAMS):
        first = await _cpu_us(pair.bare)
        with telemetry.observing():
            with_us = await _cpu_us(pair.observed, telemetry) + await _cpu_us(pair.observed, telemetry)
        last = await _cpu_us(pair.bare)
        bare_us.append((first + last) / 2)
        added_us.append((with_us - first - last) / 2)
    return Figure(pair.what, Spread.of(bare_us).median, Spread.of(added_us))


async def _cpu_us(caller: Caller, telemetry: Telemetry | None = None) -> float:
    started = time.process_time_ns()
    await caller.drain(await caller.open())
    if telemetry is not None:
        telemetry.settle()
    return (time.process_time_ns() - started) / WORDS / 1000
