"""How long calls are kept: what is too old goes, and the oldest when there is too much, whole traces at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb

from firsttoken.store.room import Room, measured
from firsttoken.store.sql import query
from firsttoken.store.transaction import transaction

ROOM: Final = 0.9
"""What share of the largest size is left when the oldest had to go, so that they do not go one by one."""
PASSES_TO_WAIT: Final = 10
ORDER: Final = ("keep_young_traces", "delete_old_calls", "delete_old_spans", "delete_old_logs")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store may hold. None is without limit."""

    max_age_s: float | None = None
    """Since the latest span or log record of a trace."""
    max_size_bytes: int | None = None
    """Of what the file uses. Room that was used before is used again, and given back where it lies at the end."""

    def __bool__(self) -> bool:
        return self.max_age_s is not None or self.max_size_bytes is not None


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows went."""

    calls: int = 0
    spans: int = 0
    logs: int = 0

    @property
    def total(self) -> int:
        return self.calls + self.spans + self.logs


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a store is kept within its limits, since it was opened."""

    limits: Limits
    last_unix_ns: int | None = None
    """When it was last looked at."""
    removed: Removed = Removed()
    failure: str | None = None
    """What kept rows from going when it was last looked at."""


class Keeper:
    """Keeps a store within its limits, one pass after the other. For the thread that writes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._passes_to_wait = 0
        """Before rows are moved together again, where that last gave no room back."""

    def tidy(self, cursor: duckdb.DuckDBPyConnection, now_unix_ns: int) -> Removed:
        """One pass. Each of its steps is a transaction of its own."""
        removed = Removed()
        if self._limits.max_age_s is not None:
            removed = remove_before(cursor, now_unix_ns - round(self._limits.max_age_s * 1e9))
        if self._limits.max_size_bytes is not None:
            removed = sum_of(removed, self._shrink(cursor, self._limits.max_size_bytes))
        return removed

    def _shrink(self, cursor: duckdb.DuckDBPyConnection, most_bytes: int) -> Removed:
        """Takes the oldest away until what is left fits, then waits for the room, which a reader may hold up."""
        removed = Removed()
        while (room := measured(cursor)).live_bytes > most_bytes:
            gone = _remove_share(cursor, 1 - ROOM * most_bytes / room.live_bytes)
            if not gone.total:  # all that is left are traces that still grow
                return removed
            removed = sum_of(removed, gone)
        if room.used_bytes > most_bytes:
            self._move_together(cursor, room)
        return removed

    def _move_together(self, cursor: duckdb.DuckDBPyConnection, room: Room) -> None:
        if self._passes_to_wait:
            self._passes_to_wait -= 1
            return
        for table in room.sparse_tables():
            with transaction(cursor):
                cursor.execute(query("move_together").replace("$table", table))
        if measured(cursor).used_bytes >= room.used_bytes:
            self._passes_to_wait = PASSES_TO_WAIT


def remove_before(cursor: duckdb.DuckDBPyConnection, unix_ns: int) -> Removed:
    """Takes away every trace that had ended by then, and every log record of before that belongs to none."""
    counts: list[int] = []
    with transaction(cursor):
        for step in ORDER:
            row = cursor.execute(query(step), {"before_unix_ns": unix_ns}).fetchone()
            counts.append(0 if row is None else int(row[0]))
        if any(counts[1:]):
            cursor.execute(query("delete_unused_contents"))
    return Removed(*counts[1:])


def _remove_share(cursor: duckdb.DuckDBPyConnection, share: float) -> Removed:
    row = cursor.execute(query("time_of_share"), {"share": share}).fetchone()
    return Removed() if row is None or row[0] is None else remove_before(cursor, int(row[0]) + 1)


def sum_of(one: Removed, other: Removed) -> Removed:
    return Removed(one.calls + other.calls, one.spans + other.spans, one.logs + other.logs)
