"""Rows of any columns, written as they come: a table for people, a JSON array, CSV or Parquet."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal
from math import isfinite
from typing import Any, cast

import pyarrow as pa

from firsttoken.cli import wording
from firsttoken.cli.new_file import OutputError, new_file
from firsttoken.cli.output import Output
from firsttoken.cli.standard_output import bytes_output
from firsttoken.cli.tables import Cell, Column, print_table
from firsttoken.page.row_files import csv_file, parquet_file


def write_rows(output: Output, rows: pa.RecordBatchReader, limit: int | None) -> bool:
    """At most so many; whether there were more. Raises OutputError for columns that the form does not have."""
    batches = _Cut(rows, limit)
    try:
        match output.form:
            case "table":
                _print(rows.schema, batches)
            case "json":
                _print_json(rows.schema, batches)
            case "csv" | "parquet":
                _write_file(output, rows.schema, batches)
    except pa.ArrowNotImplementedError as error:
        raise OutputError(f"a column does not fit into {output.form} ({error}): cast it to text") from error
    return batches.is_cut


class _Cut:
    """The first rows of some."""

    def __init__(self, rows: pa.RecordBatchReader, limit: int | None) -> None:
        self._rows = rows
        self._left = limit
        self.is_cut = False

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._rows:
            if self._left is None:
                yield batch
                continue
            self.is_cut |= batch.num_rows > self._left
            yield batch.slice(0, self._left)
            self._left -= min(self._left, batch.num_rows)


def _print(schema: pa.Schema, batches: _Cut) -> None:
    fields: Any = schema
    columns = [Column(field.name, is_figure=_is_number(field.type)) for field in fields]
    rows = [tuple(map(_cell, values)) for batch in batches for values in _tuples(batch)]
    print_table(columns, rows)


def _tuples(batch: Any) -> Iterator[tuple[object, ...]]:
    """By place: two columns may have one name."""
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _cell(value: object) -> Cell:
    return Cell(wording.UNKNOWN, "dim") if value is None else Cell(_text(value))


def _text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return f"{value:f}"
        case list() | dict() | tuple():
            return json.dumps(value, default=_text)
        case bytes():
            return value.hex()
        case _:
            return str(value)


def _print_json(schema: pa.Schema, batches: _Cut) -> None:
    """One array of objects, in pure ASCII. Money and whatever JSON has no kind for are texts."""
    _check_names(schema)
    separator = "["
    for batch in batches:
        for row in batch.to_pylist():
            sys.stdout.write(separator + json.dumps(_json(row), default=_text, allow_nan=False))
            separator = ",\n "
    print("[]" if separator == "[" else "]")


def _check_names(schema: pa.Schema) -> None:
    """Raises OutputError where an object would lose a column to another one of its name."""
    for name, times in Counter(schema.names).items():
        if times > 1:
            raise OutputError(f"{times} columns are named {name!r}, and an object has one: rename them with AS")


def _json(value: object) -> object:
    """What JSON has for a value: whole numbers of any size are numbers, and what is no number is a text."""
    match value:
        case Decimal() if value.as_tuple().exponent == 0:
            return int(value)
        case float() if not isfinite(value):
            return str(value)
        case dict():
            members = cast("dict[str, object]", value).items()
            return {name: _json(member) for name, member in members}
        case list() | tuple():
            return [_json(item) for item in cast("list[object]", value)]
        case _:
            return value


def _write_file(output: Output, schema: pa.Schema, batches: _Cut) -> None:
    make = csv_file if output.path is None else parquet_file
    opened = nullcontext(bytes_output()) if output.path is None else new_file(output.path)
    with opened as file, make(file, schema) as write:
        for batch in batches:
            write(batch)
