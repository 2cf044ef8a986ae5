"""What the embedded store takes in, how soon it says so, what that takes, and how soon it answers afterwards."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final

import psutil

from bench.figures import Figure, Spread, Table
from bench.ingest import ingest
from bench.many_calls import many_calls
from firsttoken.analyse.latency import LatencyOptions, latency
from firsttoken.store import Store

COUNTS: Final = (1_000_000, 10_000_000)
"""How many calls there are when it is asked, each time in the same store."""
ASKED: Final = 5
AHEAD: Final = 4
"""Batches that may wait for the writer."""
BY_MODEL: Final = LatencyOptions(group_by=("model",))
BY_MODEL_ALONE: Final = """
SELECT model, quantile_cont(first_token_ns, 0.95) FROM calls WHERE stream AND uses_tokens GROUP BY model
"""
WAIT_S: Final = 600.0
"""How long a batch may take to be committed."""
AIM_MS: Final = {1_000_000: 100.0, 10_000_000: 1000.0}


def measure() -> list[Table]:
    with tempfile.TemporaryDirectory() as folder:
        return [*ingest(Path(folder) / "sent.duckdb"), *kept(Path(folder) / "kept.duckdb")]


def kept(path: Path, counts: Sequence[int] = COUNTS) -> list[Table]:
    """Rows as the receivers make them, straight through the writer. The store is closed once at each count."""
    sizes: list[Figure] = []
    answers: list[Figure] = []
    memory: list[Figure] = []
    for before, count in pairwise((0, *counts)):
        with Store.open(path) as store:
            with _watched() as written_mb:
                write_calls(store, before, count)
            sizes.append(_figure(f"{count:,} calls, as written", [_size(path) / count], 300))
            with _watched() as asked_mb:
                answers += _answers(store, count)
        sizes.append(_figure(f"{count:,} calls, closed", [_size(path) / count], 300))
        memory.append(_figure(f"{count:,} calls, while it wrote", [max(written_mb)], 1000))
        memory.append(_figure(f"{count:,} calls, while it was asked", [max(asked_mb)], None))
    return [
        Table("size", "The file of the store and its log, for each call", "B", tuple(sizes)),
        Table("answers", "Answers from a store of so many calls", "ms", tuple(answers)),
        Table("kept_memory", "The most memory of the process that wrote them and then asked", "MB", tuple(memory)),
    ]


def write_calls(store: Store, first: int, last: int) -> None:
    """Until all is committed."""
    waiting: deque[Callable[[float], None]] = deque()
    for table in many_calls(first, last):
        waiting.append(store.write_rows({"calls": table}).result)
        if len(waiting) == AHEAD:
            waiting.popleft()(WAIT_S)
    for result in waiting:
        result(WAIT_S)


def _size(path: Path) -> int:
    """What is committed but not yet in the file itself is in a log beside it."""
    return sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*"))


def _answers(store: Store, count: int) -> list[Figure]:
    def narrow() -> None:
        with store._database.working() as cursor:
            cursor.execute(BY_MODEL_ALONE).fetchall()

    def whole() -> None:
        with store.read() as reader:
            latency(reader, BY_MODEL)

    return [
        _figure(f"p95 of time to first token by model, {count:,} calls", _taken_ms(narrow), AIM_MS.get(count)),
        _figure(f"the whole latency answer by model, {count:,} calls", _taken_ms(whole), None),
    ]


@contextmanager
def _watched() -> Generator[list[float]]:
    """The memory of this process meanwhile, in MB, ten times a second."""
    process = psutil.Process()
    seen = [process.memory_info().rss / 1e6]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            seen.append(process.memory_info().rss / 1e6)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        ended.set()
        watching.join()


def _taken_ms(ask: Callable[[], None]) -> list[float]:
    taken: list[float] = []
    for _ in range(ASKED):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _figure(what: str, values: list[float], aim: float | None) -> Figure:
    return Figure(what, 0, Spread.of(values), aim)
