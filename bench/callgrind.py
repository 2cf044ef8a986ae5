"""Runs `bench.counted` under callgrind and reads what it counted."""

from __future__ import annotations

import json
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from bench.counted import CUT
from bench.fresh import environment
from bench.sdks import Shape

MAIN_THREAD: Final = 1
LONGEST_S: Final = 600
TRIES: Final = 3
"""Callgrind itself crashes or stands still now and then, on a machine that is busy; what it counts stays the same."""


Mode = Literal["replayed", "parsed", "adapted"]
"""As in `bench.counted`."""


@dataclass(frozen=True, slots=True)
class Streams:
    """What is streamed, and how often."""

    api: str
    shape: Shape
    mode: Mode
    rounds: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Instructions of each entry of the ledger, one value for each time that it was counted."""

    caller: dict[str, list[int]]
    elsewhere: dict[str, list[int]]

    def path(self, label: str) -> list[int]:
        """On the caller's path, of each stream or call."""
        rest = self.caller[f"{label}/rest"]
        return [sum(parts) for parts in zip(self.caller.get(f"{label}/first", [0] * len(rest)), rest, strict=True)]

    def in_all(self, label: str) -> list[float]:
        """In all threads, up to the export of its telemetry, without what the waiting for that takes."""
        side = label.split("/", maxsplit=1)[0]
        idle = statistics.median(self._done(f"{side}/idle"))
        behind = self._done(f"{label}/behind")
        return [path + done - idle for path, done in zip(self.path(label), behind, strict=True)]

    def _done(self, label: str) -> list[int]:
        """On this thread and on the others."""
        here, elsewhere = self.caller[label], self.elsewhere[f"{label} elsewhere"]
        return [sum(threads) for threads in zip(here, elsewhere, strict=True)]


def demand_valgrind() -> None:
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is needed and not here: run scripts/system_packages.sh valgrind, or install it")


def counts(streams: Streams) -> Counts:
    """Raises RuntimeError where the program fails, and where callgrind does each time."""
    program = (sys.executable, "-m", "bench.counted", streams.api, streams.shape, streams.mode, str(streams.rounds))
    complaint = ""
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            status, said, complaints = _run(program, Path(folder))
            if status == 0:
                return _read(Path(folder), json.loads(said))
        complaint = f"{' '.join(program)} under callgrind ended with {status}:\n{complaints}"
        print(complaint, file=sys.stderr)
        if status > 0:
            break
    raise RuntimeError(complaint)


def _run(program: tuple[str, ...], folder: Path) -> tuple[int, str, str]:
    """Its status, below 0 where it was not the program that failed, what it said, and what it complained of."""
    command = [
        "valgrind",
        "--quiet",
        "--tool=callgrind",
        "--instr-atstart=no",
        "--separate-threads=yes",
        f"--dump-before={CUT}",
        f"--callgrind-out-file={folder}/count",
        *program,
    ]
    environ = environment() | {"PYTHONHASHSEED": "0"}
    try:
        run = subprocess.run(command, env=environ, check=False, capture_output=True, text=True, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL, "", f"it took more than {LONGEST_S} s"
    return run.returncode, run.stdout, run.stderr


def _read(folder: Path, entries: list[str]) -> Counts:
    totals = _totals(folder)
    caller: defaultdict[str, list[int]] = defaultdict(list)
    elsewhere: defaultdict[str, list[int]] = defaultdict(list)
    for number, entry in enumerate(entries, 1):
        if entry:
            caller[entry].append(totals[number].get(MAIN_THREAD, 0))
            elsewhere[entry].append(sum(total for thread, total in totals[number].items() if thread != MAIN_THREAD))
    return Counts(dict(caller), dict(elsewhere))


def _totals(folder: Path) -> dict[int, dict[int, int]]:
    """Instructions by number of the count, and by thread."""
    totals: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for path in folder.iterdir():
        if numbered := re.fullmatch(r"count\.(\d+)-(\d+)", path.name):
            total = re.search(r"^totals: (\d+)$", path.read_text(), re.MULTILINE)
            assert total is not None
            totals[int(numbered[1])][int(numbered[2])] = int(total[1])
    return totals
