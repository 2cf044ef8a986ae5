"""The answer to a SQL statement of the user's own, in batches, ended when it takes too long or nobody wants it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

import pyarrow as pa

from firsttoken.errors import StatementError
from firsttoken.store import Reader, Warehouse
from firsttoken.store.statement import check_reads

Scalar = str | int | float | bool | None
LOOK_S: Final = 0.2
"""How often it is looked whether a statement that runs is still wanted."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, and how much of its answer is wanted."""

    text: str
    parameters: Mapping[str, Scalar] = field(default_factory=dict[str, Scalar])
    """Of its parameters `$name`."""
    limit: int | None = None
    """At most so many rows."""
    timeout_s: float | None = None
    """For its first rows and for each of the next, not for whoever reads them."""


def is_wanted() -> bool:
    return True


@contextmanager
def stated(
    warehouse: Warehouse, statement: Statement, wanted: Callable[[], bool] = is_wanted
) -> Generator[pa.RecordBatchReader]:
    """To be read while it is open. Raises StatementError, also while it is read; Ctrl-C ends the statement too."""
    check_reads(statement.text)
    with warehouse.read() as reader, ThreadPoolExecutor(1) as thread:
        run = _Run(reader, thread, statement.timeout_s, wanted)
        rows = run.result(lambda: reader.run(statement.text, statement.parameters))
        yield pa.RecordBatchReader.from_batches(rows.schema, _cut(_batches(run, rows), statement.limit))


class _Run:
    """A statement at work in a thread of its own, so that this one can end it while the engine is busy."""

    def __init__(
        self, reader: Reader, thread: ThreadPoolExecutor, timeout_s: float | None, wanted: Callable[[], bool]
    ) -> None:
        self._reader = reader
        self._thread = thread
        self._timeout_s = timeout_s
        self._wanted = wanted

    def result(self, work: Callable[[], T]) -> T:
        """Raises what the work raises, and StatementError where it was ended."""
        deadline = None if self._timeout_s is None else time.monotonic() + self._timeout_s
        future = self._thread.submit(work)
        try:
            while True:
                try:
                    return future.result(LOOK_S)
                except TimeoutError:
                    self._check(deadline)
        except BaseException:
            if not future.done():
                self._reader.interrupt()
            raise

    def _check(self, deadline: float | None) -> None:
        if not self._wanted():
            raise StatementError("the statement was ended: nobody waits for its answer any more")
        if deadline is not None and time.monotonic() > deadline:
            raise StatementError(
                f"the statement took longer than {self._timeout_s:g} s and was ended: ask for less, "
                "or give a larger --timeout"
            )


def _batches(run: _Run, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    while (batch := run.result(lambda: next(rows, None))) is not None:
        yield batch


def _cut(batches: Iterator[pa.RecordBatch], limit: int | None) -> Iterator[pa.RecordBatch]:
    if limit is None:
        yield from batches
        return
    for batch in batches:
        yield batch.slice(0, limit)
        limit -= batch.num_rows
        if limit <= 0:
            return
