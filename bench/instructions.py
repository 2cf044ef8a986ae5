"""Machine instructions that observing adds, counted under callgrind: figures that no other load on the machine moves.

The slope between streams of two lengths is what a chunk costs, the rest is what the call costs beside its chunks.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Literal

from bench.callgrind import Counts, Mode, Streams, counts, demand_valgrind
from bench.counted import LONG, SHORT
from bench.figures import Figure, Spread, Table
from bench.sdks import APIS, SHAPES, Shape

Where = Literal["caller", "all threads"]
WHERE: Final[tuple[Where, ...]] = ("caller", "all threads")
CONTENT: Final = ("off", "on")
REPLAYS: Final = 2
PARSES: Final = 1
"""A stream whose chunks are parsed takes a hundred times as long to count."""

PER_CHUNK_AIMS: Final[Mapping[Where, float]] = {"caller": 3_000, "all threads": 10_000}
RATIO_AIMS: Final = {"chat": 1.01, "responses": 1.01, "messages": 1.06}
PER_CALL_AIM: Final = 1_500_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One API called one way, and what was counted of it."""

    api: str
    shape: Shape
    counts: Counts

    def totals(self, side: str, where: Where, length: str) -> list[float]:
        of = self.counts.path if where == "caller" else self.counts.in_all
        return list(of(f"{side}/{length}"))

    def per_chunk(self, side: str, where: Where) -> list[float]:
        pairs = zip(self.totals(side, where, "short"), self.totals(side, where, "long"), strict=True)
        return [(long - short) / (LONG - SHORT) for short, long in pairs]

    def per_call(self, side: str, where: Where) -> list[float]:
        """Beside its chunks."""
        pairs = zip(self.totals(side, where, "short"), self.per_chunk(side, where), strict=True)
        return [short - SHORT * per_chunk for short, per_chunk in pairs]

    def first_chunk(self, side: str) -> list[float]:
        return [count for length in ("short", "long") for count in self.counts.caller[f"{side}/{length}/first"]]

    def added(self, content: str, of: Callable[[str], list[float]]) -> tuple[float, Spread]:
        """What it is bare, which is counted before and after, and what observing adds."""
        bare = statistics.median([*of("bare"), *of("bare again")])
        return bare, Spread.of([value - bare for value in of(content)])

    def what(self, content: str, where: str) -> str:
        return f"{self.api}, {self.shape}, content {content}, {where}"


def measure() -> list[Table]:
    parsed = {(cell.api, cell.shape): cell for cell in cells("parsed", PARSES)}
    replayed = cells("replayed", REPLAYS)
    return added_tables(replayed, parsed)


def cells(mode: Mode, rounds: int) -> list[Cell]:
    demand_valgrind()
    kinds = [(api, shape) for api in APIS for shape in SHAPES]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = pool.map(lambda kind: counts(Streams(*kind, mode, rounds)), kinds)
        return [Cell(api, shape, found) for (api, shape), found in zip(kinds, counted, strict=True)]


def added_tables(replayed: list[Cell], parsed: Mapping[tuple[str, Shape], Cell] | None = None) -> list[Table]:
    """`parsed` says what a chunk takes a bare SDK; without it there is no ratio."""
    return [
        Table(
            "instructions_per_chunk",
            "Instructions added to each chunk",
            "instructions",
            tuple(
                _per_chunk(cell, content, where, None if parsed is None else parsed[cell.api, cell.shape])
                for where in WHERE
                for cell in replayed
                for content in CONTENT
            ),
        ),
        _table(
            "instructions_first_chunk",
            "Instructions added before the first chunk is in the caller's hands",
            replayed,
            lambda cell, content, _: cell.added(content, cell.first_chunk),
            {"caller": None},
        ),
        _table(
            "instructions_per_call",
            "Instructions added to a streamed call beside its chunks",
            replayed,
            lambda cell, content, where: cell.added(content, lambda side: cell.per_call(side, where)),
            dict.fromkeys(WHERE, PER_CALL_AIM),
        ),
        _table(
            "instructions_whole_call",
            "Instructions added to a call answered in one piece",
            replayed,
            lambda cell, content, where: cell.added(content, lambda side: cell.totals(side, where, "whole")),
            dict.fromkeys(WHERE),
        ),
    ]


def _per_chunk(cell: Cell, content: str, where: Where, parsed: Cell | None) -> Figure:
    """Aims for the ratio hold for all threads together."""
    _, added = cell.added(content, lambda side: cell.per_chunk(side, where))
    bare = 0 if parsed is None else statistics.median(parsed.per_chunk("bare", "caller"))
    ratio_aim = RATIO_AIMS[cell.api] if where == "all threads" else None
    return Figure(cell.what(content, where), bare, added, PER_CHUNK_AIMS[where], ratio_aim)


def _table(
    name: str,
    title: str,
    cells: list[Cell],
    added: Callable[[Cell, str, Where], tuple[float, Spread]],
    where: Mapping[Where, float | None],
) -> Table:
    """`where` is counted, with the aim for that."""
    figures = [
        Figure(cell.what(content, place), *added(cell, content, place), aim)
        for place, aim in where.items()
        for cell in cells
        for content in CONTENT
    ]
    return Table(name, title, "instructions", tuple(figures))
