"""The rows of an answer as cells of a table that leaves: named, flat, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Union, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    import pyarrow as pa

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet run a cell of text that begins with it. A number may: it is no text."""

LONGEST_SUM: Final = 38
"""Digits: more than any store has tokens."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A table, whose columns are known also where it has no row."""

    kinds: Mapping[str, object]
    """What the values of each column are, in the order of the columns; None is never among these."""
    rows: Iterable[Mapping[str, object]]

    def arrow(self) -> pa.Table:
        """Of the types that the values have, whatever the first of them are."""
        import pyarrow as pa

        rows = list(self.rows)
        columns = {name: [row[name] for row in rows] for name in self.kinds}
        arrays = [_array(values, self.kinds[name]) for name, values in columns.items()]
        return pa.Table.from_arrays(arrays, names=list(columns))


def cells_of(found: Any) -> Cells:
    """Of the rows that every answer of the catalogue has. What they are grouped by stands first, each value under its
    name; a part's field under `part.field`; an amount in each currency under `cost.USD`, where any row has one."""
    group_by: tuple[str, ...] = getattr(found, "group_by", ())
    keys = _keys(found.rows)
    answer: type = found.__class__
    kinds: dict[str, object] = {}
    for name, kind in columns_of(answer).items():
        if name in keys:
            kinds |= {f"{name}.{key}": get_args(kind)[1] for key in keys[name]}
        elif name != "group" and get_origin(kind) is not Mapping and get_origin(kind) is not dict:
            kinds[name] = kind
    return Cells({**dict.fromkeys(group_by, str), **kinds}, _rows(found.rows, group_by, keys))


def _rows(rows: Iterable[Any], group_by: tuple[str, ...], keys: Mapping[str, list[str]]) -> Iterator[dict[str, object]]:
    for row in rows:
        cells = _with_columns(flat(row), keys)
        values = cast("tuple[str | None, ...]", cells.pop("group", ()))
        yield {**dict(zip(group_by, values, strict=True)), **cells}


def columns_of(answer: type) -> Mapping[str, object]:
    """What the cells of its rows are, by their names: without what they are grouped by, whatever an answer holds."""
    return _kinds(_row_type(answer))


def _row_type(answer: type) -> type:
    """Of an answer whose rows are a field or a property."""
    rows = getattr(answer, "rows", None)
    kind = get_type_hints(rows.fget)["return"] if isinstance(rows, property) else get_type_hints(answer)["rows"]
    return get_args(kind)[0]


def _kinds(row: type) -> dict[str, object]:
    """By the name of a cell."""
    found: dict[str, object] = {}
    hints = get_type_hints(row)
    for field in fields(row):
        kind = _known(hints[field.name])
        if isinstance(kind, type) and is_dataclass(kind):
            found |= {f"{field.name}.{name}": inner for name, inner in _kinds(kind).items()}
        else:
            found[field.name] = kind
    return found


def _known(kind: object) -> object:
    """What a value is where it is not None."""
    if get_origin(kind) in (Union, UnionType):
        return next(each for each in get_args(kind) if each is not NoneType)
    return kind


def _array(values: list[object], kind: object) -> Any:
    """Sums of very many tokens are beyond 64 bits: those are decimals without places."""
    import pyarrow as pa

    arrow: Any = pa
    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    try:
        found = arrow.array(values, types.get(cast("type", kind)))
    except OverflowError:
        return arrow.array(values, pa.decimal128(LONGEST_SUM))
    return arrow.array(values, pa.string()) if arrow.types.is_null(found.type) else found


def flat(row: Any) -> dict[str, object]:
    """The fields of a row by name; those of a part under `part.field`."""
    cells: dict[str, object] = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if is_dataclass(value):
            cells |= {f"{field.name}.{name}": inner for name, inner in flat(value).items()}
        else:
            cells[field.name] = value
    return cells


def _keys(rows: Iterable[Any]) -> Mapping[str, list[str]]:
    """Of the fields that are mappings: all that any row has there."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for field in fields(row):
            if isinstance(value := getattr(row, field.name), Mapping):
                found.setdefault(field.name, set()).update(cast("Mapping[str, object]", value))
    return {name: sorted(keys) for name, keys in found.items()}


def _with_columns(cells: dict[str, object], keys: Mapping[str, list[str]]) -> dict[str, object]:
    """The same columns in every row."""
    wide: dict[str, object] = {}
    for name, value in cells.items():
        if name in keys:
            members = cast("Mapping[str, object]", value)
            wide |= {f"{name}.{key}": members.get(key) for key in keys[name]}
        else:
            wide[name] = value
    return wide


def csv_lines(cells: Cells) -> Iterator[str]:
    """A line of names first. What is unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(harmless, cells.kinds))
    yield text.getvalue()
    for row in cells.rows:
        text.seek(0)
        text.truncate()
        writer.writerow(_cell(row[name]) for name in cells.kinds)
        yield text.getvalue()


def harmless(text: str) -> str:
    """An apostrophe makes a text of what a spreadsheet would run."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cell(value: object) -> str | int | float | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return harmless(value if isinstance(value, str) else json.dumps(value, default=str))
