"""The file of a store, looked at before DuckDB touches it and right after."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from firsttoken.errors import StoreError

MAGIC: Final = b"DUCK"
MAGIC_OFFSET: Final = 8
HEADERS_BYTES: Final = 3 * 4096
"""What DuckDB keeps before the first block."""


def look_at(path: Path, *, read_only: bool) -> None:
    """Refuses what DuckDB should not even touch, and makes the folder of a new file. Raises StoreError."""
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
        raise StoreError(
            f"cannot open the store {path} ({error.filename}: {error.strerror}): name another file"
        ) from error


def is_settled(path: Path) -> bool:
    """Whether everything is in the file itself: nothing waits in a log beside it, as after a kill."""
    return path.exists() and not _log_of(path).exists()


def remove_stub(path: Path) -> None:
    """Takes away what a full disk left of a store that was being made, which nobody could open later."""
    path.unlink(missing_ok=True)
    _log_of(path).unlink(missing_ok=True)


def check_whole(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raises StoreError for a settled file that was cut short. DuckDB itself notices only when it needs the rest.

    Only blocks in use count: DuckDB cuts free ones off the end itself and goes on counting them.
    """
    row = connection.execute(
        "SELECT block_size * used_blocks FROM pragma_database_size() WHERE database_name = 'store'"
    ).fetchone()
    needed, found = HEADERS_BYTES + (int(row[0]) if row is not None else 0), path.stat().st_size
    if found < needed:
        raise StoreError(
            f"the store {path} is damaged (cut off at {found} bytes, it uses {needed}): "
            "move it aside to start anew, or restore a copy"
        )


def _log_of(path: Path) -> Path:
    """Where DuckDB keeps what it has committed and not yet moved into the file."""
    return path.with_name(path.name + ".wal")


def _check_magic(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(MAGIC_OFFSET + len(MAGIC))
    if head[MAGIC_OFFSET:] != MAGIC:
        raise StoreError(f"{path} is not a firsttoken store and was left as it is: name another file")
