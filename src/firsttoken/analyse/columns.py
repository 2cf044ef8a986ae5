"""Values of a row, with the types that the schema gives its columns."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, cast

from firsttoken.store import Row


def text(row: Row, column: str) -> str:
    return cast("str", row[column])


def text_or_none(row: Row, column: str) -> str | None:
    return cast("str | None", row[column])


def integer(row: Row, column: str) -> int:
    return cast("int", row[column])


def reals(row: Row, column: str, count: int) -> list[float] | list[None]:
    """As many numbers as were asked for, all of them unknown where there was nothing to measure."""
    return cast("list[float] | None", row[column]) or [None] * count


def money(row: Row, column: str) -> Decimal:
    return cast("Decimal", row[column])


def json_value(row: Row, column: str) -> Any:
    """What the JSON text of a column says. The caller knows the shape that the store keeps there."""
    return json.loads(text(row, column))
