"""The store: opened once by the process that owns it, written by one thread, read by any."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from firsttoken.store.records import Batch
from firsttoken.store.subscription import Subscription

Row = Mapping[str, object]
"""One row of an answer, by column name."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch."""

    rows: int
    """Rows that are new; the others had been delivered before."""


class Reader:
    """One consistent view of the store. Belongs to the thread that made it."""

    def ask(self, question: str, parameters: Mapping[str, str | int | None]) -> list[Row]:
        """The rows that answer `queries/<question>.sql`. Raises StoreError."""
        raise NotImplementedError


class Store:
    """Calls, spans and log records in one DuckDB file. Every method may be called from any thread."""

    @classmethod
    def open(cls, path: Path | None, *, read_only: bool = False) -> Self:
        """Opens or creates a store; None keeps it in memory.

        Raises StoreError, and changes nothing, for a file that is not ours, damaged, not writable, in use by
        another process or of a newer schema.
        """
        raise NotImplementedError

    @property
    def path(self) -> Path | None:
        raise NotImplementedError

    def write(self, batch: Batch) -> Future[Stored]:
        """Done when the batch is committed and would survive a kill; StoreError in the future when it cannot be.

        Raises StoreBusyError at once when too much is waiting already.
        """
        raise NotImplementedError

    def flush(self, timeout_s: float = 10.0) -> None:
        """Returns when all that was handed over before is committed or has failed. StoreError after the timeout."""

    def read(self) -> AbstractContextManager[Reader]:
        """One consistent view: all questions asked of it see the same commits. Never blocks the writer."""
        raise NotImplementedError

    def subscribe(self) -> Subscription:
        """News of commits for the running asyncio loop."""
        raise NotImplementedError

    def end_subscriptions(self) -> None:
        """Every subscription that is open now ends: its `after` gives None."""

    def close(self) -> None:
        """Commits what is waiting and lets go of the file. Idempotent."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
