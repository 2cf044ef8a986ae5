"""Whole calls, spans or log records on their way out: in batches, so that their number does not matter."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from firsttoken.analyse.asking import check
from firsttoken.analyse.listing import FIGURES, First, in_order
from firsttoken.analyse.options import Options
from firsttoken.errors import SelectionError
from firsttoken.store import EVERYTHING, Selection, Warehouse
from firsttoken.store.transfer import TableName, schema_of

TABLE: Final = b"firsttoken.table"
"""The key of the schema's metadata under which the name of the table goes along, also in a Parquet file."""
CALLS: Final = b"firsttoken.calls"
"""How many calls are selected, as decimal digits: for calls without an order that is how many rows will come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions(Options):
    """Rows of one table. Spans and log records are those of the traces that have a selected call."""

    table: TableName = "calls"
    first: First | None = None
    """The order of calls, as in a list of them, of which at most `store.transfer.MOST_IN_ORDER` leave, of the costliest
    in each currency. None is all of them in the order of the store, for which none has to be kept in memory: about the
    one in which they came."""

    def selections(self) -> tuple[Selection, ...]:
        """Without a filter, spans and log records need no call."""
        return () if self.table != "calls" and self.selection == EVERYTHING else (self.selection,)


@contextmanager
def exported(warehouse: Warehouse, options: ExportOptions) -> Generator[pa.RecordBatchReader]:
    """To be read while it is open. Raises SelectionError and NoCallsError, and StoreError also while it is read."""
    if options.first is not None and options.table != "calls":
        raise SelectionError(f"{options.table} have no order: leave out first={options.first}")
    with warehouse.read() as reader:
        check(reader, options, warehouse.name)
        selection = options.selection if options.first is None else in_order(options.selection, options.first)
        calls = reader.ask("call_count", None, selection)[0]["calls"]
        metadata = {TABLE: options.table.encode(), CALLS: str(calls).encode()}
        figure = None if options.first is None else FIGURES[options.first]
        schema = schema_of(options.table).with_metadata(metadata)  # pyright: ignore[reportUnknownMemberType]
        batches = (batch.cast(schema) for batch in reader.batches(options.table, selection, figure))
        yield pa.RecordBatchReader.from_batches(schema, batches)
