"""Whole tables in batches, as they leave the store: constant memory, whatever their length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

from firsttoken.store.call_names import FIGURES
from firsttoken.store.selection import EVERYTHING, Selection

if TYPE_CHECKING:
    import pyarrow as pa

TableName = Literal["calls", "spans", "logs"]

BATCH_ROWS: Final = 20_000
"""At a few kilobytes a row some tens of megabytes."""

MOST_IN_ORDER: Final = 50_000
"""Calls that leave in an order, of the costliest in each currency: they have to be in memory at once."""

OF_SELECTED_CALLS: Final = " WHERE trace_id IN (SELECT trace_id FROM calls)"
"""What a selection of calls leaves of spans and log records: those of the traces that have such a call."""


def schema_of(table: TableName) -> pa.Schema:
    """The columns in which a table leaves the store, those in which a batch enters it."""
    from firsttoken.store.arrow import CALL_SCHEMA, LOG_SCHEMA, SPAN_SCHEMA

    schemas: dict[TableName, pa.Schema] = {"calls": CALL_SCHEMA, "spans": SPAN_SCHEMA, "logs": LOG_SCHEMA}
    return schemas[table]


def transfer_question(
    table: TableName, selection: Selection, more: Sequence[str] = (), figure: str | None = None
) -> str:
    """To be scoped to the selection, and to the figure, a name of FIGURES: the calls that have the largest, at most
    MOST_IN_ORDER (in each currency), the largest first. `more` are columns that one engine alone has."""
    order = "" if figure is None else _largest_first(figure)
    return f"SELECT {', '.join([*schema_of(table).names, *more])} {_rows_of(table, selection)}{order}"


def contents_question(table: TableName, selection: Selection) -> str:
    """For the texts that were cut out of the rows that the other question is about."""
    cut = f"SELECT unnest(list_transform(cut_out, lambda cut: cut.digest)) {_rows_of(table, selection)}"
    return f"SELECT digest, text FROM contents WHERE digest IN ({cut})"  # noqa: S608  likewise


def _largest_first(figure: str) -> str:
    """As in `queries/ranked_calls.sql`: whole rows are read of those alone that are wanted. Amounts of two currencies
    are not compared, so that none keeps another out."""
    is_money = FIGURES[figure].kind == "money"
    of_one, currency = ("PARTITION BY cost_currency ", "cost_currency, ") if is_money else ("", "")
    order = "figure DESC, started_unix_ns DESC, trace_id DESC, span_id DESC"
    place = f"row_number() OVER ({of_one}ORDER BY {order}) AS place"
    placed = f"SELECT trace_id, span_id, {place} FROM calls WHERE figure IS NOT NULL"  # noqa: S608  names of ours
    largest = f"SELECT trace_id, span_id FROM ({placed}) AS placed WHERE place <= {MOST_IN_ORDER}"  # noqa: S608  likewise
    return f" WHERE (trace_id, span_id) IN ({largest}) ORDER BY {currency}{order}"


def _rows_of(table: TableName, selection: Selection) -> str:
    """Without a selection a span or a log record needs no call in its trace."""
    if table == "calls":
        return "FROM calls"
    return f"FROM main.{table}{'' if selection == EVERYTHING else OF_SELECTED_CALLS}"
