"""What `bench.callgrind` has run under callgrind: `python -m bench.counted chat sync replayed 4`.

One client streams short and long answers bare, observed, observed with content, and bare once more. All in one process,
for two processes lay out the SDK's own objects differently, which moves its cost by more than ours is. Where the SDK
parses each chunk, its own cost alone is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, cast

from bench.adapted import AdaptedCaller
from bench.observing import Telemetry
from bench.replay import replaying
from bench.sdks import APIS, Api, Caller, Shape
from firsttoken import Settings
from firsttoken.observe.recording import MARKS_HELD

SHORT: Final = 100
LONG: Final = SHORT + MARKS_HELD
"""Longer by what a recording hands on at once, twice, so that each chunk bears its fair part of that."""

CUT: Final = "getpgrp"
"""The C function at which callgrind cuts the count of the thread that enters it. Nothing else calls it."""

THREAD_UNDISTURBED_S: Final = 1000.0
"""A thread runs until it waits. Callgrind is so slow that threads would otherwise take turns fifty times as often as
they do, and be charged for it."""

WARM_UP: Final = 3

SIDES: Final[dict[str, Settings | None]] = {
    "bare": None,
    "off": Settings(),
    "on": Settings(capture_content="SPAN_AND_EVENT"),
    "bare again": None,
}
"""Each side with the settings under which it is observed, content off or on."""

ADAPTED: Final = "adapted"
MODES: Final[dict[str, dict[str, Settings | None]]] = {
    "replayed": SIDES,
    "parsed": {"bare": None},
    ADAPTED: {"bare": None, "off": Settings(), ADAPTED: Settings(), "bare again": None},
}
"""What is counted: of chunks that are the same objects each time, of such as the SDK parses each time, and of the
former as events of the streaming adapter."""


@dataclass(slots=True)
class Ledger:
    """What each of callgrind's numbered counts is the count of."""

    entries: list[str] = field(default_factory=list[str])

    def cut(self, what: str = "") -> None:
        """Ends a count of this thread. `what` is empty where nobody wants to know it."""
        os.getpgrp()
        self.entries.append(what)

    def cut_all(self, what: str) -> None:
        """Ends a count of every thread. That of this one includes the giving of the order."""
        control("--dump")
        self.entries.append(what)


class NoLedger(Ledger):
    """For calls that are not counted."""

    def cut(self, what: str = "") -> None:
        pass

    def cut_all(self, what: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Side:
    """A client, observed or not, and what it takes to have everything of a call behind one."""

    name: str
    ledger: Ledger
    settle: Callable[[], None]

    async def stream(self, caller: Caller, length: str) -> None:
        """Counts one stream: up to its first chunk, the rest of it, and what is done once it has ended."""
        label = f"{self.name}/{length}"
        self.ledger.cut()
        stream = await caller.open()
        await caller.take(stream, 1)
        self.ledger.cut(f"{label}/first")
        await caller.drain(stream)
        del stream
        self.ledger.cut(f"{label}/rest")
        self._settle(f"{label}/behind")

    async def whole(self, caller: Caller) -> None:
        """Counts one call that is answered in one piece, and what it takes to wait where nothing is left to do."""
        self.ledger.cut()
        await caller.whole()
        self.ledger.cut(f"{self.name}/whole/rest")
        self._settle(f"{self.name}/whole/behind")
        self._settle(f"{self.name}/idle")

    def _settle(self, label: str) -> None:
        self.ledger.cut()
        self.settle()
        self.ledger.cut(label)
        self.ledger.cut_all(f"{label} elsewhere")


async def count(api: Api, shape: Shape, rounds: int, mode: str) -> list[str]:
    telemetry, ledger = Telemetry(), Ledger()
    lengths = {"short": SHORT, "long": LONG}
    bare, observed, adapted = (
        {length: made_of(api, shape, words) for length, words in lengths.items()}
        for made_of in (partial(Caller, own_spans=False), partial(Caller, own_spans=True), AdaptedCaller)
    )
    with contextlib.nullcontext() if mode == "parsed" else await replaying(bare.values(), shape):
        for name, settings in MODES[mode].items():
            callers = adapted if name == ADAPTED else bare if settings is None else observed
            observing = contextlib.nullcontext() if settings is None else telemetry.observing(settings)
            with observing:
                side = Side(name, ledger, (lambda: None) if settings is None else telemetry.settle)
                for _ in range(WARM_UP):
                    await _all(Side(name, NoLedger(), side.settle), callers)
                with counting():
                    for _ in range(rounds):
                        await _all(side, callers)
    return ledger.entries


async def _all(side: Side, callers: dict[str, Caller]) -> None:
    for length, caller in callers.items():
        await side.stream(caller, length)
    await side.whole(callers["short"])


@contextlib.contextmanager
def counting() -> Iterator[None]:
    gc.collect()
    gc.disable()
    control("--instr=on")
    try:
        yield
    finally:
        control("--instr=off")
        gc.enable()


def control(order: str) -> None:
    subprocess.run(["callgrind_control", order, str(os.getpid())], check=True, capture_output=True)


def main() -> None:
    api, shape, mode, rounds = sys.argv[1:]
    sys.setswitchinterval(THREAD_UNDISTURBED_S)
    entries = asyncio.run(count(APIS[api], cast("Shape", shape), int(rounds), mode))
    print(json.dumps(entries))


if __name__ == "__main__":
    main()
