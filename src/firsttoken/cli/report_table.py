"""A report as a table: one line for each model, and the total."""

from __future__ import annotations

from typing import Final

from firsttoken.analyse.answers import Report, Totals
from firsttoken.cli import wording
from firsttoken.cli.tables import Cell, Column, Row, print_table

COLUMNS: Final = (
    Column("model", is_figure=False),
    Column("provider", spare=5, is_figure=False),
    Column("calls"),
    Column("errors"),
    Column("first token\np50"),
    Column("first token\np95"),
    Column("duration\np50", spare=4),
    Column("duration\np95", spare=4),
    Column("input\ntokens", spare=3),
    Column("output\ntokens", spare=3),
    Column("cost"),
    Column("unpriced\ncalls", spare=2),
)


def print_report(report: Report) -> None:
    """Writes to standard output."""
    rows = [_row(line.model, line.provider, line.totals) for line in report.models]
    print_table(COLUMNS, [*rows, _row("total", "", report.totals)], last_is_total=True)
    if kinds := wording.errors_by_category(report.totals):
        print(f"errors: {kinds}")
    for clause in wording.left_out(report.totals):
        print(clause)


def _row(model: str, provider: str, totals: Totals) -> Row:
    return (
        Cell(model or wording.UNKNOWN),
        Cell(provider),
        Cell(wording.count(totals.calls)),
        Cell(wording.count(totals.errors), "red" if totals.errors else ""),
        Cell(wording.seconds(totals.first_token.p50_s)),
        Cell(wording.seconds(totals.first_token.p95_s)),
        Cell(wording.seconds(totals.duration.p50_s)),
        Cell(wording.seconds(totals.duration.p95_s)),
        Cell(wording.count(totals.told(totals.input_tokens))),
        Cell(wording.count(totals.told(totals.output_tokens))),
        Cell(wording.total_cost(totals)),
        Cell(wording.count(totals.unpriced_calls)),
    )
