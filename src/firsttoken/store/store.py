"""The store: opened once by the process that owns it, written by one thread, read by any."""

from __future__ import annotations

import weakref
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from firsttoken.errors import StoreError
from firsttoken.store.database import Database
from firsttoken.store.reader import Reader
from firsttoken.store.records import Batch
from firsttoken.store.subscription import News, Subscription
from firsttoken.store.writer import Writer


class Store:
    """Calls, spans and log records in one DuckDB file. Every method may be called from any thread."""

    def __init__(self, database: Database) -> None:
        """Use `Store.open`."""
        self._database = database
        self._news = News()
        self._writer = None if database.read_only else Writer(database, self._news.announce)
        self._let_go = weakref.finalize(self, _let_go, self._writer, self._news, database)

    @classmethod
    def open(cls, path: Path | None, *, read_only: bool = False) -> Self:
        """Opens or creates a store; None keeps it in memory.

        Raises StoreError, and changes nothing, for a file that is not ours, damaged, not writable, in use by
        another process or of a newer schema.
        """
        return cls(Database(path, read_only=read_only))

    @property
    def path(self) -> Path | None:
        return self._database.path

    @property
    def failure(self) -> str | None:
        """What stops the store from writing, while it lasts."""
        return None if self._writer is None else self._writer.failure

    def write(self, batch: Batch) -> Future[None]:
        """Done when the batch is committed and would survive a kill; StoreError in the future when it cannot be.

        Rows that are already stored are left as they are. Raises StoreBusyError at once when too much is waiting.
        """
        if self._writer is None:
            raise StoreError(f"the store {self._database.name} is open for reading only: open it for writing")
        return self._writer.submit(batch)

    def flush(self, timeout_s: float = 10.0) -> None:
        """Returns when all that was handed over before is committed or has failed. StoreError after the timeout."""
        if self._writer is not None and not self._writer.flush(timeout_s):
            raise StoreError(f"the store {self._database.name} is still writing after {timeout_s:g} s")

    @contextmanager
    def read(self) -> Generator[Reader]:
        """One consistent view: all questions asked of it see the same commits. Never blocks the writer."""
        with closing(Reader(self._database.cursor(), self._database.name)) as reader:
            yield reader

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
