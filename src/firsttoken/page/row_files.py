"""Rows in batches, written as Parquet, CSV or lines of JSON. None of them holds back more than one batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from typing import Any, BinaryIO, Final, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from firsttoken.page.cells import FORMULA

Form = Literal["parquet", "csv", "jsonl"]
Write = Callable[[pa.RecordBatch], None]
RowFile = Callable[[BinaryIO, pa.Schema], AbstractContextManager[Write]]

JSON_COLUMNS: Final = frozenset({"attributes", "resource", "events", "body", "context_more"})
"""Texts that are JSON themselves: in a line of JSON they stand as what they say."""
STARTS_FORMULA: Final = "^[" + "".join(f"\\{char}" if char == "-" else char for char in FORMULA) + "]"


@contextmanager
def parquet_file(file: BinaryIO, schema: pa.Schema) -> Generator[Write]:
    """Types, names and metadata are kept, so that it can be read back as it was."""
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        yield writer.write_batch


@contextmanager
def csv_file(file: BinaryIO, schema: pa.Schema) -> Generator[Write]:
    """With a line of names first. What is unknown is empty, a list is JSON, and no text begins like a formula."""
    fields: Any = schema
    flat = pa.schema([(field.name, pa.string() if _is_written_out(field.type) else field.type) for field in fields])
    arrow: Any = pa
    arrow_csv: Any = pa_csv
    with arrow_csv.CSVWriter(file, flat) as writer:

        def write(batch: Any) -> None:
            columns = [_csv_column(column) for column in batch.columns]
            writer.write(arrow.RecordBatch.from_arrays(columns, schema=flat))

        yield write


@contextmanager
def line_file(file: BinaryIO, schema: pa.Schema) -> Generator[Write]:
    """An object on each line, of pure ASCII. What is unknown is left out, and money is a text, to keep its digits."""
    del schema

    def write(batch: pa.RecordBatch) -> None:
        file.writelines(_line(row) for row in batch.to_pylist())

    yield write


ROW_FILES: Final[Mapping[Form, RowFile]] = {"parquet": parquet_file, "csv": csv_file, "jsonl": line_file}


def _is_written_out(kind: pa.DataType) -> bool:
    """A list has no form of its own in CSV, and an amount would have an exponent."""
    return pa.types.is_nested(kind) or pa.types.is_decimal(kind)


def _csv_column(column: Any) -> Any:
    if pa.types.is_nested(column.type):
        texts = (None if value is None else json.dumps(value, default=str) for value in column.to_pylist())
        return pa.array(texts, pa.string())
    if pa.types.is_decimal(column.type):
        return pa.array([None if value is None else f"{value:f}" for value in column.to_pylist()], pa.string())
    if not pa.types.is_string(column.type):
        return column
    compute: Any = pc
    quoted = compute.binary_join_element_wise("'", column, "")
    return compute.if_else(compute.match_substring_regex(column, STARTS_FORMULA), quoted, column)


def _line(row: Mapping[str, object]) -> bytes:
    known = {name: _json_value(name, value) for name, value in row.items() if value is not None}
    return json.dumps(known, default=_json_text).encode() + b"\n"


def _json_value(name: str, value: object) -> object:
    return json.loads(value) if name in JSON_COLUMNS and isinstance(value, str) else value


def _json_text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
