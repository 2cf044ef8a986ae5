"""One DuckDB database: opened with clear errors, handed out as cursors, opened anew after it broke down."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import duckdb

from firsttoken.errors import StoreError
from firsttoken.store.failures import failed_opening, is_disk_full
from firsttoken.store.file import check_whole, is_settled, look_at, remove_stub
from firsttoken.store.schema import check_schema, migrate

CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
"""Everything we need is linked in; a file must never make us download something. A table is none of our variables."""
LOCKED: Final = "SET enable_external_access = false"
"""From then on nothing can be read but the store, and nothing written but the store and what does not fit into memory.
It cannot be taken back while the database is open."""

ATTACH: Final = "ATTACH ? AS store (ROW_GROUP_SIZE 10240{access})"
"""A checkpoint writes the last group of rows anew until it is full, and the writer waits: small groups, short waits."""


KEPT: Final = {"memory_limit": "400MiB", "threads": 1}
"""What DuckDB may keep while nobody asks. It would keep all that was ever written, up to most memory that the machine
has. With a second thread it inserts no faster: that one does it, and the first waits for it at full speed."""

CLOSE_S: Final = 30.0
"""How long the end waits for what is asked to stop. What has not by then lets go of the file when it does."""


class Database:
    """Owns the root connection. Every method may be called from any thread."""

    def __init__(self, path: Path | None, *, read_only: bool) -> None:
        """Raises StoreError and changes nothing where the file cannot be ours."""
        self.path = path
        self.read_only = read_only
        self._lock = threading.Lock()
        self._closed = False
        self._working = 0
        self._cursors: weakref.WeakSet[duckdb.DuckDBPyConnection] = weakref.WeakSet()
        self._root: duckdb.DuckDBPyConnection | None = self._open()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own for the thread that asks; the caller closes it. Raises StoreError."""
        with self._lock:
            if self._closed:
                raise StoreError(f"the store {self.name} is closed")
            if self._root is None:
                self._root = self._open()
            cursor = self._root.cursor()
            self._cursors.add(cursor)
        cursor.execute("USE store")
        return cursor

    @contextmanager
    def working(self) -> Generator[duckdb.DuckDBPyConnection]:
        """A cursor for large work, as answers are: it may take the memory and threads it needs. Raises StoreError."""
        with closing(self.cursor()) as cursor:
            with self._lock:
                self._working += 1
                if self._working == 1:
                    for setting in KEPT:
                        cursor.execute(f"RESET GLOBAL {setting}")
            try:
                yield cursor
            finally:
                with self._lock:
                    self._working -= 1
                    if self._working == 0 and self._root is not None:
                        self._keep_little(self._root)

    def give_up(self) -> None:
        """After a fatal error: the next cursor opens the file anew, with everything that was committed.

        DuckDB refuses all work once it could not write a checkpoint. A store in memory has nothing to open anew.
        """
        with self._lock:
            if self.path is not None:
                self._let_go()

    def close(self) -> None:
        """Lets go of the file; what is still asked of it is interrupted. Idempotent."""
        with self._lock:
            self._closed = True
            self._let_go()

    @property
    def name(self) -> str:
        return "in memory" if self.path is None else str(self.path)

    def _let_go(self) -> None:
        root, self._root = self._root, None
        deadline = time.monotonic() + CLOSE_S
        while root is not None and time.monotonic() < deadline:
            try:
                root.close()
                return
            except duckdb.OperationalError:  # It closes its cursors too, and refuses while one of them works.
                for cursor in [*self._cursors]:
                    with suppress(duckdb.Error):  # it is closed
                        cursor.interrupt()
                time.sleep(0.01)

    def _open(self) -> duckdb.DuckDBPyConnection:
        is_new = self.path is not None and not self.path.exists()
        try:
            return self._connect()
        except duckdb.Error as error:
            if self.path is not None and is_new and is_disk_full(error):
                remove_stub(self.path)
            raise failed_opening(self.name, error) from error

    def _connect(self) -> duckdb.DuckDBPyConnection:
        settled = False
        if self.path is not None:
            look_at(self.path, read_only=self.read_only)
            settled = is_settled(self.path)
        with ExitStack() as undo:
            connection = duckdb.connect(":memory:", config=self._config())
            undo.callback(connection.close)
            access = ", READ_ONLY" if self.read_only and self.path is not None else ""
            connection.execute(ATTACH.format(access=access), [str(self.path or ":memory:")])
            connection.execute("USE store")
            if self.path is not None and settled:
                check_whole(connection, self.path)
            prepare = check_schema if self.read_only else migrate
            prepare(connection, self.name)
            connection.execute(LOCKED)
            self._keep_little(connection)
            undo.pop_all()
        return connection

    def _config(self) -> dict[str, str | bool | int | float | list[str]]:
        """What does not fit into memory goes beside the store, and not to where the program happens to run."""
        return CONFIG if self.path is None else {**CONFIG, "temp_directory": f"{self.path.resolve()}.tmp"}

    def _keep_little(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Lets go of what is in the file as well."""
        for setting, value in KEPT.items() if self.path is not None else ():
            with suppress(duckdb.Error):  # more is in use at the moment, or all is over
                connection.execute(f"SET GLOBAL {setting} = '{value}'")
