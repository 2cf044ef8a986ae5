"""Whole columns of calls at once, for what is computed outside the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firsttoken.store.call_columns import CALL_COLUMNS
from firsttoken.store.derived import DERIVED

BESIDE_THE_CALL: Final = (
    *("trace_id", "span_id", "parent_span_id", "name", "service", "run_id", "scope", "seen_by", "received_unix_ns"),
    *("uses_tokens", "usage_reported", "cost_total", "attributes", "resource", "events"),
)
COLUMN_NAMES: Final = frozenset((*BESIDE_THE_CALL, *(column.name for column in CALL_COLUMNS)))
"""Every column of `calls`."""


def bulk_question(columns: Sequence[str], *, grouped: bool, more: Sequence[str] = ()) -> str:
    """For these columns, and `group_values` where calls are grouped. Raises KeyError for what is no column of the
    table nor of `store.derived`.

    `more` are columns that one engine alone has.
    """
    if unknown := set(columns) - COLUMN_NAMES - DERIVED.keys():
        raise KeyError(f"calls have no columns {sorted(unknown)}")
    return f"SELECT {', '.join([*columns, *(['group_values'] if grouped else []), *more])} FROM calls"  # noqa: S608  checked
