"""Spans over real gRPC into `firsttoken serve` on two cores. Whoever sends has two others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure, Spread, Table
from bench.fresh import environment
from bench.served import Served, served

SENDER_CORES: Final = {2, 3}
SENDERS: Final = 4
SECONDS: Final = 20.0


@dataclass
class _Watched:
    """What a server was seen to take, its helper's share included."""

    memory_mb: list[float] = field(default_factory=lambda: [0.0])
    processor_s: float = 0.0


def ingest(path: Path, senders: int = SENDERS, seconds: float = SECONDS) -> list[Table]:
    """As fast as the senders are answered. A span is one of a call, of ours, with its three events: 2.3 KB."""
    with served(path) as server:
        watched = _Watched()
        told = _sent(server, senders, seconds, watched)
    answers = sorted(told["answers_ms"])
    each_us = told["took_s"] / told["spans"] * 1e6
    return [
        Table(
            "ingest",
            f"Spans over gRPC into a store, server on two cores, {senders} senders with 512 spans each under way",
            "µs for each span",
            (
                _figure("time", [each_us], 50),
                _figure("processor time, all threads", [watched.processor_s / told["spans"] * 1e6], 100),
            ),
        ),
        Table(
            "acknowledged",
            "From sending 512 spans to the answer that they are committed",
            "ms",
            (_figure("median", answers, None), _figure("99th percentile", [answers[int(len(answers) * 0.99)]], 100)),
        ),
        Table(
            "ingest_memory",
            "Memory of the server meanwhile, with its helper",
            "MB",
            (_figure("peak", [max(watched.memory_mb)], 1000),),
        ),
    ]


def _sent(server: Served, senders: int, seconds: float, watched: _Watched) -> dict[str, Any]:
    """What the senders said. What the server does before they are warm is not counted."""
    command = [sys.executable, "-m", "bench.sending", server.grpc, str(senders), str(seconds)]
    ended = threading.Event()
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        os.sched_setaffinity(process.pid, SENDER_CORES)
        assert process.stdout is not None
        assert process.stdout.readline() == "warm\n"
        before_s = server.processor_s()
        watching = threading.Thread(target=_watch, args=(server, ended, watched))
        watching.start()
        said = process.stdout.readline()
        watched.processor_s = server.processor_s() - before_s
        ended.set()
        watching.join()
    return json.loads(said)


def _watch(server: Served, ended: threading.Event, watched: _Watched) -> None:
    while not ended.wait(0.2):
        watched.memory_mb.append(server.memory_mb())


def _figure(what: str, values: list[float], aim: float | None) -> Figure:
    return Figure(what, 0, Spread.of(values), aim)
