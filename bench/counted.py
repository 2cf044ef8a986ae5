"""One side of an instruction count, run under callgrind by `bench.instructions`: `python -m bench.counted chat bare`.

Streams answers of two lengths and has callgrind cut its count between them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from bench.observing import Telemetry
from bench.sdks import APIS, SHAPES, Api, Caller

SHORT: Final = 100
LONG: Final = 500
PAIRS: Final = 4
"""How many times both lengths are streamed, for each shape."""

CUT: Final = "getpgrp"
"""The C function at which callgrind cuts the count of the thread that enters it. Nothing else calls it."""

THREAD_UNDISTURBED_S: Final = 1000.0
"""A thread runs until it waits. Callgrind is so slow that threads would otherwise take turns fifty times as often as
they do, and be charged for it."""


async def count(api: Api, settle: Callable[[], None], *, own_spans: bool) -> None:
    callers = [{words: Caller(api, shape, words, own_spans=own_spans) for words in (SHORT, LONG)} for shape in SHAPES]
    for caller in callers:
        for words in (SHORT, LONG):
            await caller[words].drain(await caller[words].open())
            settle()
    gc.collect()
    gc.disable()
    sys.setswitchinterval(THREAD_UNDISTURBED_S)
    control("--instr=on")
    for caller in callers:
        for words in (SHORT, LONG) * PAIRS:
            os.getpgrp()
            await caller[words].drain(await caller[words].open())
            os.getpgrp()
            settle()
            os.getpgrp()
            control("--dump")


def control(order: str) -> None:
    """Has callgrind obey: a dump cuts the counts of all threads, and giving the order is counted on this one."""
    subprocess.run(["callgrind_control", order, str(os.getpid())], check=True, capture_output=True)


def main() -> None:
    api, side = APIS[sys.argv[1]], sys.argv[2]
    if side == "bare":
        asyncio.run(count(api, lambda: None, own_spans=False))
        return
    telemetry = Telemetry()
    with telemetry.observing():
        asyncio.run(count(api, telemetry.settle, own_spans=True))


if __name__ == "__main__":
    main()
