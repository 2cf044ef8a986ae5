"""Calls over time as a table: one line for each step of each group."""

from __future__ import annotations

from typing import Final

from firsttoken.analyse.trend import TrendAnswer, TrendRow
from firsttoken.cli import wording
from firsttoken.cli.grouped import group_cells, group_columns
from firsttoken.cli.step_words import start_words, step_words
from firsttoken.cli.tables import Cell, Column, Row, print_table

START: Final = Column("from (UTC)", is_figure=False)
FIGURES: Final = (
    Column("calls"),
    Column("errors"),
    Column("first token\np50"),
    Column("first token\np95", spare=2),
    Column("first token\np99", spare=7),
    Column("total\np50", spare=1),
    Column("total\np95", spare=4),
    Column("speed\np50", spare=5),
    Column("stalled\nstreams", spare=8),
    Column("input", spare=6),
    Column("output", spare=3),
    Column("cost"),
)


def print_trend(answer: TrendAnswer) -> None:
    """Writes to standard output."""
    if not answer.rows:
        print("No calls.")
        return
    columns = (*group_columns(answer.group_by), START, *FIGURES)
    print_table(columns, [_row(row, answer.step_s) for row in answer.rows])
    others = answer.left_out_groups
    groups = f"{others:,} other groups" if others > 1 else "another group"
    left_out = f"; {wording.calls(answer.left_out_calls)} of {groups} left out" if others else ""
    unpriced = sum(row.unpriced_calls for row in answer.rows)
    unpaid = f"; unpriced: {wording.calls(unpriced)}, not in the cost" if unpriced else ""
    print(f"steps of {step_words(answer.step_s)}{left_out}{unpaid}")


def _row(row: TrendRow, step_s: int) -> Row:
    first, total = row.first_token, row.total
    return (
        *group_cells(row.group),
        Cell(start_words(row.start_unix_ns, step_s)),
        Cell(wording.count(row.calls)),
        Cell(wording.count(row.errors), "red" if row.errors else ""),
        *(Cell(wording.seconds(value_s)) for value_s in (first.p50_s, first.p95_s, first.p99_s)),
        *(Cell(wording.seconds(value_s)) for value_s in (total.p50_s, total.p95_s)),
        Cell(wording.rate(row.output_tokens_per_second)),
        Cell(wording.count(row.stalled_streams)),
        Cell(wording.count(row.input_tokens)),
        Cell(wording.count(row.output_tokens)),
        Cell(wording.total_cost(row)),
    )
