"""A comparison as a table: one line for each figure, and what the words mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from firsttoken.analyse.comparing import CompareAnswer, CompareRow, Verdict
from firsttoken.analyse.measures import Unit
from firsttoken.cli import wording
from firsttoken.cli.grouped import group_cells, group_columns
from firsttoken.cli.plain import plain
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.page import figures

COLUMNS: Final = (
    Column("figure", is_figure=False),
    Column("A"),
    Column("B"),
    Column("difference"),
    Column("95 % interval", spare=1),
    Column("verdict", is_figure=False),
)
STYLES: Final[dict[Verdict, str]] = {
    "worse": "red",
    "better": "green",
    "different": "yellow",
    "no difference shown": "dim",
    "too few calls": "dim",
}


def print_comparison(answer: CompareAnswer, *, a: str, b: str) -> None:
    """Writes to standard output."""
    print(f"A  {plain(a)}  ({wording.calls(answer.a_calls)})")
    print(f"B  {plain(b)}  ({wording.calls(answer.b_calls)})")
    print()
    rows = [_row(row) for row in answer.rows if row.a_calls or row.b_calls]
    print_table((*group_columns(answer.group_by), *COLUMNS), rows)
    for line in _remarks(answer):
        print(line)


def _row(row: CompareRow) -> Row:
    interval = wording.UNKNOWN
    if row.low is not None and row.high is not None:
        interval = f"{_signed(row.low, row)} to {_signed(row.high, row)}"
    return (
        *group_cells(row.group),
        Cell(row.figure),
        Cell(_figure(row.a, row.unit, row.figure)),
        Cell(_figure(row.b, row.unit, row.figure)),
        Cell(_difference(row)),
        Cell(interval),
        Cell(row.verdict, STYLES[row.verdict]),
    )


def _difference(row: CompareRow) -> str:
    if row.difference is None:
        return wording.UNKNOWN
    share = f" ({row.difference / row.a:+.1%})" if row.a and row.unit != "share" else ""
    return _signed(row.difference, row) + share


def _signed(value: float, row: CompareRow) -> str:
    """Shares differ by points of a hundred."""
    if row.unit == "share":
        return f"{100 * value:+.2f} pp"
    sign = "-" if value < 0 else "+"
    return sign + _figure(abs(value), row.unit, row.figure)


def _figure(value: float | None, unit: Unit, figure: str) -> str:
    if value is None:
        return wording.UNKNOWN
    match unit:
        case "s":
            return wording.seconds(value)
        case "tokens/s":
            return wording.rate(value) if value else "0 tok/s"
        case "tokens":
            return f"{value:,.1f}"
        case "share":
            return f"{value:.2%}"
        case "money":
            currency = figure.rpartition(" ")[2]
            return figures.money(Decimal(repr(value)), currency).translate(wording.ASCII)


def _remarks(answer: CompareAnswer) -> list[str]:
    tested = sum(row.p_value is not None for row in answer.rows)
    if not tested:
        return ["No figure could be tested for a difference: there are too few calls.", *_alone(answer)]
    tolerance = f" beyond {answer.tolerance:.4g} of A's figure" if answer.tolerance else ""
    lines = [
        f"Figures tested together: {tested}. That chance alone makes any of them worse or better{tolerance} is at most "
        "5 % (Holm).",
        f"An interval is that of its figure alone, from {answer.resamples:,} resamples with seed {answer.seed}.",
    ]
    return [*lines, *_alone(answer)]


def _alone(answer: CompareAnswer) -> list[str]:
    """The groups that only one side has."""
    lines: list[str] = []
    for name, groups in (("A", answer.only_in_a), ("B", answer.only_in_b)):
        if groups:
            said = ", ".join("/".join(value or wording.UNKNOWN for value in group) for group in groups[:5])
            more = f" and {len(groups) - 5} more" if len(groups) > 5 else ""
            lines.append(f"in {name} alone, and so not compared: {plain(said)}{more}")
    return lines
