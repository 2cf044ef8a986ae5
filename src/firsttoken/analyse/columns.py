"""Values of a row, with the types that the schema gives its columns."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, cast

from firsttoken.analyse.options import Group
from firsttoken.store import Row


def text(row: Row, column: str) -> str:
    return cast("str", row[column])


def text_or_none(row: Row, column: str) -> str | None:
    return cast("str | None", row[column])


def texts(row: Row, column: str) -> list[str]:
    return cast("list[str]", row[column])


def integer(row: Row, column: str) -> int:
    return cast("int", row[column])


def integer_or_none(row: Row, column: str) -> int | None:
    return cast("int | None", row[column])


def real(row: Row, column: str) -> float:
    return cast("float", row[column])


def real_or_none(row: Row, column: str) -> float | None:
    return cast("float | None", row[column])


def seconds_or_none(row: Row, column: str) -> float | None:
    """Of a column in nanoseconds."""
    return in_seconds(integer_or_none(row, column))


def in_seconds(ns: float | None) -> float | None:
    return None if ns is None else ns / 1e9


def group(row: Row) -> Group:
    """The values of what calls are grouped by."""
    return tuple(cast("list[str | None]", row["group_values"]))


def reals(row: Row, column: str, count: int) -> list[float] | list[None]:
    """As many numbers as were asked for, all of them unknown where there was nothing to measure."""
    return cast("list[float] | None", row[column]) or [None] * count


def money(row: Row, column: str) -> Decimal:
    return cast("Decimal", row[column])


def money_or_none(row: Row, column: str) -> Decimal | None:
    return cast("Decimal | None", row[column])


def json_value(row: Row, column: str) -> Any:
    """What the JSON text of a column says. The caller knows the shape that the store keeps there."""
    return json.loads(text(row, column))
