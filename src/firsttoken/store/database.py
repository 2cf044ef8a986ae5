"""One DuckDB database: opened with clear errors, handed out as cursors, opened anew after it broke down."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

import duckdb

from firsttoken.errors import StoreError
from firsttoken.store.failures import explain_opening
from firsttoken.store.schema import check_schema, migrate

CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""Everything we need is linked in; a file must never make us download something."""

MAGIC: Final = b"DUCK"
MAGIC_OFFSET: Final = 8


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
        if self.path is not None:
            _look_at(self.path, read_only=self.read_only)
        try:
            connection = duckdb.connect(self.path or ":memory:", read_only=self.read_only, config=CONFIG)
        except duckdb.Error as error:
            raise StoreError(explain_opening(self.name, error)) from error
        prepare = check_schema if self.read_only else migrate
        try:
            prepare(connection, self.name)
        except duckdb.Error as error:
            connection.close()
            raise StoreError(explain_opening(self.name, error)) from error
        except StoreError:
            connection.close()
            raise
        return connection


def _look_at(path: Path, *, read_only: bool) -> None:
    """Refuses what DuckDB should not even touch, and makes the folder of a new file."""
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a folder, not a store: name a file in it")
        if path.exists():
            _check_magic(path)
        elif read_only:
            raise StoreError(f"there is no store at {path}: start `firsttoken serve` or `firsttoken run` to make one")
        else:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreError(f"cannot open the store {path}: {error.strerror}; name another file") from error


def _check_magic(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(MAGIC_OFFSET + len(MAGIC))
    if head[MAGIC_OFFSET:] != MAGIC:
        raise StoreError(f"{path} is not a firsttoken store and was left as it is: name another file")
