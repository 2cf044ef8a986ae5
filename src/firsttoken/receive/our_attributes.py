"""The attributes of our spans, each with the column of `calls` that it goes to, and how a whole column of it is made.

`semconv.read` says which attribute is which field, `store.call_columns` which field is which column: both together are
one table here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from firsttoken.receive.kernels import pa, pc
from firsttoken.receive.wire import Flags, Places
from firsttoken.semconv import names, own
from firsttoken.semconv.context import texts
from firsttoken.semconv.dialects import OLDER_NAMES
from firsttoken.semconv.fields import CONTEXT_FIELDS, COST_PARTS, HIGHEST_COUNT, SPAN_FIELDS, is_count
from firsttoken.semconv.left_over import WRITTEN
from firsttoken.semconv.read import CALL_FIELDS, LONGEST_S, TAKE, money
from firsttoken.store.arrow import ARROW_TYPES
from firsttoken.store.call_columns import CALL_COLUMNS, stored_money
from firsttoken.trace.any_value import plain_value

Made = tuple[Any, Flags]
"""An array, and which of its values are what they should be."""

LARGEST_AMOUNT: Final = 1e9
"""So little that no sum of the parts of a cost is too much for its column."""
COST_COLUMNS: Final = ("cost_input", "cost_cache_read", "cost_cache_write", "cost_output", "cost_tools")
"""Of the parts of a ledger."""
COST_TEXTS: Final = {
    own.COST_CURRENCY: "cost_currency",
    own.COST_SOURCE: "cost_source",
    own.COST_PRICE_DATE: "cost_price_date",
    own.COST_UNPRICED: "unpriced_reason",
}


class Target(NamedTuple):
    """What becomes of the attributes of one name."""

    kind: str | None
    """As which they are read, see `MAKE`; None for any value, which is left over for `attributes`."""
    column: str | None = None
    """None for what follows from others."""
    gives_way: bool = False
    is_unusual: bool = False
    """Whether the whole span is left to others."""


OTHER: Final = Target(None)
UNUSUAL: Final = Target(None, is_unusual=True)
WHOLLY_WRITTEN: Final[Mapping[type, str]] = {str: "string", float: "double"}
"""As what an attribute is read that is written and has no column."""


def _targets() -> dict[str, Target]:
    columns = {(column.part, column.field): column.name for column in CALL_COLUMNS}
    found = {name: Target(WHOLLY_WRITTEN[kind]) for name, kind in WRITTEN.items() if kind in WHOLLY_WRITTEN}
    for field in SPAN_FIELDS:
        if field.part == "failure" or field.name == "error_category":
            found[field.attribute] = UNUSUAL
        else:
            kind = "count" if is_count(field) else field.kind
            gives_way = CALL_FIELDS[field.attribute].gives_way
            found[field.attribute] = Target(kind, columns[field.part, field.name], gives_way)
    for field in CONTEXT_FIELDS:
        kind = "texts" if field.kind == "strings" else field.kind
        found[field.attribute] = Target(kind, columns["context", field.name])
    found[own.CONTEXT_NAMES] = Target("texts", "context_more")
    found |= {name: Target("money", column) for name, column in zip(COST_PARTS, COST_COLUMNS, strict=True)}
    found |= {name: Target("string", column) for name, column in COST_TEXTS.items()}
    return found | dict.fromkeys((names.ERROR_TYPE, own.COST_UNSPLIT, *OLDER_NAMES), UNUSUAL)


TARGETS: Final = _targets()


def made(kind: str, values: Any, places: Places) -> Made:
    """Those of the values that stand there, as values of one kind of field."""
    return MAKE[kind](values, places)


def plain(values: Any, places: Places) -> list[Any]:
    """Those of the values that stand there, whatever they are, as JSON has them. Raises DecodeError."""
    found: list[Any] = [None] * len(places)
    for member, read in PLAIN.items():
        there: Any = values.field(member).take(places)
        if there.null_count < len(there):
            for place, value in enumerate(there.to_pylist()):
                if value is not None:
                    found[place] = read(value)
    return found


def _member(member: str) -> Callable[[Any, Places], Made]:
    def make(values: Any, places: Places) -> Made:
        there = values.field(member).take(places)
        return there, _valid(there)

    return make


def _valid(array: Any) -> Flags:
    return array.is_valid().to_numpy(zero_copy_only=False)


def _counts(values: Any, places: Places) -> Made:
    there, good = INTEGERS(values, places)
    counts = there.fill_null(-1).to_numpy()
    return there, good & (counts >= 0) & (counts <= HIGHEST_COUNT)


def _reals(values: Any, places: Places) -> Made:
    there = values.field("real").take(places)
    return there, np.isfinite(_numbers(there))


def _numbers(reals: Any) -> npt.NDArray[np.float64]:
    """NaN where there is none."""
    return reals.to_numpy(zero_copy_only=False)


def _nanoseconds(values: Any, places: Places) -> Made:
    seconds = _numbers(values.field("real").take(places))
    good = (seconds >= 0) & (seconds <= LONGEST_S)
    rounded = np.rint(np.where(good, seconds, 0.0) * 1e9).astype(np.int64)
    return pa.array(rounded), good


def _true(values: Any, places: Places) -> Made:
    there = values.field("flag").take(places)
    return there, there.fill_null(False).to_numpy(zero_copy_only=False)


def _lists(take: Callable[[object], object | None]) -> Callable[[Any, Places], Made]:
    """Lists are the same ones again and again: each is read once."""

    def make(values: Any, places: Places) -> Made:
        there = values.field("items").take(places).dictionary_encode()
        known = [take(_items(content)) for content in there.dictionary.to_pylist()]
        array = pa.array(known, ARROW_TYPES["texts"]).take(there.indices)
        return array, _valid(array)

    return make


def _amounts(values: Any, places: Places) -> Made:
    """The shortest decimal that each number stands for."""
    there = values.field("real").take(places)
    numbers = _numbers(there)
    good = np.abs(numbers) < LARGEST_AMOUNT
    try:
        return pc.cast(pc.cast(there, pa.string()), ARROW_TYPES["money"]), good
    except pa.ArrowInvalid:  # digits beyond the last one of a cost column have to be rounded
        amounts = [_amount(number) if fits else None for number, fits in zip(numbers.tolist(), good, strict=True)]
        return pa.array(amounts, ARROW_TYPES["money"]), good


def _amount(number: float) -> Decimal | None:
    return stored_money(money(number))


def _items(content: bytes | None) -> Any:
    return None if content is None else plain_value(AnyValue(array_value=ArrayValue.FromString(content)))


def _members(content: bytes) -> Any:
    return plain_value(AnyValue(kvlist_value=KeyValueList.FromString(content)))


def _real(number: float) -> Any:
    return number if isfinite(number) else plain_value(AnyValue(double_value=number))


def _same(value: Any) -> Any:
    return value


INTEGERS: Final = _member("integer")
MAKE: Final[Mapping[str, Callable[[Any, Places], Made]]] = {
    "string": _member("text"),
    "int": INTEGERS,
    "count": _counts,
    "double": _reals,
    "seconds": _nanoseconds,
    "true": _true,
    "strings": _lists(TAKE["strings"]),
    "texts": _lists(texts),
    "money": _amounts,
}
PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "text": _same,
    "flag": _same,
    "integer": _same,
    "real": _real,
    "items": _items,
    "members": _members,
    "data": lambda content: plain_value(AnyValue(bytes_value=content)),
}
"""How each member of a value is read, as `trace.any_value` reads the whole."""
