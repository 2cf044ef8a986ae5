"""The store: opened once by the process that owns it, written by one thread, read by any."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

import duckdb

from firsttoken.errors import StoreError
from firsttoken.store.database import Database
from firsttoken.store.found import Found
from firsttoken.store.generation import Generation
from firsttoken.store.reader import StoreReader
from firsttoken.store.records import Batch
from firsttoken.store.retention import Keeping
from firsttoken.store.subscription import News, Subscription
from firsttoken.store.writer import Writer

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows on their way into a store. Where there are too many of them, senders are asked to wait."""

    waiting_bytes: int
    capacity_bytes: int


class Store:
    """Calls, spans and log records in one DuckDB file. Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        """Use `Store.open`."""
        self._database = database
        self.keeping: Keeping | None = None
        """How it is kept within its limits, where somebody does."""
        self._news = News()
        self._generation = Generation()
        self._found = Found()
        self._writer = None if database.read_only else Writer(database, self._news.announce, self._generation)
        self._let_go = weakref.finalize(self, _let_go, self._writer, self._news, database)

    @classmethod
    def open(cls, path: Path | None, *, read_only: bool = False) -> Self:
        """Opens or creates a store; None keeps it in memory.

        Raises StoreError, and changes nothing, for a file that is not ours, damaged, not writable, in use by
        another process or of a newer schema.
        """
        return cls(Database(path, read_only=read_only))

    @property
    def name(self) -> str:
        """For messages: its path, or that it is in memory."""
        return self._database.name

    @property
    def path(self) -> Path | None:
        return self._database.path

    @property
    def failure(self) -> str | None:
        """What stops the store from writing, while it lasts."""
        return None if self._writer is None else self._writer.failure

    @property
    def queue(self) -> Queue:
        """What waits to be written."""
        if self._writer is None:
            return Queue(0, 0)
        return Queue(self._writer.waiting_bytes, self._writer.capacity_bytes)

    def write(self, batch: Batch) -> Future[None]:
        """Done when the batch is committed and would survive a kill; StoreError in the future when it cannot be.

        Rows that are already stored are left as they are. Raises StoreBusyError at once when too much is waiting.
        """
        return self._writes.submit(batch)

    def write_rows(self, tables: Mapping[str, pa.Table]) -> Future[None]:
        """The same for the tables that `firsttoken.store.arrow.tables_of` makes of a batch, wherever it made them."""
        return self._writes.submit_rows(tables)

    def perform(self, work: Callable[[duckdb.DuckDBPyConnection], T]) -> Future[T]:
        """Done with what `work` returns, which the writing thread gives a cursor between two commits.

        Raises StoreError where the store is open for reading only, or closed.
        """
        return self._writes.perform(work)

    @property
    def _writes(self) -> Writer:
        """Raises StoreError where nothing may be written."""
        if self._writer is None:
            raise StoreError(f"the store {self._database.name} is open for reading only: open it for writing")
        return self._writer

    def flush(self, timeout_s: float = 10.0) -> None:
        """Returns when all that was handed over before is committed or has failed. StoreError after the timeout."""
        if self._writer is not None and not self._writer.flush(timeout_s):
            raise StoreError(f"the store {self._database.name} is still writing after {timeout_s:g} s")

    @contextmanager
    def read(self) -> Generator[StoreReader]:
        """One consistent view: all questions asked of it see the same commits. Never blocks the writer."""
        with self._database.working() as cursor, closing(self._reader(cursor)) as reader:
            yield reader

    def _reader(self, cursor: duckdb.DuckDBPyConnection) -> StoreReader:
        return StoreReader(cursor, self._database.name, self._generation, self._found)

    def subscribe(self) -> Subscription:
        """News of commits for the running asyncio loop."""
        return self._news.subscribe()

    def end_subscriptions(self) -> None:
        """Every subscription that is open now ends: its `after` gives None."""
        self._news.end_all()

    def close(self) -> None:
        """Commits what is waiting and lets go of the file. Idempotent; the end of the program does it too."""
        self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _let_go(writer: Writer | None, news: News, database: Database) -> None:
    if writer is not None:
        writer.close()
    news.end_all()
    database.close()
