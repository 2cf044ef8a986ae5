"""Questions put to ClickHouse: the embedded store's own, translated, with answers of the same shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from uuid import uuid4

from clickhouse_connect.driver.exceptions import Error
from sqlglot.errors import SqlglotError

from firsttoken.clickhouse.address import Address
from firsttoken.clickhouse.failures import explain, is_unsettled
from firsttoken.clickhouse.schema import TABLES
from firsttoken.clickhouse.translation import RELATIONS, SETTINGS, SETTLED, Statement, translated
from firsttoken.clickhouse.words import with_content
from firsttoken.errors import StatementError, StoreError
from firsttoken.store import EVERYTHING, Row, Selection, Value
from firsttoken.store.bulk import COLUMN_NAMES, bulk_question
from firsttoken.store.call_names import KNOWN
from firsttoken.store.scope import Parameters, attribute_at, scoped
from firsttoken.store.sql import query
from firsttoken.store.statement import one_line
from firsttoken.store.transfer import TableName, schema_of, transfer_question

if TYPE_CHECKING:
    import pyarrow as pa
    from clickhouse_connect.driver.client import Client
    from clickhouse_connect.driver.common import StreamContext

Answer = TypeVar("Answer")

GROUP: Final = "group_values"
CONTENT: Final = "content"
"""What was said in a call: attributes of it, in a column apart."""
JSON_COLUMNS: Final = ("attributes", "resource", "events")
"""Maps and lists here, JSON texts to whoever asks."""
SIZE: Final = (
    "SELECT sum(bytes_on_disk) AS used_bytes FROM system.parts "
    "WHERE active AND database = currentDatabase() AND table IN {tables: Array(String)}"
)
READING: Final = {"readonly": "2", "cancel_http_readonly_queries_on_client_close": "1"}
"""With these the server writes nothing, whatever a statement says."""


class ClickHouseReader:
    """The `Reader` of a ClickHouse server."""

    def __init__(self, client: Client, address: Address) -> None:
        self._client = client
        self._address = address
        self._relations = SETTLED
        self._running = uuid4().hex
        """The server's name for a statement of the user's own."""

    def ask(
        self,
        question: str,
        parameters: Mapping[str, Value] | None = None,
        selection: Selection = EVERYTHING,
        group_by: Sequence[str] = (),
        figure: str | None = None,
    ) -> list[Row]:
        statement, more = scoped(query(question), selection, group_by, figure)
        return self._rows(statement, {**(parameters or {}), **more})

    def table(
        self, columns: Sequence[str], selection: Selection = EVERYTHING, group_by: Sequence[str] = ()
    ) -> pa.Table:
        scope, parameters = scoped(bulk_question(columns, grouped=bool(group_by)), selection, group_by)
        try:
            found = self._asked(scope, parameters, partial(self._table, settings=SETTINGS))
        except Error as error:
            raise self._failure(error) from None
        return _with_json_texts(found)

    def batches(
        self, table: TableName, selection: Selection = EVERYTHING, figure: str | None = None
    ) -> Iterator[pa.RecordBatch]:
        schema = schema_of(table)
        more = (CONTENT,) if table == "calls" else ()
        scope, parameters = scoped(transfer_question(table, selection, more, figure), selection, (), figure)
        try:
            with self._asked(scope, parameters, self._stream) as stream:
                for batch in cast("Iterable[Any]", stream):
                    yield from _as_stored(batch, schema)
        except Error as error:
            raise self._failure(error) from None

    def run(self, statement: str, parameters: Mapping[str, Value]) -> pa.RecordBatchReader:
        """A statement in DuckDB's SQL, as every question is. The server itself refuses to write for it."""
        try:
            settings = {**SETTINGS, **READING, "query_id": self._running}
            found = self._asked(statement, dict(parameters), partial(self._table, settings=settings))
        except SqlglotError as error:
            raise StatementError(f"the statement has no like in ClickHouse: {one_line(error)}") from error
        except Error as error:
            raise StatementError(explain(self._address, error)) from None
        return _with_json_texts(found).to_reader()

    def interrupt(self) -> None:
        with suppress(Error):  # the server gives up by itself when nobody reads its answer
            self._client.command(f"KILL QUERY WHERE query_id = '{self._running}' ASYNC")  # pyright: ignore[reportUnknownMemberType]

    def knows(self, attribute: str) -> bool:
        if attribute in KNOWN:
            return True
        parameters: Parameters = {}
        found = attribute_at(attribute, "attribute", parameters)
        return bool(self._rows(f"SELECT 1 FROM main.calls WHERE {found} IS NOT NULL LIMIT 1", parameters))  # noqa: S608  a parameter

    @property
    def store_name(self) -> str:
        return self._address.name

    def size_bytes(self) -> int | None:
        """Of the tables on the server that answers. None for a user who may not know."""
        tables = [name for table in TABLES for name in (table, f"{table}_local")]
        try:
            (row,) = self._said(Statement(SIZE, {"tables": tables}))
        except StoreError:
            return None
        return cast("int | None", row["used_bytes"]) or None

    def attributes(self) -> list[str]:
        return [str(row["name"]) for row in self._rows(query("attribute_names"), {})]

    def count_rows(self) -> int:
        """How many rows there are, of some calls several. It costs next to nothing, and changes when more have come."""
        (row,) = self._said(Statement("SELECT count() AS came FROM firsttoken_call_rows", {}))
        return cast("int", row["came"])

    def check(self) -> None:
        """Raises StoreError where a column is missing, without reading any."""
        self._rows(f"{bulk_question(sorted(COLUMN_NAMES), grouped=False)} LIMIT 0", {})

    def _rows(self, question: str, parameters: Parameters) -> list[Row]:
        try:
            return self._asked(question, parameters, self._read)
        except Error as error:
            raise self._failure(error) from None

    def _said(self, statement: Statement) -> list[Row]:
        """Of the server itself, and of tables beside the calls."""
        try:
            return self._read(statement)
        except Error as error:
            raise self._failure(error) from None

    def _asked(self, question: str, parameters: Parameters, put: Callable[[Statement], Answer]) -> Answer:
        """Over rows of which it is settled whose they are, for as long as that is so of all; else they are compared."""
        try:
            return put(translated(question, parameters, self._relations))
        except Error as error:
            if not is_unsettled(error):
                raise
        self._relations = RELATIONS
        return put(translated(question, parameters, self._relations))

    def _read(self, statement: Statement) -> list[Row]:
        answer = self._client.query(statement.text, statement.parameters, settings=dict(SETTINGS))  # pyright: ignore[reportUnknownMemberType]
        names = answer.column_names
        return [_row(dict(zip(names, row, strict=True))) for row in answer.result_rows]

    def _table(self, statement: Statement, settings: Mapping[str, str]) -> pa.Table:
        return self._client.query_arrow(statement.text, statement.parameters, settings=dict(settings))  # pyright: ignore[reportUnknownMemberType]

    def _stream(self, statement: Statement) -> StreamContext:
        return self._client.query_arrow_stream(statement.text, statement.parameters, settings=dict(SETTINGS))  # pyright: ignore[reportUnknownMemberType]

    def _failure(self, error: Error) -> StoreError:
        return StoreError(explain(self._address, error))


def _row(answer: dict[str, Any]) -> Row:
    said, scope = answer.get("attributes"), answer.get("scope")
    if isinstance(said, Mapping) and isinstance(scope, str):
        answer["attributes"] = with_content(cast("Mapping[str, object]", said), scope)
    return {name: _value(name, value) for name, value in answer.items()}


def _value(name: str, value: Any) -> object:
    """As DuckDB gives it. A list cannot be NULL in ClickHouse, where an empty one stands for it; and what was measured
    nowhere has the quantile NaN. The group of an answer without groups is empty for both."""
    if name == GROUP:
        return value
    if name in JSON_COLUMNS and not isinstance(value, str | None):
        return json.dumps(value)
    numbers = cast("list[object]", value if isinstance(value, list) else [value])
    return None if all(number != number for number in numbers) else cast("object", value)  # noqa: PLR0124  NaN does


def _with_json_texts(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    for number, field in enumerate(cast("Iterable[Any]", table.schema)):
        is_events = field.name == "events" and pa.types.is_list(field.type)
        if is_events or pa.types.is_map(field.type):
            values: Iterable[Any] = _column(table, field.name)
            if field.name == "attributes" and CONTENT in table.column_names:
                values = [[*pairs, *said] for pairs, said in zip(values, _column(table, CONTENT), strict=True)]
            scopes = _scopes(table) if field.name == "attributes" else repeat(None)
            texts = [
                None if value is None else _json_text(value, scope, is_events=is_events)
                for value, scope in zip(values, scopes, strict=False)
            ]
            table = table.set_column(number, field.name, pa.array(texts, pa.string()))
    return table


def _scopes(table: pa.Table) -> Iterable[str | None]:
    """Who told of each row; without end where the table does not say."""
    return _column(table, "scope") if "scope" in table.column_names else repeat(None)


def _column(table: pa.Table, name: str) -> list[Any]:
    return cast("list[Any]", cast("Any", table).column(name).to_pylist())


def _json_text(value: Any, scope: str | None, *, is_events: bool) -> str:
    """Arrow gives a map as a list of pairs."""
    if is_events:
        return json.dumps([{**event, "attributes": dict(event["attributes"])} for event in value])
    return json.dumps(dict(value) if scope is None else with_content(dict(value), scope))


def _as_stored(batch: pa.RecordBatch, schema: pa.Schema) -> list[pa.RecordBatch]:
    """As the embedded store gives it. A list cannot be NULL in ClickHouse, where an empty one stands for it."""
    import pyarrow as pa

    arrow: Any = pa
    table = cast("Any", _with_json_texts(arrow.Table.from_batches([batch]))).select(schema.names)
    for number, field in enumerate(cast("Iterable[Any]", schema)):
        if pa.types.is_list(field.type):
            texts = [value or None for value in table.column(number).to_pylist()]
            table = table.set_column(number, field.name, arrow.array(texts, field.type))
    return table.cast(schema).to_batches()
