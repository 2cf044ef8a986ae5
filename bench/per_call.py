"""What observing adds to a call beside its chunks: up to the first of them, and from beginning to end.

In processor time of the caller's thread, which other programs do not lengthen much: nothing that is added waits.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from typing import Final

from bench.figures import Figure, Spread, Table
from bench.observing import Telemetry
from bench.sdks import Caller, Pair, pairs

WORDS: Final = 10
ROUNDS: Final = 12
WARM_UP: Final = 5
BLOCK: Final = 15
PAUSE_S: Final = 0.002
"""Between calls on either side, as calls come. What the one before has left to do is done then."""
AIM_US: Final = 100.0

Use = Callable[[Caller], Awaitable[float]]


def measure() -> list[Table]:
    telemetry = Telemetry()
    uses: dict[str, tuple[str, Use, float | None]] = {
        "first_chunk": ("Added before the first chunk is in the caller's hands", _first_chunk_us, AIM_US),
        "streamed_call": (f"Added to a call with {WORDS} streamed words on the caller's path", _streamed_us, None),
        "whole_call": ("Added to a call answered in one piece on the caller's path", _whole_us, None),
    }
    compared = pairs(WORDS)
    return [
        Table(name, title, "µs", tuple(asyncio.run(_added(use, pair, telemetry, aim)) for pair in compared))
        for name, (title, use, aim) in uses.items()
    ]


async def _added(use: Use, pair: Pair, telemetry: Telemetry, aim: float | None) -> Figure:
    """Blocks of calls as A B B A, and the difference of their medians: to instrument is to change the SDK's classes,
    after which Python takes some calls to be as fast again."""
    bare_us: list[float] = []
    added_us: list[float] = []
    for _ in range(ROUNDS):
        first = await _block_us(use, pair.bare)
        with telemetry.observing():
            with_us = await _block_us(use, pair.observed, telemetry) + await _block_us(use, pair.observed, telemetry)
        last = await _block_us(use, pair.bare)
        bare_us.append((first + last) / 2)
        added_us.append((with_us - first - last) / 2)
    return Figure(pair.what, Spread.of(bare_us).median, Spread.of(added_us), aim)


async def _block_us(use: Use, caller: Caller, telemetry: Telemetry | None = None) -> float:
    taken: list[float] = []
    for _ in range(WARM_UP + BLOCK):
        if telemetry is not None:
            telemetry.settle()
        time.sleep(PAUSE_S)  # noqa: ASYNC251  nothing else is to run
        taken.append(await use(caller))
    return statistics.median(taken[WARM_UP:])


async def _first_chunk_us(caller: Caller) -> float:
    started = time.thread_time_ns()
    stream = await caller.open()
    await caller.take(stream, 1)
    ended = time.thread_time_ns()
    await caller.drain(stream)
    return (ended - started) / 1000


async def _streamed_us(caller: Caller) -> float:
    started = time.thread_time_ns()
    await caller.drain(await caller.open())
    return (time.thread_time_ns() - started) / 1000


async def _whole_us(caller: Caller) -> float:
    started = time.thread_time_ns()
    await caller.whole()
    return (time.thread_time_ns() - started) / 1000
