"""Machine instructions that observing adds, counted under callgrind: a figure that no other load on the machine moves.

The slope between streams of two lengths is what a chunk costs, the rest is what the call costs beside its chunks.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bench.counted import CUT, LONG, PAIRS, SHORT
from bench.figures import Figure, Spread, Table
from bench.fresh import environment
from bench.sdks import APIS, SHAPES

Side = Literal["bare", "observed"]
SIDES: Final[tuple[Side, ...]] = ("bare", "observed")

MAIN_THREAD: Final = 1
CUTS: Final = 4
"""For each stream: before it, after it, after its telemetry was delivered, and the dump of all threads."""

PATH_AIM: Final = 3_000
ALL_AIM: Final = 10_000
CALL_AIM: Final = 1_500_000

Counts = Mapping[int, Mapping[int, int]]
"""Instructions by number of the cut that ended them, and by thread."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Instructions of streams, one value for each pair of lengths."""

    per_chunk: tuple[float, ...]
    per_call: tuple[float, ...]

    @classmethod
    def of(cls, totals: list[int]) -> Cost:
        """`totals` are those of a short stream and a long one in turn."""
        pairs = list(zip(totals[::2], totals[1::2], strict=True))
        slopes = tuple((long - short) / (LONG - SHORT) for short, long in pairs)
        return cls(slopes, tuple(short - SHORT * slope for (short, _), slope in zip(pairs, slopes, strict=True)))


def measure() -> list[Table]:
    if shutil.which("valgrind") is None:
        raise RuntimeError("valgrind is not installed: apt-get install valgrind")
    runs = [(api, side) for api in APIS for side in SIDES]
    with ThreadPoolExecutor() as pool:
        counted = dict(zip(runs, pool.map(_counted, runs), strict=True))
    costs = {
        (api, shape, side, where): Cost.of(_totals(counted[api, side], index, in_all=where == "all threads"))
        for api, side in runs
        for index, shape in enumerate(SHAPES)
        for where in ("caller", "all threads")
    }
    return [
        _table(costs, "per_chunk", "Instructions added to each chunk", {"caller": PATH_AIM, "all threads": ALL_AIM}),
        _table(costs, "per_call", "Instructions added to a streamed call beside its chunks", {"caller": CALL_AIM}),
    ]


def _table(
    costs: Mapping[tuple[str, str, Side, str], Cost],
    part: Literal["per_chunk", "per_call"],
    title: str,
    aims: Mapping[str, float],
) -> Table:
    figures: list[Figure] = []
    for where in ("caller", "all threads"):
        for api in APIS:
            for shape in SHAPES:
                bare, observed = (getattr(costs[api, shape, side, where], part) for side in SIDES)
                added = [value - statistics.median(bare) for value in observed]
                what = f"{api}, {shape}, {where}"
                figures.append(Figure(what, statistics.median(bare), Spread.of(added), aims.get(where)))
    return Table(f"instructions_{part}", title, "instructions", tuple(figures))


def _counted(run: tuple[str, Side]) -> Counts:
    api, side = run
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "valgrind",
            "--quiet",
            "--tool=callgrind",
            "--instr-atstart=no",
            "--separate-threads=yes",
            f"--dump-before={CUT}",
            f"--callgrind-out-file={folder}/count",
            *(sys.executable, "-m", "bench.counted", api, side),
        ]
        environ = environment() | {"PYTHONHASHSEED": "0"}
        subprocess.run(command, env=environ, check=True, capture_output=True, text=True, timeout=900)
        return _read(Path(folder))


def _read(folder: Path) -> Counts:
    counts: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for path in folder.iterdir():
        numbered = re.fullmatch(r"count\.(\d+)-(\d+)", path.name)
        if numbered:
            total = re.search(r"^totals: (\d+)$", path.read_text(), re.MULTILINE)
            assert total is not None
            counts[int(numbered[1])][int(numbered[2])] = int(total[1])
    return counts


def _totals(counts: Counts, shape: int, *, in_all: bool) -> list[int]:
    """The instructions of each stream of a shape, in order."""
    totals: list[int] = []
    for stream in range(2 * PAIRS * shape, 2 * PAIRS * (shape + 1)):
        read = CUTS * stream + 2
        total = counts[read][MAIN_THREAD]
        if in_all:
            others = [count for thread, count in counts[read + 2].items() if thread != MAIN_THREAD]
            total += counts[read + 1][MAIN_THREAD] + sum(others)
        totals.append(total)
    return totals
