"""Calls as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from firsttoken.analyse.answers import CallRow
from firsttoken.analyse.listing import First
from firsttoken.call import Outcome, Timing
from firsttoken.cli import wording
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.page import figures

COLUMNS: Final = (
    Column("started", spare=4, is_figure=False),
    Column("service", spare=6, is_figure=False),
    Column("model", is_figure=False),
    Column("outcome", is_figure=False),
    Column("first token"),
    Column("duration"),
    Column("input", spare=2),
    Column("output", spare=2),
    Column("speed", spare=5),
    Column("cost", spare=1),
    Column("retries", spare=7),
    Column("error", spare=3, is_figure=False),
    Column("error type", spare=8, is_figure=False),
)
AT: Final = 6
"""Where a figure stands that the calls are in the order of, beside those that every list has."""
ORDERED_BY: Final[Mapping[First, tuple[Column, Callable[[Timing], int | None]]]] = {
    "stalled": (Column("stalled"), lambda timing: timing.stalled_ns),
    "gap": (Column("largest gap"), lambda timing: timing.largest_gap_ns),
}
OUTCOME_STYLES: Final = {Outcome.COMPLETED: "green", Outcome.FAILED: "red", Outcome.TIMED_OUT: "red"}


def print_calls(rows: Sequence[CallRow], first: First = "newest") -> None:
    """Writes to standard output, in the order given, which is that of `first`."""
    today = figures.day(round(datetime.now().timestamp() * 1e9))
    columns, lines = COLUMNS, [_row(row, today) for row in rows]
    if first in ORDERED_BY:
        column, value_ns = ORDERED_BY[first]
        columns = (*COLUMNS[:AT], column, *COLUMNS[AT:])
        cells = [Cell(wording.nanoseconds(value_ns(row.call.timing))) for row in rows]
        lines = [(*line[:AT], cell, *line[AT:]) for line, cell in zip(lines, cells, strict=True)]
    print_table(columns, lines)


def _row(row: CallRow, today: str) -> Row:
    call = row.call
    usage = call.usage
    return (
        Cell(wording.moment(call.timing.started_unix_ns, today)),
        Cell(row.service),
        Cell(call.request.model or wording.UNKNOWN),
        Cell(call.outcome.value, OUTCOME_STYLES.get(call.outcome, "yellow")),
        Cell(wording.nanoseconds(call.timing.first_token_ns)),
        Cell(wording.nanoseconds(call.timing.duration_ns)),
        Cell(wording.count(None if usage is None else usage.input_tokens)),
        Cell(wording.count(None if usage is None else usage.output_tokens)),
        Cell(wording.rate(call.output_tokens_per_second)),
        Cell(wording.call_cost(call)),
        Cell(wording.count(call.resend_count)),
        Cell("" if call.failure is None else call.failure.category.value),
        Cell("" if call.failure is None else call.failure.type),
    )
