"""What an answer needs of a store, whichever engine keeps it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from firsttoken.store.scope import Value
from firsttoken.store.selection import EVERYTHING, Selection
from firsttoken.store.transfer import TableName

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from firsttoken.store.subscription import Subscription

Row = Mapping[str, object]
"""One row of an answer, by column name."""


class Reader(Protocol):
    """One consistent view: all questions see the same calls. Belongs to the thread that made it.

    Every method raises StoreError where the engine fails, and SelectionError for a selection that cannot be.
    """

    def ask(
        self,
        question: str,
        parameters: Mapping[str, Value] | None = None,
        selection: Selection = EVERYTHING,
        group_by: Sequence[str] = (),
        figure: str | None = None,
    ) -> list[Row]:
        """The rows that answer `queries/<question>.sql`.

        It is written in DuckDB's SQL and reads the relation `calls`: the selected ones alone, with `group_values`,
        a list of texts with one for each name of `group_by`, and `group_value`, the first of them; with `figure`, the
        value of that one of `store.call_names.FIGURES`, where it is named; and every column of `store.derived` that it
        names.
        """
        ...

    def table(
        self, columns: Sequence[str], selection: Selection = EVERYTHING, group_by: Sequence[str] = ()
    ) -> pa.Table:
        """These columns of the selected calls in bulk, in no order, and `group_values` where `group_by` names any."""
        ...

    def batches(
        self, table: TableName, selection: Selection = EVERYTHING, figure: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        """All columns of a table, a few thousand rows at a time, in the order and types of `transfer.schema_of`.

        Of spans and log records, those of the traces that have a selected call. With a figure, a name of FIGURES, the
        calls that have the largest come, at most `transfer.MOST_IN_ORDER` (of amounts: in each currency), the
        largest first.
        """
        ...

    def run(self, statement: str, parameters: Mapping[str, Value]) -> pa.RecordBatchReader:
        """A statement of the user's own, which `store.statement` has checked. Raises StatementError, also while it is
        read."""
        ...

    def interrupt(self) -> None:
        """Ends what `run` does, from any thread."""
        ...

    def knows(self, attribute: str) -> bool:
        """Whether any call has it, or there is a column of that name."""
        ...

    @property
    def store_name(self) -> str:
        """For messages, as the warehouse's."""
        ...

    def size_bytes(self) -> int | None:
        """What is kept takes up; None where that is not told."""
        ...

    def attributes(self) -> list[str]:
        """The attributes without a column that the latest calls have, in alphabetical order."""
        ...


class Warehouse(Protocol):
    """Where calls are kept: the embedded store, or a database server."""

    @property
    def name(self) -> str:
        """For messages: a path or an address, without a password."""
        ...

    def read(self) -> AbstractContextManager[Reader]: ...


class LiveWarehouse(Warehouse, Protocol):
    """One that tells when more has come, as a page shows it."""

    @property
    def path(self) -> Path | None:
        """The file, where it is one."""
        ...

    def subscribe(self) -> Subscription:
        """News of commits for the running asyncio loop."""
        ...

    def end_subscriptions(self) -> None:
        """Every subscription that is open now ends."""
        ...
