"""The schema and its version: brought up to date step by step, never down."""

from __future__ import annotations

import time

import duckdb

from firsttoken.errors import OlderStoreError, StoreError
from firsttoken.store.sql import Migration, migrations, schema_mark


def migrate(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Applies each missing step in a transaction of its own. Raises StoreError where the file is not for us."""
    present = _version(connection, name, may_be_new=True)
    if present is None:
        connection.execute(schema_mark())
    for step in migrations():
        if step.version > (present or 0):
            _apply(connection, step)


def check_schema(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Raises StoreError unless the file is ours, and OlderStoreError unless it is of this version."""
    present = _version(connection, name, may_be_new=False) or 0
    if present < _newest():
        raise OlderStoreError(
            f"the store {name} has the older schema {present}: start `firsttoken serve` on it to renew it"
        )


def _newest() -> int:
    return migrations()[-1].version


def _version(connection: duckdb.DuckDBPyConnection, name: str, *, may_be_new: bool) -> int | None:
    """The version of the file; None for one without tables, where that is allowed."""
    tables = {
        row[0]
        for row in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_catalog()"
        ).fetchall()
    }
    if not tables and may_be_new:
        return None
    if "firsttoken_schema" not in tables:
        raise StoreError(f"{name} is a database, but not a firsttoken store, and was left as it is: name another file")
    row = connection.execute("SELECT coalesce(max(version), 0) FROM firsttoken_schema").fetchone()
    version = int(row[0]) if row is not None else 0
    if version > _newest():
        raise StoreError(
            f"the store {name} has schema {version}, written by a newer firsttoken; this one knows up to {_newest()}: "
            "upgrade firsttoken, or name another file"
        )
    return version


def _apply(connection: duckdb.DuckDBPyConnection, step: Migration) -> None:
    connection.execute("BEGIN")
    try:
        connection.execute(step.statements)
        applied = [step.version, step.name, time.time_ns()]
        connection.execute("INSERT INTO firsttoken_schema VALUES (?, ?, ?)", applied)
        connection.execute("COMMIT")
    except duckdb.Error:
        connection.execute("ROLLBACK")
        raise
