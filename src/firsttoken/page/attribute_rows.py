"""The attributes of one call as rows: its own, and those of the resource that it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import JsonValue

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.calls import call_in
from firsttoken.analyse.options import Options
from firsttoken.errors import SelectionError
from firsttoken.store import Reader, Selection

Where = Literal["call", "resource"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributesOptions(Options):
    """One call, whatever else its store holds."""

    trace_id: str
    span_id: str

    def selections(self) -> tuple[Selection, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One of them."""

    of: Where
    name: str
    value: str
    """A text as it is, anything else as JSON."""


@dataclass(frozen=True, slots=True)
class AttributesAnswer:
    """Those of the call first."""

    rows: tuple[AttributeRow, ...]


def attributes(reader: Reader, options: AttributesOptions) -> AttributesAnswer:
    """Raises SelectionError for a call that is not there, and StoreError."""
    detail = call_in(reader, options.trace_id.lower(), options.span_id.lower())
    if detail is None:
        raise SelectionError(f"there is no call {options.span_id} in trace {options.trace_id}")
    return AttributesAnswer((*_rows("call", detail.attributes), *_rows("resource", detail.resource)))


def _rows(of: Where, said: Mapping[str, JsonValue]) -> Iterator[AttributeRow]:
    for name, value in said.items():
        yield AttributeRow(of, name, value if isinstance(value, str) else json.dumps(value))


ATTRIBUTES: Final = Answer("attributes", AttributesOptions, AttributesAnswer, attributes)
