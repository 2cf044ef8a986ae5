"""What calls cost as a table: a line for each group, the total, and below it what the figures do not say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from firsttoken.analyse.costs import CostAnswer, CostRow, SpentOn, lines_of
from firsttoken.cli import wording
from firsttoken.cli.grouped import group_cells, group_columns
from firsttoken.cli.plain import plain
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.cli.wording import amount

FIGURES: Final = (
    Column("calls"),
    Column("uncached\ninput", spare=3),
    Column("cache\nread", spare=3),
    Column("cache\nwritten", spare=3),
    Column("output\ntokens", spare=3),
    Column("uncached\ncost", spare=5),
    Column("read\ncost", spare=5),
    Column("written\ncost", spare=5),
    Column("output\ncost", spare=5),
    Column("tools\ncost", spare=6),
    Column("cost in\none sum", spare=7),
    Column("cost"),
    Column("cache\nhits", spare=4),
    Column("saved by\ncache", spare=4),
    Column("unpriced\ncalls", spare=1),
)
MOST_UNPRICED: Final = 10
"""Kinds of calls without a price that are told apart."""
MOST_CUT: Final = 10
"""Groups of streams that were cut, likewise."""


def print_cost(answer: CostAnswer) -> None:
    """Writes to standard output."""
    rows = [(*group_cells(row.group), *_figures(row)) for row in lines_of(answer.rows)]
    if answer.group_by:
        rows += [(*group_cells(answer.group_by, total=True), *_figures(row)) for row in lines_of(answer.totals)]
    print_table((*group_columns(answer.group_by), *FIGURES), rows, last_is_total=bool(answer.group_by))
    for note in _notes(answer):
        print(plain(note))


def _figures(row: CostRow) -> Row:
    tokens = (row.uncached_tokens, row.cache_read_tokens, row.cache_write_tokens, row.output_tokens)
    parts = (row.cost_input, row.cost_cache_read, row.cost_cache_write, row.cost_output, row.cost_tools)
    return (
        Cell(wording.count(row.calls)),
        *(Cell(wording.count(count)) for count in tokens),
        *(Cell(amount(part, row.currency)) for part in (*parts, row.cost_unsplit)),
        Cell(_total(row)),
        Cell(wording.share(row.cache_read_tokens, row.cacheable_tokens)),
        Cell(amount(row.saved_by_cache, row.currency)),
        Cell(wording.count(row.unpriced_calls), "yellow" if row.unpriced_calls else ""),
    )


def _total(row: CostRow) -> str:
    """Nothing, for calls that are not billed."""
    return amount(row.cost_total, row.currency) if row.currency or row.unpriced_calls else wording.NOTHING


def _notes(answer: CostAnswer) -> Iterator[str]:
    if answer.unpriced_calls:
        yield f"the total is incomplete: {wording.calls(answer.unpriced_calls)} without a price"
    yield from _unpriced(answer)
    if answer.not_billed_calls:
        yield f"not billed: {wording.calls(answer.not_billed_calls)}"
    unknown = sum(row.calls_of_unknown_saving for row in answer.totals)
    if unknown:
        yield f"saved by cache: not known of {wording.calls(unknown)} without the prices that were paid"
    for spent in answer.spent_on:
        yield f"{spent.kind}: {wording.calls(spent.calls)}, {_paid(spent)}"
    yield from _cut_streams(answer)
    for source in answer.sources:
        dated = "" if source.price_date is None else f" of {source.price_date}"
        paid = amount(source.cost_total, source.currency)
        yield f"prices: {source.source or wording.UNKNOWN}{dated}: {wording.calls(source.calls)}, {paid}"


def _unpriced(answer: CostAnswer) -> Iterator[str]:
    for kind in answer.unpriced[:MOST_UNPRICED]:
        made_by = " ".join(name for name in (kind.provider, kind.model) if name)
        yield f"  {wording.calls(kind.calls)} of {made_by or wording.UNKNOWN}, {kind.reason}: {kind.fix}"
    if more := answer.unpriced[MOST_UNPRICED:]:
        yield f"  {wording.calls(sum(kind.calls for kind in more))} more, for {len(more)} reasons: see --json"


def _paid(spent: SpentOn) -> str:
    if spent.cost_total is not None:
        return f"{amount(spent.cost_total, spent.currency)} of the total"
    return f"unpriced: {spent.unpriced_calls:,}" if spent.unpriced_calls else "not billed"


def _cut_streams(answer: CostAnswer) -> Iterator[str]:
    for cut in answer.cut_streams[:MOST_CUT]:
        group = "".join(
            f" {name}={wording.UNKNOWN if value is None else value}"
            for name, value in zip(answer.group_by, cut.group, strict=True)
        )
        paid = "cost not known" if cut.at_least is None else f"at least {amount(cut.at_least, cut.currency)}"
        yield f"cut before the final counts, {cut.outcome}{group}: {wording.calls(cut.calls)}, {paid}, in no total"
    if more := answer.cut_streams[MOST_CUT:]:
        calls = wording.calls(sum(cut.calls for cut in more))
        yield f"cut before the final counts: {calls} more, in no total: see --json"
