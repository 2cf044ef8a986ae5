"""What a span's attributes say of a call, as ClickHouse expressions over the Collector's map of texts.

Generated from the tables that the receivers read by: a name that is added there is read here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from firsttoken.call import OPERATIONS
from firsttoken.clickhouse.dialect_more import NOT_SAID
from firsttoken.clickhouse.dialects import all_told, told
from firsttoken.clickhouse.texts import RESOURCE, listed, named
from firsttoken.semconv import names, own
from firsttoken.semconv.dialects import CACHE_PARTS
from firsttoken.semconv.fields import ATTEMPT_FIELDS, CONTEXT_FIELDS, HIGHEST_COUNT, SPAN_FIELDS, Field, Kind, is_count

FIELDS: Final = (*SPAN_FIELDS, *CONTEXT_FIELDS)

MONEY_TYPE: Final = "Decimal(38, 18)"
WIDE_MONEY_TYPE: Final = "Decimal(76, 18)"
"""Takes whatever a sender may have written, so that a mistake of his stops no insert."""


def is_call() -> str:
    """Whether a span stands for a call to a model, or for fetching its answer."""
    return f"ifNull({told(names.GEN_AI_OPERATION_NAME)} IN ({listed(OPERATIONS)}), false)"


def field_value(part: str, name: str) -> str | None:
    """The value of a field of a part of a Call, in whoever's words; None where no attribute has it."""
    fields = [field for field in FIELDS if (field.part, field.name) == (part, name)]
    if not fields:
        return None
    found = [_value(field) for field in fields]
    return found[0] if len(found) == 1 else _first(fields[0].kind, found)


def attempt_members() -> dict[str, str]:
    """The values of a failed attempt by member, over the attributes `attempt` of its span event."""
    return {field.name: _READ[field.kind](named(field.attribute, "attempt")) for field in ATTEMPT_FIELDS}


def any_of(part: str) -> str:
    """Whether any attribute says anything of this part."""
    conditions = [_is_said(field) for field in FIELDS if field.part == part]
    return "(" + " OR ".join(conditions) + ")"


def amount(attribute: str) -> str:
    """An amount of money, rounded to the last digit that a column keeps; NULL where it is none."""
    return f"CAST(roundBankers(toDecimal256OrNull({told(attribute)}, 40), 18), 'Nullable({WIDE_MONEY_TYPE})')"


def _first(kind: Kind, found: list[str]) -> str:
    if kind == "true":
        return " OR ".join(found)
    if kind == "strings":
        return found[0] if len(found) == 1 else f"arrayFirst(x -> notEmpty(x), [{', '.join(found)}])"
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def sums() -> dict[str, str]:
    """What the count of input tokens is made of: some count cached ones beside the input instead of within it."""
    (total,) = (_as_told(field) for field in FIELDS if field.attribute == names.GEN_AI_USAGE_INPUT_TOKENS)
    cached = " + ".join(f"ifNull({_as_told(field)}, 0)" for field in FIELDS if field.attribute in CACHE_PARTS)
    return {"told_input_": total, "cached_": cached, "is_beside_": "NOT ours_ AND ifNull(cached_ > told_input_, false)"}


def _value(field: Field) -> str:
    if field.attribute == names.GEN_AI_USAGE_INPUT_TOKENS:
        return "if(is_beside_, told_input_ + cached_, told_input_)"
    return _as_told(field)


def _as_told(field: Field) -> str:
    if field.kind == "string":
        return told(field.attribute)
    value = _first(field.kind, [_read(field, text) for text in all_told(field.attribute)])
    return f"if({NOT_SAID[field.attribute]}, NULL, {value})" if field.attribute in NOT_SAID else value


def _is_said(field: Field) -> str:
    return _value(field) if field.kind == "true" else f"{_value(field)} IS NOT NULL"


def _read(field: Field, text: str) -> str:
    return _count(text) if is_count(field) else _READ[field.kind](text)


def _same(text: str) -> str:
    return text


def _whole(text: str) -> str:
    return f"toInt64OrNull({text})"


def _count(text: str) -> str:
    whole = _whole(text)
    return f"if({whole} BETWEEN 0 AND {HIGHEST_COUNT}, {whole}, NULL)"


def _real(text: str) -> str:
    number = f"toFloat64OrNull({text})"
    return f"if(isFinite({number}), {number}, NULL)"


def _nanoseconds(text: str) -> str:
    """No time is less than none."""
    nanoseconds = f"accurateCastOrNull(round(toFloat64OrNull({text}) * 1e9), 'Int64')"
    return f"if({nanoseconds} >= 0, {nanoseconds}, NULL)"


def _list(text: str) -> str:
    """The exporter writes a list as JSON. One that is not of texts alone is none."""
    items = f"JSONExtractArrayRaw(ifNull({text}, ''))"
    return f"if(arrayAll(x -> JSONType(x) = 'String', {items}), JSONExtract(ifNull({text}, ''), 'Array(String)'), [])"


def _flag(text: str) -> str:
    return f"ifNull({text} = 'true', false)"


_READ: Final[Mapping[Kind, Callable[[str], str]]] = {
    "string": _same,
    "int": _whole,
    "double": _real,
    "seconds": _nanoseconds,
    "strings": _list,
    "true": _flag,
}
"""A number that cannot be read is unknown."""

RUN: Final = named(own.RUN_ID, RESOURCE)
