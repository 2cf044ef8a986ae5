"""One DuckDB database: opened with clear errors, handed out as cursors, opened anew after it broke down."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import duckdb

from firsttoken.errors import StoreError
from firsttoken.store.failures import explain_opening, is_disk_full
from firsttoken.store.file import check_whole, is_settled, look_at, remove_stub
from firsttoken.store.schema import check_schema, migrate

CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""Everything we need is linked in; a file must never make us download something."""


class Database:
    """Owns the root connection. Every method may be called from any thread."""

    def __init__(self, path: Path | None, *, read_only: bool) -> None:
        """Raises StoreError and changes nothing where the file cannot be ours."""
        self.path = path
        self.read_only = read_only
        self._lock = threading.Lock()
        self._closed = False
        self._root: duckdb.DuckDBPyConnection | None = self._open()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for the thread that asks; the caller closes it. Raises StoreError."""
        with self._lock:
            if self._closed:
                raise StoreError(f"the store {self.name} is closed")
            if self._root is None:
                self._root = self._open()
            return self._root.cursor()

    def give_up(self) -> None:
        """After a fatal error: the next cursor opens the file anew, with everything that was committed.

        DuckDB refuses all work once it could not write a checkpoint. A store in memory has nothing to open anew.
        """
        with self._lock:
            if self.path is not None:
                self._let_go()

    def close(self) -> None:
        """Lets go of the file. Idempotent."""
        with self._lock:
            self._closed = True
            self._let_go()

    @property
    def name(self) -> str:
        return "in memory" if self.path is None else str(self.path)

    def _let_go(self) -> None:
        root, self._root = self._root, None
        if root is not None:
            root.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        is_new = self.path is not None and not self.path.exists()
        try:
            return self._connect()
        except duckdb.Error as error:
            if self.path is not None and is_new and is_disk_full(error):
                remove_stub(self.path)
            raise StoreError(explain_opening(self.name, error)) from error

    def _connect(self) -> duckdb.DuckDBPyConnection:
        settled = False
        if self.path is not None:
            look_at(self.path, read_only=self.read_only)
            settled = is_settled(self.path)
        with ExitStack() as undo:
            connection = duckdb.connect(self.path or ":memory:", read_only=self.read_only, config=CONFIG)
            undo.callback(connection.close)
            if self.path is not None and settled:
                check_whole(connection, self.path)
            prepare = check_schema if self.read_only else migrate
            prepare(connection, self.name)
            undo.pop_all()
        return connection
