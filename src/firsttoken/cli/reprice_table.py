"""What pricing again came to as a table: one line for each model and currency, then what was left as it is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from firsttoken.cli import wording
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.page import figures
from firsttoken.page.wording import UNPRICED_WORDS

if TYPE_CHECKING:
    from firsttoken.analyse.repricing import RepricedRow, Repricing

COLUMNS: Final = (
    Column("model", is_figure=False),
    Column("provider", spare=2, is_figure=False),
    Column("calls\nchanged"),
    Column("cost\nbefore"),
    Column("cost\nnow"),
    Column("difference", spare=1),
)
REASONS: Final = {**UNPRICED_WORDS, "several_runs": "its tokens are those of several models or requests"}


def print_repricing(found: Repricing, *, dry_run: bool) -> None:
    """Writes to standard output."""
    if found.rows:
        print_table(COLUMNS, [_row(row) for row in found.rows])
    would = "would get" if dry_run else "have" if len(found.changes) != 1 else "has"
    print(f"{len(found.changes):,} of {wording.calls(found.calls_read)} that were looked at {would} another cost")
    if found.calls_stated:
        print(f"{wording.calls(found.calls_stated)} left alone: their providers said what they cost")
    for reason, count in found.still_unpriced.items():
        print(f"{wording.calls(count)} without a price: {REASONS.get(reason, reason)}")
    if found.still_unpriced:
        print("firsttoken cost says what to do about them")


def _row(row: RepricedRow) -> Row:
    return (
        Cell(row.model or wording.UNKNOWN),
        Cell(row.provider),
        Cell(wording.count(row.calls_changed)),
        Cell(_money(row.before, row.currency)),
        Cell(_money(row.after, row.currency)),
        Cell(_money(row.after - row.before, row.currency)),
    )


def _money(amount: Decimal, currency: str) -> str:
    sign = "-" if amount < 0 else ""
    return sign + figures.money(abs(amount), currency).translate(wording.ASCII)
