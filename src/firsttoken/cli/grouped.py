"""The columns of a table that say which group a line is about."""

from __future__ import annotations

from firsttoken.analyse.options import Group
from firsttoken.cli import wording
from firsttoken.cli.tables import Cell, Column, Row

TOTAL = "total"


def group_columns(group_by: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(Column(name, is_figure=False) for name in group_by)


def group_cells(values: Group, *, total: bool = False) -> Row:
    """What calls do not say is shown as unknown. Of the total, the first cell alone says something."""
    if total:
        return tuple(Cell("" if number else TOTAL) for number, _ in enumerate(values))
    return tuple(Cell(wording.UNKNOWN if value is None else value) for value in values)
