"""Questions put to the store: each is a .sql file, each answer a list of rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import reduce
from typing import TYPE_CHECKING, Final, cast

import duckdb

from firsttoken.errors import StatementError, StoreError
from firsttoken.store.bulk import bulk_question
from firsttoken.store.call_names import KNOWN
from firsttoken.store.contents import CUT_APART, CUT_OUT, whole_batch, whole_rows, whole_table
from firsttoken.store.failures import explain_reading
from firsttoken.store.found import Found
from firsttoken.store.generation import Generation
from firsttoken.store.lookup import distinct, in_both, lookup, parts, takes_long
from firsttoken.store.scope import Parameters, Value, attribute_at, scoped
from firsttoken.store.selection import EVERYTHING, Selection
from firsttoken.store.sql import query
from firsttoken.store.statement import one_line
from firsttoken.store.text_file import TextFile
from firsttoken.store.transfer import BATCH_ROWS, TableName, contents_question, schema_of, transfer_question
from firsttoken.store.warehouse import Row

if TYPE_CHECKING:
    import pyarrow as pa


PLACE: Final = "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"


class StoreReader:
    """The `Reader` of the embedded store."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, name: str, generation: Generation, shared: Found) -> None:
        """`shared` is what the readers of one generation have found."""
        self._cursor = cursor
        self._name = name
        self._generation = generation
        self._shared = shared
        self._began = generation.settled()
        self._found: list[tuple[Selection, str | None]] = []
        """By which names the places of selected calls are known to the database."""
        self._run("BEGIN TRANSACTION READ ONLY", {})

    def ask(
        self,
        question: str,
        parameters: Mapping[str, Value] | None = None,
        selection: Selection = EVERYTHING,
        group_by: Sequence[str] = (),
        figure: str | None = None,
    ) -> list[Row]:
        statement, more = self._scoped(query(question), selection, group_by, figure)
        rows = self._rows(statement, {**(parameters or {}), **more})
        try:
            return whole_rows(self._cursor, rows)
        except duckdb.Error as error:
            raise StoreError(explain_reading(self._name, error)) from error

    def table(
        self, columns: Sequence[str], selection: Selection = EVERYTHING, group_by: Sequence[str] = ()
    ) -> pa.Table:
        more = (CUT_OUT,) if CUT_APART.intersection(columns) else ()
        question = bulk_question(columns, grouped=bool(group_by), more=more)
        found = self._bulk(*self._scoped(question, selection, group_by))
        return whole_table(self._cursor, found) if more else found

    def batches(
        self, table: TableName, selection: Selection = EVERYTHING, figure: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        schema = schema_of(table)
        try:
            with closing(self._texts(table, selection)) as texts:
                more = (CUT_OUT,) if texts else ()
                question = transfer_question(table, selection, more, figure)
                statement, parameters = self._scoped(question, selection, (), figure)
                for batch in self._cursor.sql(statement, params=parameters).to_arrow_reader(BATCH_ROWS):
                    if more:
                        yield from whole_batch(batch, texts).cast(schema).to_batches()
                    else:
                        yield batch.cast(schema)
        except (duckdb.Error, OSError) as error:  # Arrow makes an OSError of what goes wrong on the way
            raise StoreError(explain_reading(self._name, error)) from error

    def _texts(self, table: TableName, selection: Selection) -> TextFile:
        """What was cut out of those rows: first, as one transaction answers one question at a time."""
        statement, parameters = self._scoped(contents_question(table, selection), selection)
        found = self._cursor.sql(statement, params=parameters).to_arrow_reader(BATCH_ROWS)
        return TextFile(
            pair for batch in found for pair in zip(batch["digest"].to_pylist(), batch["text"].to_pylist(), strict=True)
        )

    def run(self, statement: str, parameters: Mapping[str, Value]) -> pa.RecordBatchReader:
        import pyarrow as pa

        try:
            rows = self._cursor.sql(statement, params=dict(parameters)).to_arrow_reader(BATCH_ROWS)
        except (duckdb.Error, RuntimeError) as error:
            raise StatementError(one_line(error)) from error
        return pa.RecordBatchReader.from_batches(rows.schema, _explained(rows))

    def interrupt(self) -> None:
        self._cursor.interrupt()

    def knows(self, attribute: str) -> bool:
        if attribute in KNOWN:
            return True
        parameters: Parameters = {}
        found = attribute_at(attribute, "attribute", parameters)
        return bool(self._rows(f"SELECT 1 FROM main.calls WHERE {found} IS NOT NULL LIMIT 1", parameters))  # noqa: S608  a parameter

    @property
    def store_name(self) -> str:
        return self._name

    def size_bytes(self) -> int | None:
        """Of the file, and of the one beside it where what came last waits to be moved. None for a store in memory."""
        (row,) = self._rows(PLACE, {})
        path = cast("str | None", row["path"])
        return sum(map(_size, (path, f"{path}.wal"))) if path else None

    def attributes(self) -> list[str]:
        return [str(row["name"]) for row in self._rows(query("attribute_names"), {})]

    def close(self) -> None:
        """Idempotent."""
        self._cursor.close()

    def _scoped(
        self, question: str, selection: Selection, group_by: Sequence[str] = (), figure: str | None = None
    ) -> tuple[str, Parameters]:
        if not takes_long(selection):
            return scoped(question, selection, group_by, figure)
        found = self._places_of(selection)
        if found is None:
            return scoped(question, EVERYTHING, group_by, figure)
        return scoped(question, selection, group_by, figure, found=found)

    def _places_of(self, selection: Selection) -> str | None:
        """The name of a relation of them; None where they are all places that there are."""
        for known, name in self._found:
            if known == selection:
                return name
        places = reduce(in_both, map(self._looked_up, parts(selection)))
        name = None if self._are_all(places) else f"found_{len(self._found)}"
        if name is not None:
            self._cursor.register(name, places)
        self._found.append((selection, name))
        return name

    def _looked_up(self, selection: Selection) -> pa.Table:
        seen = self._seen()
        places = None if seen is None else self._shared.places(seen, selection)
        if places is None:
            places = distinct(self._bulk(*lookup(selection)))
            if seen is not None:
                self._shared.keep(seen, selection, places)
        return places

    def _are_all(self, places: pa.Table) -> bool:
        """As of a resource that all calls have."""
        return len(places) == self._rows("SELECT count(*) AS calls FROM main.calls", {})[0]["calls"]

    def _seen(self) -> int | None:
        """The generation that this reader sees, where that is certain."""
        self._run("SELECT 1 FROM main.calls LIMIT 0", {})  # what a transaction sees is settled when it first reads
        return self._began if self._began == self._generation.settled() else None

    def _rows(self, statement: str, parameters: Parameters) -> list[Row]:
        answer = self._run(statement, parameters)
        columns = [column[0] for column in answer.description or ()]
        try:
            return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
        except duckdb.Error as error:
            raise StoreError(explain_reading(self._name, error)) from error

    def _bulk(self, statement: str, parameters: Parameters) -> pa.Table:
        try:
            found = self._cursor.sql(statement, params=parameters).to_arrow_table()
        except duckdb.Error as error:
            raise StoreError(explain_reading(self._name, error)) from error
        return cast("pa.Table", found)

    def _run(self, statement: str, parameters: Parameters) -> duckdb.DuckDBPyConnection:
        try:
            return self._cursor.execute(statement, parameters)
        except duckdb.Error as error:
            raise StoreError(explain_reading(self._name, error)) from error


def _explained(rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from rows
    except (duckdb.Error, OSError) as error:
        raise StatementError(one_line(error)) from error


def _size(path: str) -> int:
    with suppress(FileNotFoundError):
        return os.stat(path).st_size
    return 0
