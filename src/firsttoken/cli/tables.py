"""Tables that fit: on a narrow terminal columns of little importance give way, then words; a figure is never cut, and a
sentence goes on in the next line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from firsttoken.cli.plain import plain

UNLIMITED: Final = 10_000
"""Columns of an output that is no terminal: whole lines for grep and files."""
NARROWEST_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Column:
    """One column of figures, which stand right, or of words, which stand left and may be shortened."""

    title: str
    """Perhaps the name of somebody's attribute. It may have lines."""
    spare: int = 0
    """Those with a higher number give way first; 0 always stays."""
    is_figure: bool = True
    is_sentence: bool = False
    """It has as many lines as it needs, before words of other columns are shortened."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one place in a table and its style. The text may come from anywhere."""

    text: str
    style: str = ""


Row = tuple[Cell, ...]


def print_table(columns: Sequence[Column], rows: Sequence[Row], *, last_is_total: bool = False) -> None:
    """Writes to standard output."""
    console = console_for_output()
    shown = [(column, [row[index] for row in rows]) for index, column in enumerate(columns)]
    table = _table(shown, last_is_total=last_is_total)
    while (excess := _width(console, table) - console.width) > 0:
        spare = max((column.spare for column, _ in shown), default=0)
        if spare:
            shown = [(column, cells) for column, cells in shown if column.spare != spare]
            table = _table(shown, last_is_total=last_is_total)
        else:
            _shorten_words(shown, table, excess)
            break
    console.width = max(console.width, _width(console, table))  # better a line too long than a figure cut
    console.print(table, crop=False)


def console_for_output() -> Console:
    """A console on standard output. rich honours NO_COLOR, FORCE_COLOR, TERM and COLUMNS."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else UNLIMITED
    return Console(width=width, highlight=False, markup=False, emoji=False)


def _width(console: Console, table: Table) -> int:
    unlimited = console.options.update(max_width=UNLIMITED)
    return Measurement.get(console, unlimited, table).maximum


def _shorten_words(shown: Sequence[tuple[Column, list[Cell]]], table: Table, excess: int) -> None:
    given_way = sorted(zip(shown, table.columns, strict=True), key=lambda each: not each[0][0].is_sentence)
    for (column, cells), drawn in given_way:
        if column.is_figure:
            continue
        natural = max((cell_len(plain(cell.text)) for cell in cells), default=0)
        drawn.max_width = max(NARROWEST_WORDS, natural - excess)
        excess -= max(0, natural - drawn.max_width)


def _table(shown: Sequence[tuple[Column, list[Cell]]], *, last_is_total: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for column, _ in shown:
        table.add_column(
            "\n".join(map(plain, column.title.split("\n"))),
            justify="right" if column.is_figure else "left",
            no_wrap=not column.is_sentence,
            overflow="crop" if column.is_figure else "fold" if column.is_sentence else "ellipsis",
        )
    rows = list(zip(*(cells for _, cells in shown), strict=True))
    for number, row in enumerate(rows, 1):
        table.add_row(
            *(Text(plain(cell.text), style=cell.style) for cell in row),
            end_section=last_is_total and number == len(rows) - 1,
        )
    return table
