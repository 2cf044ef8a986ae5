"""How much later the first line of a program comes when it runs under `firsttoken run`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.figures import Figure, Table, added
from bench.fresh import FIRSTTOKEN, environment

ROUNDS: Final = 8
AIM_MS: Final = 1000.0

PROGRAM: Final = (sys.executable, "-c", "print(1)")


def measure() -> list[Table]:
    with tempfile.TemporaryDirectory() as folder:
        run = (*_run(Path(folder) / "bench.duckdb"), "--", *PROGRAM)
        bare_ms, added_ms = added(lambda: _first_line_ms(PROGRAM), lambda: _first_line_ms(run), ROUNDS)
    figure = Figure("python -c 'print(1)'", bare_ms, added_ms, AIM_MS)
    return [Table("run_start", "Added before a program's first line by firsttoken run", "ms", (figure,))]


def _run(store: Path) -> tuple[str, ...]:
    ports = ("--grpc-port", "0", "--http-port", "0", "--page-port", "0")
    return (FIRSTTOKEN, "run", "--exit", "--store", str(store), *ports)


def _first_line_ms(command: Sequence[str]) -> float:
    started = time.perf_counter_ns()
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        ended = time.perf_counter_ns()
        process.stdout.read()
    if line != b"1\n" or process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} printed {line!r} and ended with {process.returncode}")
    return (ended - started) / 1e6
