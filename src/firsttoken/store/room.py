"""How much room a store takes, and how much of that is for rows that are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import duckdb

from firsttoken.store.sql import query

MOVABLE_ROWS: Final = 500_000
"""DuckDB gives the room of removed rows back by whole groups of 122,880. A table of more than a few such groups needs
no help with that; in a smaller one, whose rows may be large, what is left has to be moved together."""


@dataclass(frozen=True, slots=True)
class Filling:
    """The rows of one table."""

    stored: int
    """Those that take room, among them removed ones."""
    live: int


@dataclass(frozen=True, slots=True)
class Room:
    """What a file uses, by whom."""

    used_bytes: int
    tables: Mapping[str, Filling]

    @property
    def live_bytes(self) -> int:
        """The share of the rows that are there, taking rows to be of one size."""
        stored = sum(filling.stored for filling in self.tables.values())
        live = sum(filling.live for filling in self.tables.values())
        return self.used_bytes * live // stored if stored > live else self.used_bytes

    def sparse_tables(self) -> list[str]:
        """Those that it helps to move together."""
        return [name for name, rows in self.tables.items() if rows.live < rows.stored <= MOVABLE_ROWS]


def measured(cursor: duckdb.DuckDBPyConnection) -> Room:
    """After everything written was moved into the file itself."""
    cursor.execute("CHECKPOINT")
    row = cursor.execute("SELECT block_size * used_blocks FROM pragma_database_size()").fetchone()
    rows = cursor.execute(query("stored_rows")).fetchall()
    return Room(0 if row is None else int(row[0]), {name: Filling(stored, live) for name, stored, live in rows})
