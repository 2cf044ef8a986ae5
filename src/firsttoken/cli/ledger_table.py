"""The ledger as a table: one line for each line of a bill, with its rate."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from firsttoken.analyse.bills import BillLine, LedgerAnswer
from firsttoken.cli import wording
from firsttoken.cli.grouped import group_cells, group_columns
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.page import figures

COLUMNS: Final = (
    Column("started", spare=3, is_figure=False),
    Column("span", spare=5, is_figure=False),
    Column("model", is_figure=False),
    Column("billed", is_figure=False),
    Column("count"),
    Column("rate"),
    Column("amount"),
    Column("source", spare=6, is_figure=False),
    Column("price date", spare=7, is_figure=False),
)
PER_WORDS: Final = {1_000_000: "million", 1_000: "thousand"}


def print_ledger(answer: LedgerAnswer) -> None:
    """Writes to standard output."""
    columns = (*group_columns(answer.group_by), *COLUMNS)
    print_table(columns, [(*group_cells(line.group), *_cells(line)) for line in answer.rows])


def _cells(line: BillLine) -> Row:
    billed = line.kind if line.modality is None else f"{line.kind} ({line.modality})"
    return (
        Cell(line.started),
        Cell(line.span_id),
        Cell(line.model or wording.UNKNOWN),
        Cell(billed if line.unpriced_reason is None else f"{billed}: {line.unpriced_reason}"),
        Cell(wording.count(line.count)),
        Cell(_rate(line)),
        Cell(_exact(line.amount, line.currency)),
        Cell(line.source or wording.UNKNOWN),
        Cell(line.price_date or wording.UNKNOWN),
    )


def _rate(line: BillLine) -> str:
    per = PER_WORDS.get(line.per or 0, wording.count(line.per))
    return wording.UNKNOWN if line.rate is None else f"{_exact(line.rate, line.currency)} a {per}"


def _exact(value: Decimal | None, currency: str | None) -> str:
    """Every digit: sums of what is shown are the sums of the bill."""
    if value is None or currency is None:
        return wording.UNKNOWN
    return figures.exact_money(value, currency).translate(wording.ASCII)
