"""The one thread that writes: whatever is waiting goes in one transaction, as soon as the last one is done."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

import duckdb

from firsttoken.errors import StoreBusyError, StoreError
from firsttoken.store.database import Database
from firsttoken.store.failures import explain_writing
from firsttoken.store.records import Batch
from firsttoken.store.sql import query

if TYPE_CHECKING:
    import pyarrow as pa

CAPACITY_BYTES: Final = 128 * 1024 * 1024
"""How much may wait, as Arrow data. One batch is always let in, however large."""
TABLES: Final = ("calls", "spans", "logs")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    tables: dict[str, pa.Table]
    size_bytes: int
    done: Future[None]


class Writer:
    """Commits batches in the order they come. Every method may be called from any thread."""

    def __init__(
        self, database: Database, on_commit: Callable[[], None], *, capacity_bytes: int = CAPACITY_BYTES
    ) -> None:
        self._database = database
        self._on_commit = on_commit
        self._capacity_bytes = capacity_bytes
        self._change = threading.Condition()
        self._waiting: list[_Waiting] = []
        self._writing = False
        self._closing = False
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="firsttoken-store-writer", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> str | None:
        """Why the latest transaction failed; None when it did not."""
        return self._failure

    def submit(self, batch: Batch) -> Future[None]:
        """Done when committed. Raises StoreBusyError when too much is waiting, StoreError once closed."""
        from firsttoken.store.arrow import tables_of  # pyarrow loads in the writer's thread, not while we open

        tables = tables_of(batch)
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

    def flush(self, timeout_s: float) -> bool:
        """Whether everything handed over before was dealt with in time."""
        with self._change:
            return self._change.wait_for(lambda: not self._waiting and not self._writing, timeout_s)

    def close(self) -> None:
        """Writes what is waiting, then ends the thread. Idempotent."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join()

    def _run(self) -> None:
        import_module("firsttoken.store.arrow")
        while (group := self._next_group()) is not None:
            self._write(group)

    def _next_group(self) -> list[_Waiting] | None:
        with self._change:
            self._writing = False
            self._change.notify_all()
            self._change.wait_for(lambda: self._waiting or self._closing)
            group, self._waiting = self._waiting, []
            self._writing = bool(group)
            return group or None

    def _write(self, group: Sequence[_Waiting]) -> None:
        try:
            self._commit(group)
        except duckdb.FatalException as error:
            self._database.give_up()
            self._fail(group, explain_writing(self._database.name, error))
        except duckdb.Error as error:
            if len(group) > 1:  # a smaller transaction may fit, and one bad batch must not take others along
                for waiting in group:
                    self._write([waiting])
            else:
                self._fail(group, explain_writing(self._database.name, error))
        except Exception as error:  # noqa: BLE001  the thread outlives whatever a batch does to it
            self._fail(group, str(error) or repr(error))
        else:
            self._succeed(group)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        import pyarrow as pa

        with closing(self._database.cursor()) as cursor:
            cursor.execute("PRAGMA disable_optimizer")  # copying rows needs no plan, and planning 80 columns takes ms
            cursor.execute("BEGIN")
            for table in TABLES:
                parts = [waiting.tables[table] for waiting in group if table in waiting.tables]
                if parts:
                    cursor.register(f"incoming_{table}", pa.concat_tables(parts))
                    cursor.execute(query(f"insert_{table}"))
            cursor.execute("COMMIT")

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
