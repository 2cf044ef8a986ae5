"""Questions put to the store: each is a .sql file, each answer a list of rows."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from firsttoken.errors import StoreError
from firsttoken.store.conditions import narrowed
from firsttoken.store.failures import explain_reading
from firsttoken.store.sql import query

Row = Mapping[str, object]
"""One row of an answer, by column name."""


class Reader:
    """One consistent view of the store: all questions see the same commits. Belongs to the thread that made it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        self._cursor = cursor
        self._name = name
        self._run("BEGIN TRANSACTION READ ONLY", None)

    def ask(
        self, question: str, parameters: Mapping[str, str | int | None], where: Mapping[str, str] | None = None
    ) -> list[Row]:
        """The rows that answer `queries/<question>.sql`, asked of the calls that meet `where`. Raises StoreError."""
        statement, more = narrowed(query(question), where or {})
        return self._run(statement, {**parameters, **more})

    def close(self) -> None:
        """Idempotent."""
        self._cursor.close()

    def _run(self, statement: str, parameters: dict[str, str | int | None] | None) -> list[Row]:
        try:
            answer = self._cursor.execute(statement, parameters)
            columns = [column[0] for column in answer.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in answer.fetchall()]
        except duckdb.Error as error:
            raise StoreError(explain_reading(self._name, error)) from error
