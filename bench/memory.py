"""How much more memory is in use at the peak of a long stream that is observed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from bench.figures import Figure, Spread, Table
from bench.fresh import said
from bench.sdks import APIS

LENGTHS: Final = (10_000, 100_000)

CODE: Final = """
import asyncio, gc, json, tracemalloc
from bench.observing import Telemetry
from bench.sdks import APIS, Caller

async def peak_kib(caller):
    gc.collect()
    tracemalloc.start()
    await caller.drain(await caller.open())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1024

async def main():
    api, telemetry = APIS["{api}"], Telemetry()
    short = [Caller(api, "sync", 10, own_spans=own_spans) for own_spans in (False, True)]
    long = [Caller(api, "sync", {words}, own_spans=own_spans) for own_spans in (False, True)]
    await peak_kib(short[0])
    bare = await peak_kib(long[0])
    with telemetry.observing():
        await peak_kib(short[1])
        telemetry.settle()
        observed = await peak_kib(long[1])
    print(json.dumps([bare, observed]))

asyncio.run(main())
"""


def measure() -> list[Table]:
    cells = [(api, words) for api in APIS for words in LENGTHS]
    with ThreadPoolExecutor() as pool:
        figures = tuple(pool.map(_figure, cells))
    return [Table("memory", "Added to the peak of memory during one stream", "KiB", figures)]


def _figure(cell: tuple[str, int]) -> Figure:
    api, words = cell
    bare, observed = json.loads(said(CODE.format(api=api, words=words)))
    return Figure(f"{api}, {words:,} words", bare, Spread.of([observed - bare]))
