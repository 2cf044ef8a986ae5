"""The one thread that writes: whatever is waiting goes in one transaction, as soon as the last one is done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import duckdb

from firsttoken.errors import StoreBusyError, StoreError
from firsttoken.store.contents import Contents
from firsttoken.store.database import Database
from firsttoken.store.failures import explain_writing, is_fatal
from firsttoken.store.generation import Generation
from firsttoken.store.merging import Merger
from firsttoken.store.records import Batch
from firsttoken.store.repeats import Repeats
from firsttoken.store.sql import query

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

CAPACITY_BYTES: Final = 128 * 1024 * 1024
"""How much may wait, as Arrow data. One batch is always let in, however large."""
TABLES: Final = ("calls", "spans", "logs")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    tables: Mapping[str, pa.Table]
    size_bytes: int
    done: Future[None]


@dataclass(frozen=True, slots=True)
class _Job:
    """Work of another kind, between two groups of batches."""

    work: Callable[[duckdb.DuckDBPyConnection], Any]
    done: Future[Any]


class Writer:
    """Commits batches in the order they come. Every method may be called from any thread."""

    def __init__(
        self,
        database: Database,
        on_commit: Callable[[], None],
        generation: Generation,
        *,
        capacity_bytes: int = CAPACITY_BYTES,
    ) -> None:
        self._database = database
        self._on_commit = on_commit
        self._generation = generation
        self._capacity_bytes = capacity_bytes
        self._repeats = Repeats()
        self._merger = Merger()
        self._contents = Contents()
        self._change = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._jobs: list[_Job] = []
        self._writing = False
        self._closing = False
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="firsttoken-store-writer", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Why the latest transaction failed; None when it did not."""
        return self._failure

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be written, as Arrow data."""
        with self._change:
            return sum(waiting.size_bytes for waiting in self._waiting)

    @property
    def capacity_bytes(self) -> int:
        return self._capacity_bytes

    def submit(self, batch: Batch) -> Future[None]:
        """Done when committed. Raises StoreBusyError when too much is waiting, StoreError once closed."""
        from firsttoken.store.arrow import tables_of  # pyarrow loads in the writer's thread, not while we open

        return self.submit_rows(tables_of(batch))

    def submit_rows(self, tables: Mapping[str, pa.Table]) -> Future[None]:
        """The same for rows that `tables_of` made."""
        waiting = _Waiting(tables, sum(table.nbytes for table in tables.values()), Future())
        waiting.done.set_running_or_notify_cancel()  # who stops waiting for it does not stop it
        with self._change:
            if self._closing:
                raise StoreError(f"the store {self._database.name} is closed")
            waiting_bytes = sum(other.size_bytes for other in self._waiting)
            if self._waiting and waiting_bytes + waiting.size_bytes > self._capacity_bytes:
                raise StoreBusyError(f"the store {self._database.name} has {waiting_bytes} bytes waiting: try again")
            self._waiting.append(waiting)
            self._change.notify_all()
        return waiting.done

    def perform(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> Future[T]:
        """Done with what `work` returns, once it was given a cursor by the thread that writes.

        It comes before the batches that are waiting, sees all that was committed, and begins and ends its own
        transactions. What DuckDB raises becomes a StoreError. Raises StoreError once closed.
        """
        job = _Job(work, Future())
        job.done.set_running_or_notify_cancel()
        with self._change:
            if self._closing:
                raise StoreError(f"the store {self._database.name} is closed")
            self._jobs.append(job)
            self._change.notify_all()
        return job.done

    def flush(self, timeout_s: float) -> bool:
        """Whether everything handed over before was dealt with in time."""
        with self._change:
            return self._change.wait_for(lambda: not (self._waiting or self._jobs or self._writing), timeout_s)

    def close(self) -> None:
        """Writes what is waiting, then ends the thread. Idempotent."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()

    def _run(self) -> None:
        from firsttoken.store.arrow import warm_up

        warm_up()
        while (turn := self._next_turn()) is not None:
            jobs, group = turn
            for job in jobs:
                self._do(job)
            if group:
                self._write(group)

    def _next_turn(self) -> tuple[list[_Job], list[_Waiting]] | None:
        with self._change:
            self._writing = False
            self._change.notify_all()
            self._change.wait_for(lambda: self._waiting or self._jobs or self._closing)
            jobs, self._jobs = self._jobs, []
            group, self._waiting = self._waiting, []
            self._writing = bool(jobs or group)
            return (jobs, group) if self._writing else None

    def _do(self, job: _Job) -> None:
        self._contents.forget()  # the job may remove some
        try:
            with self._changing(), self._database.working() as cursor:
                done = job.work(cursor)
        except duckdb.Error as error:
            job.done.set_exception(StoreError(explain_writing(self._database.name, error)))
        except Exception as error:  # noqa: BLE001  it goes to whoever waits for the work
            job.done.set_exception(error)
        else:
            job.done.set_result(done)
            self._on_commit()

    def _write(self, group: Sequence[_Waiting]) -> None:
        try:
            self._commit(group)
        except duckdb.Error as error:
            if len(group) > 1 and not is_fatal(error):  # a smaller one may fit, and a bad batch takes no others along
                for waiting in group:
                    self._write([waiting])
            else:
                self._fail(group, explain_writing(self._database.name, error))
        except Exception as error:  # noqa: BLE001  the thread outlives whatever a batch does to it
            self._fail(group, str(error) or repr(error))
        else:
            self._succeed(group)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        with self._changing(), closing(self._database.cursor()) as cursor:
            cursor.execute("BEGIN")
            fresh = self._merger.merged(cursor, self._repeats.left_out(cursor, _joined(group)))
            fresh, said = self._contents.taken_out(cursor, fresh)
            cursor.execute("PRAGMA disable_optimizer")  # copying rows needs no plan, and planning 80 columns takes ms
            for table in TABLES:
                if len(fresh.get(table, ())):
                    cursor.register(f"incoming_{table}", fresh[table])
                    cursor.execute(query(f"insert_{table}"))
            cursor.execute("COMMIT")
        self._contents.remember(said)

    @contextmanager
    def _changing(self) -> Generator[None]:
        """After a fatal error it is over once the file is let go: opened anew, it may have its rows in other places."""
        with self._generation.changing():
            try:
                yield
            except duckdb.Error as error:
                if is_fatal(error):
                    self._database.give_up()
                raise

    def _succeed(self, group: Sequence[_Waiting]) -> None:
        if self._failure is not None:
            log.warning("writing to the store %s works again", self._database.name)
        self._failure = None
        for waiting in group:
            waiting.done.set_result(None)
        if any(waiting.tables for waiting in group):
            self._on_commit()

    def _fail(self, group: Sequence[_Waiting], reason: str) -> None:
        if self._failure != reason:
            log.error("%s", reason)
        self._failure = reason
        for waiting in group:
            waiting.done.set_exception(StoreError(reason))


def _joined(group: Sequence[_Waiting]) -> dict[str, pa.Table]:
    """All rows of the group, one table of each kind, in one piece.

    DuckDB hands pieces to several threads. Each would begin a group of rows of its own, and the next checkpoint would
    write them all again to fill them.
    """
    import pyarrow as pa

    parts = {table: [waiting.tables[table] for waiting in group if table in waiting.tables] for table in TABLES}
    return {table: pa.concat_tables(tables).combine_chunks() for table, tables in parts.items() if tables}
