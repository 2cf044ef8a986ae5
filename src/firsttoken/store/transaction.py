"""All or nothing, on a cursor that otherwise commits each statement by itself."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress

import duckdb


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Generator[None]:
    """Commits at the end, and undoes everything where that is not reached."""
    cursor.execute("BEGIN")
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # what failed may have ended it already
            cursor.execute("ROLLBACK")
        raise
