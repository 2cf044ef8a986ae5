"""A question put to some of the calls: those of which attributes say what was asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from firsttoken.semconv.context import FIELDS
from firsttoken.store.call_columns import CALL_COLUMNS

COLUMNS: Final = {column.field: column for column in CALL_COLUMNS if column.part == "context"}
"""By the field of a call's context."""

OWN_TABLES: Final = re.compile(r"^WITH ", re.MULTILINE)
"""How a question begins that has steps of its own."""


def narrowed(question: str, where: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The question over the calls that meet all of `where`, and the parameters that it then has besides its own.

    A field of a context may have any of its names, and stands for its column. Any other name is an attribute's.
    """
    conditions: list[str] = []
    parameters: dict[str, str] = {}
    for number, (name, value) in enumerate(where.items()):
        conditions.append(_condition(name, f"where_{number}"))
        parameters[f"where_{number}"] = value
        if name not in FIELDS:
            parameters[f"where_{number}_at"] = _pointer(name)
    if not conditions:
        return question, {}
    matching = f"SELECT * FROM main.calls WHERE {' AND '.join(conditions)}"  # noqa: S608  names of columns and parameters
    rest, own_tables = OWN_TABLES.subn("", question, count=1)
    return f"WITH calls AS NOT MATERIALIZED ({matching}){',' if own_tables else ''}\n{rest}", parameters


def _condition(name: str, parameter: str) -> str:
    if name not in FIELDS:
        return f"json_extract_string(attributes, ${parameter}_at) = ${parameter}"
    column = COLUMNS[FIELDS[name]]
    return f"list_contains({column.name}, ${parameter})" if column.kind == "texts" else f"{column.name} = ${parameter}"


def _pointer(name: str) -> str:
    """Where the attribute stands in the JSON of all: RFC 6901."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
