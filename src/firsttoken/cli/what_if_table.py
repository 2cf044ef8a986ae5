"""What calls would have cost as a table: then and now, and below it what is assumed and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from firsttoken.analyse.what_if import WhatIfAnswer, WhatIfRow
from firsttoken.cli import wording
from firsttoken.cli.grouped import group_cells, group_columns
from firsttoken.cli.plain import plain
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.pricing.whatif import Scenario

COLUMNS: Final = (
    Column("otherwise", is_figure=False),
    Column("calls\ncompared", spare=1),
    Column("cost\nwas"),
    Column("cost would\nhave been"),
    Column("difference"),
    Column("share", spare=2),
    Column("calls not\nknown", spare=1),
    Column("calls not\nbilled", spare=3),
)


def print_what_if(answer: WhatIfAnswer) -> None:
    """Writes to standard output."""
    columns = (*group_columns(answer.group_by), *COLUMNS)
    rows = [(*group_cells(row.group), *_cells(row)) for row in answer.rows]
    if answer.group_by:
        rows += [(*group_cells(answer.group_by, total=True), *_cells(row)) for row in answer.totals]
    print_table(columns, rows)
    for note in _notes(answer):
        print(plain(note))


def _cells(row: WhatIfRow) -> Row:
    cheaper = row.difference is not None and row.difference < 0
    return (
        Cell(_otherwise(_scenario(row))),
        Cell(wording.count(row.calls)),
        Cell(wording.amount(row.cost_was, row.currency)),
        Cell(wording.amount(row.cost_would_be, row.currency)),
        Cell(wording.amount(row.difference, row.currency), "green" if cheaper else ""),
        Cell(wording.UNKNOWN if row.share is None else f"{100 * row.share:.1f} %"),
        Cell(wording.count(row.unknown_calls), "yellow" if row.unknown_calls else ""),
        Cell(wording.count(row.not_billed_calls)),
    )


def _scenario(row: WhatIfRow) -> Scenario:
    return Scenario(row.to_model, row.to_provider, row.to_tier, row.batch, row.cache)


def _otherwise(scenario: Scenario) -> str:
    """In the words of the options."""
    named = "/".join(name for name in (scenario.provider, scenario.model) if name)
    words = (named, scenario.tier, "batch" if scenario.batch else "", "no cache" if scenario.cache == "none" else "")
    return ", ".join(word for word in words if word)


def _notes(answer: WhatIfAnswer) -> Iterator[str]:
    for number, scenario in enumerate(answer.scenarios):
        assumed = [each for each in answer.assumptions if each.scenario == number]
        left_out = [each for each in answer.left_out if each.scenario == number]
        yield f"{_otherwise(scenario)}:"
        for each in assumed:
            yield f"  taken for granted of {wording.calls(each.calls)}: {each.meaning}"
        for each in left_out:
            if each.names:
                names = " or ".join(each.names)
                yield f"  compare {wording.calls(each.calls)} of other providers with --to-model {names}"
            yield f"  left out: {wording.calls(each.calls)}, {each.reason}: {each.meaning}"
