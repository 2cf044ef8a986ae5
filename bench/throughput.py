"""What observing takes from the throughput of many streams at once."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from bench.figures import Figure, Spread, Table
from bench.observing import Telemetry
from bench.sdks import APIS, Caller

STREAMS: Final = 200
WORDS: Final = 100
ROUNDS: Final = 3


def measure() -> list[Table]:
    telemetry = Telemetry()
    return [
        Table(
            "throughput",
            f"Processor time added to each chunk of {STREAMS} asynchronous streams at once, all threads together",
            "µs",
            tuple(asyncio.run(_figure(name, telemetry)) for name in APIS),
        )
    ]


async def _figure(name: str, telemetry: Telemetry) -> Figure:
    """The ratio is by what the throughput of a program falls that does nothing else: Python runs one thread a time."""
    bare, observed = (
        Caller(APIS[name], "async", WORDS, own_spans=own_spans, in_turns=True) for own_spans in (False, True)
    )
    await _us(bare)
    with telemetry.observing():
        await _us(observed, telemetry)
    bare_us: list[float] = []
    added_us: list[float] = []
    for _ in range(ROUNDS):
        first = await _us(bare)
        with telemetry.observing():
            with_us = await _us(observed, telemetry) + await _us(observed, telemetry)
        last = await _us(bare)
        bare_us.append((first + last) / 2)
        added_us.append((with_us - first - last) / 2)
    return Figure(name, Spread.of(bare_us).median, Spread.of(added_us))


async def _us(caller: Caller, telemetry: Telemetry | None = None) -> float:
    """Microseconds for each chunk."""
    started = time.process_time_ns()
    await asyncio.gather(*(_drained(caller) for _ in range(STREAMS)))
    if telemetry is not None:
        telemetry.settle()
    return (time.process_time_ns() - started) / STREAMS / WORDS / 1000


async def _drained(caller: Caller) -> None:
    await caller.drain(await caller.open())
