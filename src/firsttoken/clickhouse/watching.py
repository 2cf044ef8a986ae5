"""A ClickHouse server that a page shows: asked now and then whether more has come."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from firsttoken.clickhouse.reader import ClickHouseReader
from firsttoken.clickhouse.warehouse import ClickHouse
from firsttoken.errors import StoreError
from firsttoken.store.subscription import News, Subscription

PAUSE_S: Final = 2.0
"""ClickHouse knows the number of rows of a table without reading any."""


class Watched:
    """The `LiveWarehouse` of a ClickHouse server, from here to `close`. The warehouse stays the caller's."""

    def __init__(self, warehouse: ClickHouse, *, pause_s: float = PAUSE_S) -> None:
        self._warehouse = warehouse
        self._pause_s = pause_s
        self._news = News()
        self._ended = threading.Event()
        self._failure: str | None = None
        self._seen = self._rows()
        self._thread = threading.Thread(target=self._watch, name="firsttoken-watch", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        return self._warehouse.name

    @property
    def path(self) -> None:
        """It is no file."""

    @property
    def failure(self) -> str | None:
        """Why the server did not answer when it was last asked; None when it did."""
        return self._failure

    @contextmanager
    def read(self) -> Generator[ClickHouseReader]:
        with self._warehouse.read() as reader:
            yield reader

    def subscribe(self) -> Subscription:
        return self._news.subscribe()

    def end_subscriptions(self) -> None:
        self._news.end_all()

    def close(self) -> None:
        """Idempotent."""
        self._ended.set()
        self._thread.join()
        self._news.end_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _watch(self) -> None:
        while not self._ended.wait(self._pause_s):
            rows = self._rows()
            if rows is not None and rows != self._seen:
                self._seen = rows
                self._news.announce()

    def _rows(self) -> int | None:
        """None where the server does not answer: whoever asks it for calls is told why."""
        try:
            with self._warehouse.read() as reader:
                rows = reader.count_rows()
        except StoreError as error:
            self._failure = str(error)
            return None
        self._failure = None
        return rows
