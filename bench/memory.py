"""What observing keeps in memory while a stream is read: beside the bare SDK, and for each chunk more."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from bench.counted import SIDES
from bench.figures import Figure, Spread, Table
from bench.fresh import said
from bench.sdks import APIS

LENGTHS: Final = (10_000, 100_000)
BYTES_A_WORD: Final = len(" word0")
TEXT_AIM: Final = 1.2
"""So many times the text may be kept where content is captured."""

NOTHING_BYTES: Final = 1.0
"""For a chunk that is not kept. What waits for the background thread at the peak is a batch more or less."""

CODE: Final = """
import asyncio, gc, json, tracemalloc
from bench.counted import SIDES
from bench.observing import Telemetry
from bench.sdks import APIS, Caller

async def peak(caller, words):
    stream = await caller.open()
    gc.collect()
    tracemalloc.start()
    await caller.take(stream, words)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await caller.drain(stream)
    return peak

async def main():
    api, telemetry = APIS["{api}"], Telemetry()
    callers = {{
        own_spans: {{words: Caller(api, "sync", words, own_spans=own_spans) for words in (100, *{lengths})}}
        for own_spans in (False, True)
    }}
    bare, observed = [], []
    for words, caller in callers[False].items():
        bare.append(await peak(caller, words))
    with telemetry.observing(SIDES["{content}"]):
        for words, caller in callers[True].items():
            observed.append(await peak(caller, words))
            telemetry.settle()
    print(json.dumps([bare[1:], observed[1:]]))

asyncio.run(main())
"""


PROMPT_BYTES: Final = 20 * 1024 * 1024
PROMPT_AIM: Final = 2.2
"""So many times a prompt may be held besides the caller's own, on the background thread."""

PROMPTS: Final = {
    "nothing to take out": "",
    "a key to take out": "sk-abcdefghij0123456789ABCD",
}
PROMPT_CODE: Final = """
import json, tracemalloc
from firsttoken.call.bounds import Budget
from firsttoken.privacy.bodies import Limits, prepared
from firsttoken.privacy.redaction import Redaction, sights_for

line = "It was a bright cold day in April, and the clocks were striking thirteen. "
body = {{"messages": [{{"role": "user", "content": line * ({size} // len(line)) + "{key}"}}]}}
limits = Limits(Budget(262_144, 131_072), lambda text, sha256: None)
tracemalloc.start()
prepared(body, None, "full", Redaction(sights_for([])), limits)
print(json.dumps(tracemalloc.get_traced_memory()[1]))
"""


@dataclass(frozen=True, slots=True)
class Peaks:
    """Bytes at the peak of each length, up to the last word."""

    what: str
    content: str
    bare: list[float]
    observed: list[float]

    def figures(self) -> list[Figure]:
        return [
            Figure(f"{self.what}, {words:,} words", bare / 1024, Spread.of([(observed - bare) / 1024]))
            for words, bare, observed in zip(LENGTHS, self.bare, self.observed, strict=True)
        ]

    def for_a_word(self) -> Figure:
        """Without what the bare SDK itself keeps for each, which is nothing."""
        short, long = LENGTHS
        bare, observed = ((peaks[1] - peaks[0]) / (long - short) for peaks in (self.bare, self.observed))
        aim = NOTHING_BYTES if self.content == "off" else TEXT_AIM * BYTES_A_WORD
        return Figure(self.what, bare, Spread.of([observed - bare]), aim)


def measure() -> list[Table]:
    cells = [(api, content) for api in APIS for content, settings in SIDES.items() if settings is not None]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        peaks = list(pool.map(_peaks, cells))
    return [
        Table(
            "memory",
            "Added to the peak of memory while a stream is read",
            "KiB",
            tuple(figure for each in peaks for figure in each.figures()),
        ),
        Table(
            "memory_per_chunk",
            f"Added to that by each chunk more, of {BYTES_A_WORD} bytes of text",
            "bytes",
            tuple(each.for_a_word() for each in peaks),
        ),
        _large_prompts(),
    ]


def _large_prompts() -> Table:
    """Nothing of it is bare: without us, nobody redacts, digests and cuts."""
    peaks = {what: json.loads(said(PROMPT_CODE.format(size=PROMPT_BYTES, key=key))) for what, key in PROMPTS.items()}
    return Table(
        "memory_prompt",
        "Peak while a prompt of 20 MB is made fit for a provider trace, on the background thread",
        "KiB",
        tuple(
            Figure(what, 0, Spread.of([peak / 1024]), PROMPT_AIM * PROMPT_BYTES / 1024) for what, peak in peaks.items()
        ),
    )


def _peaks(cell: tuple[str, str]) -> Peaks:
    api, content = cell
    bare, observed = json.loads(said(CODE.format(api=api, content=content, lengths=LENGTHS)))
    return Peaks(f"{api}, content {content}", content, bare, observed)
