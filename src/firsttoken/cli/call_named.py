"""What to say of an id that does not mean one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firsttoken.analyse.showing import MOST_NAMED, SHORTEST_BEGINNING, NamedCall
from firsttoken.cli import wording
from firsttoken.cli.tables import Cell, Column, print_table
from firsttoken.errors import NoCallsError, SelectionError

COLUMNS: Final = (
    Column("call", is_figure=False),
    Column("started", is_figure=False),
    Column("service", spare=2, is_figure=False),
    Column("model", is_figure=False),
    Column("outcome", spare=1, is_figure=False),
)


def not_one_call(asked: str, meant: Sequence[NamedCall]) -> SelectionError:
    """Those that it may mean are written to standard output."""
    if not meant:
        hint = (
            "firsttoken calls lists them"
            if len(asked.strip()) >= SHORTEST_BEGINNING
            else f"give at least {SHORTEST_BEGINNING} letters of one"
        )
        return NoCallsError(f"no call has the id {asked!r}: {hint}")
    print_table(
        COLUMNS,
        [
            (
                Cell(f"{call.trace_id}/{call.span_id}"),
                Cell(wording.moment(call.started_unix_ns, today="")),
                Cell(call.service),
                Cell(call.model or wording.UNKNOWN),
                Cell(call.outcome),
            )
            for call in meant
        ],
    )
    number = f"{MOST_NAMED} calls or more" if len(meant) >= MOST_NAMED else f"{len(meant)} calls"
    return SelectionError(f"{asked!r} may mean {number}: give more of the id of one")
