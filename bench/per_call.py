"""What observing adds to a call beside its chunks: up to the first of them, and from beginning to end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from bench.figures import Figure, Spread, Table
from bench.observing import Telemetry
from bench.sdks import APIS, SHAPES, Caller

WORDS: Final = 10
ROUNDS: Final = 120
AIM_US: Final = 100.0

Use = Callable[[Caller], Awaitable[float]]


def measure() -> list[Table]:
    telemetry = Telemetry()
    uses: dict[str, tuple[str, Use, float | None]] = {
        "first_chunk": ("Added before the first chunk is in the caller's hands", _first_chunk_us, AIM_US),
        "streamed_call": (f"Added to a call with {WORDS} streamed words on the caller's path", _streamed_us, None),
        "whole_call": ("Added to a call answered in one piece on the caller's path", _whole_us, None),
    }
    pairs = {
        f"{api.name}, {shape}": [Caller(api, shape, WORDS, own_spans=own_spans) for own_spans in (False, True)]
        for api in APIS.values()
        for shape in SHAPES
    }
    return [
        Table(
            name,
            title,
            "µs",
            tuple(Figure(what, *asyncio.run(_added(use, *pair, telemetry)), aim) for what, pair in pairs.items()),
        )
        for name, (title, use, aim) in uses.items()
    ]


async def _added(use: Use, bare: Caller, observed: Caller, telemetry: Telemetry) -> tuple[float, Spread]:
    bare_us: list[float] = []
    added_us: list[float] = []
    for _ in range(ROUNDS):
        await use(bare)
        first = await use(bare)
        with telemetry.observing():
            await use(observed)
            with_us = 0.0
            for _ in range(2):
                telemetry.settle()
                with_us += await use(observed)
        await use(bare)
        last = await use(bare)
        bare_us.append((first + last) / 2)
        added_us.append((with_us - first - last) / 2)
    return Spread.of(bare_us).median, Spread.of(added_us)


async def _first_chunk_us(caller: Caller) -> float:
    started = time.perf_counter_ns()
    stream = await caller.open()
    await caller.take(stream, 1)
    ended = time.perf_counter_ns()
    await caller.drain(stream)
    return (ended - started) / 1000


async def _streamed_us(caller: Caller) -> float:
    started = time.perf_counter_ns()
    await caller.drain(await caller.open())
    return (time.perf_counter_ns() - started) / 1000


async def _whole_us(caller: Caller) -> float:
    started = time.perf_counter_ns()
    await caller.whole()
    return (time.perf_counter_ns() - started) / 1000
