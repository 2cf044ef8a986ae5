"""Budgets as a table: one line for each, or for each value that it holds for."""

from __future__ import annotations

from typing import Final

from firsttoken.analyse.budgets import BudgetAnswer, BudgetRow
from firsttoken.cli import wording
from firsttoken.cli.tables import Cell, Column, Row, print_table

COLUMNS: Final = (
    Column("budget", is_figure=False),
    Column("for", is_figure=False),
    Column("window", spare=2, is_figure=False),
    Column("since (UTC)", spare=4, is_figure=False),
    Column("spent"),
    Column("limit"),
    Column("share"),
    Column("left", spare=3),
    Column("calls", spare=5),
    Column("unpriced\ncalls", spare=1),
    Column("state", is_figure=False),
)
STYLES: Final = {"exceeded": "red", "unknown": "red", "warning": "yellow", "incomplete": "yellow", "ok": "green"}


def print_budgets(answer: BudgetAnswer) -> None:
    """Writes to standard output."""
    print_table(COLUMNS, [_cells(row) for row in answer.rows])
    if any(row.unpriced_calls for row in answer.rows):
        print("incomplete: more was spent than is known, by calls without a price: see firsttoken cost")
    if any(row.other_currency_calls for row in answer.rows):
        print("incomplete: calls that were paid in another currency than that of the limit are not in it")


def _cells(row: BudgetRow) -> Row:
    words = row.state if row.is_complete or row.state in {"incomplete", "unknown"} else f"{row.state}, incomplete"
    return (
        Cell(row.budget),
        Cell(row.each),
        Cell(row.window),
        Cell(row.since.removesuffix("Z").replace("T", " ")),
        Cell(wording.amount(row.spent, row.currency)),
        Cell(wording.amount(row.limit, row.currency)),
        Cell(wording.UNKNOWN if row.share is None else f"{100 * row.share:.1f} %"),
        Cell(wording.amount(row.left, row.currency)),
        Cell(wording.count(row.calls)),
        Cell(wording.count(row.unpriced_calls)),
        Cell(words, STYLES[row.state]),
    )
