"""Rows that are delivered again, found before they are written: exporters repeat what they have no answer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb

from firsttoken.store.sql import query

if TYPE_CHECKING:
    import pyarrow as pa

    from firsttoken.store.recent import Recent

    Tables = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells the rows of some tables from one another, and when they were."""

    question: str
    latest: str
    tables: tuple[str, ...]
    ids: tuple[str, str]
    time: str
    """The same whenever the row comes, unless that of its arrival stands for it."""


IDENTITIES: Final = (
    Identity("repeated_spans", "latest_span", ("calls", "spans"), ("trace_id", "span_id"), "started_unix_ns"),
    Identity("repeated_logs", "latest_log", ("logs",), ("delivery", "position"), "time_unix_ns"),
)
"""A call is a span as well: what was stored as the one is not stored as the other."""
ARRIVAL: Final = "received_unix_ns"


class Repeats:
    """Belongs to the writer. The tables are asked only about rows that are not new for certain."""

    def __init__(self) -> None:
        self._recent: dict[Identity, Recent] = {}

    def left_out(self, cursor: duckdb.DuckDBPyConnection, tables: Tables) -> Tables:
        """Each row once, and none that the store has. Within the transaction that will write them."""
        fresh = dict(tables)
        for identity in IDENTITIES:
            names = [name for name in identity.tables if name in tables]
            if not names:
                continue
            places = self._repeated(cursor, identity, [tables[name] for name in names])
            before = 0
            for name in names if places else ():
                count = len(tables[name])
                own = [place - before for place in places if 0 <= place - before < count]
                fresh[name] = _without(tables[name], own)
                before += count
        return fresh

    def _repeated(self, cursor: duckdb.DuckDBPyConnection, identity: Identity, tables: Sequence[pa.Table]) -> list[int]:
        """The places of the repeated rows in all these tables, one after the other."""
        import pyarrow as pa

        keys = pa.concat_tables(table.select([*identity.ids, identity.time, ARRIVAL]) for table in tables)
        if not len(keys):
            return []
        first, last = _times(keys, identity.time)
        ids = list(zip(*(keys[name].to_pylist() for name in identity.ids), strict=True))
        if self._recent_of(cursor, identity).are_new(ids, first, last):
            return []
        cursor.register("incoming_keys", keys.append_column("place", pa.array(range(len(keys)), pa.int64())))
        answer = cursor.execute(query(identity.question), {"first_unix_ns": first, "last_unix_ns": last})
        return [row[0] for row in answer.fetchall()]

    def _recent_of(self, cursor: duckdb.DuckDBPyConnection, identity: Identity) -> Recent:
        from firsttoken.store.recent import Recent  # numpy loads in the writer's thread, not while we open

        if identity not in self._recent:
            ((latest,),) = cursor.execute(query(identity.latest)).fetchall()
            self._recent[identity] = Recent(latest)
        return self._recent[identity]


def _times(keys: pa.Table, time: str) -> tuple[int, int]:
    """Since when and until when rows like these may be stored.

    The time of its arrival stands for the time of a row that has none, and is another when the row comes again: such a
    row may be anywhere before.
    """
    import pyarrow.compute as pc

    compute: Any = pc
    times = compute.min_max(keys[time]).as_py()
    timeless = compute.any(compute.equal(keys[time], keys[ARRIVAL])).as_py()
    return 0 if timeless else times["min"], times["max"]


def _without(table: pa.Table, places: Sequence[int]) -> pa.Table:
    import pyarrow as pa

    dropped = set(places)
    kept = [place for place in range(len(table)) if place not in dropped]
    return table.take(pa.array(kept, pa.int64())) if dropped else table
