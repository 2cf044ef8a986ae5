"""Other costs for stored calls: all of them at once, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

import duckdb

from firsttoken.call import Cost
from firsttoken.store.call_columns import CALL_COLUMNS, cost_fields
from firsttoken.store.sql import query
from firsttoken.store.store import Store

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class CostChange:
    """Another cost for one call."""

    trace_id: str
    span_id: str
    started_unix_ns: int
    cost: Cost


def change_costs(store: Store, changes: Sequence[CostChange]) -> None:
    """Returns when they are committed, in one transaction. Raises StoreError, and has changed nothing."""
    table = _table(changes)
    store.perform(lambda cursor: _change(cursor, table)).result()


def _change(cursor: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    cursor.register("incoming_costs", table)
    cursor.execute(query("update_costs"))


def _table(changes: Sequence[CostChange]) -> pa.Table:
    import pyarrow as pa

    from firsttoken.store.arrow import ARROW_TYPES

    columns = [column for column in CALL_COLUMNS if column.part == "cost"]
    flat = [cost_fields(change.cost) for change in changes]
    keys = {"trace_id": pa.string(), "span_id": pa.string(), "started_unix_ns": pa.int64()}
    schema = pa.schema([*keys.items(), *((column.name, ARROW_TYPES[column.kind]) for column in columns)])
    values: dict[str, list[object]] = {name: list(map(attrgetter(name), changes)) for name in keys}
    values |= {column.name: list(map(attrgetter(column.field), flat)) for column in columns}
    return pa.Table.from_pydict(values, schema)  # pyright: ignore[reportUnknownMemberType]
