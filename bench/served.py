"""`firsttoken serve` over a store, on two cores: where it listens, and what it takes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench.fresh import FIRSTTOKEN, environment

SERVER_CORES: Final = {0, 1}
PORTS: Final = ("--grpc-port", "0", "--http-port", "0", "--page-port", "0")


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    grpc: str
    """HOST:PORT."""
    http: str
    """The same, of its OTLP over HTTP."""
    page: str
    """The same, of its page."""
    process: psutil.Process

    def processor_s(self) -> float:
        """Of all its threads so far, its helper's share included."""
        return sum(sum(each.cpu_times()[:2]) for each in self._all())

    def memory_mb(self) -> float:
        return sum(each.memory_info().rss for each in self._all()) / 1e6

    def _all(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def served(path: Path) -> Generator[Served]:
    """Until the end of the block."""
    command = [FIRSTTOKEN, "serve", "--store", str(path), *PORTS]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, SERVER_CORES)
        assert process.stdout is not None
        try:
            told = dict(line.split(maxsplit=1) for line in (process.stdout.readline() for _ in range(4)))
            places = {name: place.strip().removeprefix("http://").rstrip("/") for name, place in told.items()}
            yield Served(places["OTLP/gRPC"], places["OTLP/HTTP"], places["Page"], psutil.Process(process.pid))
        finally:
            process.terminate()
