"""Parquet files as `firsttoken export` writes them: rows of calls, of other spans or of log records."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic_core import from_json

from firsttoken.errors import BrokenLineError, ImportingError
from firsttoken.receive.decoded import Decoded, ItemError, checked_time, checked_times
from firsttoken.receive.pieces import Request
from firsttoken.receive.sent_again import traces_again
from firsttoken.store import Batch, CallRecord, LogRecord, Origin, SpanRecord, call_of
from firsttoken.store.transfer import TableName, schema_of

Row = Mapping[str, Any]

MAGIC: Final = b"PAR1"
TABLE: Final = b"firsttoken.table"
TOGETHER: Final = 500
"""Rows of one piece."""
NEEDED: Final[Mapping[TableName, tuple[str, ...]]] = {
    "calls": ("trace_id", "span_id", "started_unix_ns", "duration_ns", "operation", "outcome", "attributes", "events"),
    "spans": ("trace_id", "span_id", "started_unix_ns", "ended_unix_ns", "kind", "attributes"),
    "logs": ("delivery", "position", "time_unix_ns", "attributes"),
}
"""Columns without which nothing can be made of a row, by what the file holds."""
EVERY_CALL_HAS: Final = (
    *("operation", "provider", "api", "stream", "started_unix_ns", "duration_ns", "outcome", "resend_count"),
    *("hidden_reasoning", "compacted", "repeated", "usage_reported", "usage_partial"),
)
"""What is known of every call."""
TABLES: Final[tuple[TableName, ...]] = ("calls", "spans", "logs")
TRACE_ID: Final = re.compile("[0-9a-f]{32}")
SPAN_ID: Final = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one file."""

    path: Path
    first: int
    """The number of the first one, from 1."""
    table: TableName
    rows: Sequence[Row]

    def read(self) -> Decoded:
        """Raises BrokenLineError for a row that cannot be one of ours."""
        records = [self._record(place, row) for place, row in enumerate(self.rows, start=self.first)]
        return Decoded(Batch(**{self.table: tuple(records)}), len(records))

    def requests(self) -> tuple[Request, ...]:
        """Raises ImportingError for log records, which are not made into requests again."""
        if self.table == "logs":
            raise ImportingError(f"{self.path} has log records, which go into a file alone: stop the server first")
        return traces_again(self.read().batch)

    def _record(self, place: int, row: Row) -> Any:
        try:
            return MADE[self.table](row)
        except (ItemError, KeyError, TypeError, ValueError) as error:
            raise BrokenLineError(f"{self.path}, row {place}: {_reason(error)}") from error


def is_parquet(path: Path) -> bool:
    """By its first bytes. Raises ImportingError for what is no file."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError as error:
        raise ImportingError(f"{path} cannot be read ({error.strerror or error}): name another file") from error


@contextmanager
def rows_of(path: Path) -> Generator[Iterator[Rows]]:
    """Raises ImportingError, while they are read too, for a file that nothing of ours wrote, or that is damaged."""
    try:
        with pq.ParquetFile(path) as file:
            yield _pieces(path, file)
    except (pa.ArrowException, OSError) as error:
        raise ImportingError(f"{path} is damaged ({_reason(error)}): export it anew") from error


def _pieces(path: Path, file: pq.ParquetFile) -> Iterator[Rows]:
    table = _table_of(path, file.schema_arrow)
    schema, first = schema_of(table), 1
    names = [name for name in schema.names if name in file.schema_arrow.names]
    read: Any = file
    for batch in read.iter_batches(TOGETHER, columns=names):
        rows = [dict.fromkeys(schema.names) | row for row in _cast(path, batch, schema).to_pylist()]
        yield from _whole_or_single(Rows(path, first, table, rows))
        first += len(rows)


def _whole_or_single(piece: Rows) -> Iterator[Rows]:
    """One by one where one is broken, so that the others can be kept."""
    try:
        piece.read()
    except BrokenLineError:
        yield from (
            Rows(piece.path, place, piece.table, (row,)) for place, row in enumerate(piece.rows, start=piece.first)
        )
    else:
        yield piece


def _table_of(path: Path, schema: pa.Schema) -> TableName:
    """As the file says, else by its columns."""
    said = (schema.metadata or {}).get(TABLE, b"").decode(errors="replace")
    tables: list[TableName] = [table for table in TABLES if table == said] or list(TABLES)
    for table in tables:
        if all(name in schema.names for name in NEEDED[table]):
            return table
    missing = next(name for name in NEEDED[tables[0]] if name not in schema.names)
    raise ImportingError(f"{path} is no file of firsttoken export: it has no column {missing}")


def _cast(path: Path, batch: pa.RecordBatch, schema: pa.Schema) -> pa.Table:
    ours: Any = schema
    try:
        return pa.Table.from_batches([batch]).cast(pa.schema([ours.field(name) for name in batch.schema.names]))
    except (pa.ArrowException, ValueError) as error:
        raise ImportingError(f"{path} is no file of firsttoken export: {_reason(error)}") from error


def _call(row: Row) -> CallRecord:
    missing = next((name for name in EVERY_CALL_HAS if row[name] is None), None)
    if missing is not None:
        raise ItemError(f"{missing} is missing")
    checked_times(row["started_unix_ns"], row["started_unix_ns"] + row["duration_ns"])
    return CallRecord(**_span_identity(row), call=call_of(row))


def _span(row: Row) -> SpanRecord:
    started, ended = checked_times(row["started_unix_ns"], row["ended_unix_ns"])
    return SpanRecord(
        **_span_identity(row),
        started_unix_ns=started,
        ended_unix_ns=ended,
        kind=row["kind"] or "unspecified",
        status=row["status"] or "unset",
        status_message=row["status_message"] or "",
    )


def _log(row: Row) -> LogRecord:
    if row["body"] is not None:
        from_json(row["body"])
    return LogRecord(
        delivery=_text(row["delivery"]),
        position=int(row["position"]),
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        event_name=row["event_name"],
        time_unix_ns=checked_time(row["time_unix_ns"]),
        severity=row["severity"],
        body=row["body"],
        origin=_origin(row),
        received_unix_ns=row["received_unix_ns"] or row["time_unix_ns"],
        attributes=_json(row["attributes"], dict),
    )


MADE: Final[Mapping[TableName, Callable[[Row], Any]]] = {"calls": _call, "spans": _span, "logs": _log}


def _span_identity(row: Row) -> dict[str, Any]:
    """What a call and any other span have alike."""
    if not TRACE_ID.fullmatch(_text(row["trace_id"])) or not SPAN_ID.fullmatch(_text(row["span_id"])):
        raise ItemError("invalid trace or span id")
    return {
        "trace_id": row["trace_id"],
        "span_id": row["span_id"],
        "parent_span_id": row["parent_span_id"],
        "name": row["name"] or "",
        "origin": _origin(row),
        "received_unix_ns": row["received_unix_ns"] or row["started_unix_ns"],
        "attributes": _json(row["attributes"], dict),
        "events": _json(row["events"] or "[]", list),
    }


def _origin(row: Row) -> Origin:
    return Origin(row["service"] or "", row["run_id"], row["scope"] or "", _json(row["resource"] or "{}", dict))


def _json(text: Any, kind: type) -> Any:
    """The text, once it is known to be such JSON."""
    if not isinstance(from_json(_text(text)), kind):
        raise ItemError("attributes, resource or events that are no JSON of theirs")
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ItemError("a text is missing")
    return value


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0][:200]
