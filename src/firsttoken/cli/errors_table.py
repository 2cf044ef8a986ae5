"""Errors as tables: each group and the total, the kinds of errors, the retries that cost most, and rate limits."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from firsttoken.analyse.failing import ErrorKind, ErrorsAnswer, ErrorTotals, Headroom, RetryChain
from firsttoken.cli import wording
from firsttoken.cli.grouped import group_cells, group_columns
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.page import figures

TOTALS: Final = (
    Column("calls"),
    Column("errors"),
    Column("error\nrate"),
    Column("retried\ncalls"),
    Column("recovered", spare=2),
    Column("resends", spare=1),
    Column("time lost\nto retries"),
    Column("of it\nwaiting", spare=3),
)
KINDS: Final = (
    Column("error", is_figure=False),
    Column("stage", spare=3, is_figure=False),
    Column("provider", spare=2, is_figure=False),
    Column("model", is_figure=False),
    Column("errors"),
    Column("of its\ncalls"),
    Column("latest", spare=1, is_figure=False),
    Column("latest call", is_figure=False),
)
CHAINS: Final = (
    Column("longest retries", is_figure=False),
    Column("retry group", spare=2, is_figure=False),
    Column("model", is_figure=False),
    Column("calls", spare=3),
    Column("attempts"),
    Column("time lost"),
    Column("in the end", is_figure=False),
)


HEADROOM: Final = (
    Column("rate limit", is_figure=False),
    Column("provider", spare=2, is_figure=False),
    Column("model", is_figure=False),
    Column("least left"),
    Column("of"),
    Column("share"),
    Column("full again\nafter", spare=3),
    Column("when", spare=1, is_figure=False),
    Column("call", is_figure=False),
)


def print_errors(answer: ErrorsAnswer) -> None:
    """Writes to standard output."""
    today = figures.day(round(datetime.now().timestamp() * 1e9))
    by = group_columns(answer.group_by)
    totals = [(*group_cells(each.group), *_totals_row(each)) for each in answer.groups]
    if by:
        totals.append((*group_cells(answer.group_by, total=True), *_totals_row(answer.total)))
    print_table((*by, *TOTALS), totals, last_is_total=bool(by))
    if answer.rows:
        print()
        print_table((*by, *KINDS), [(*group_cells(kind.group), *_kind_row(kind, today)) for kind in answer.rows])
    if answer.chains:
        print()
        print_table(CHAINS, [_chain_row(chain) for chain in answer.chains])
        if answer.chain_count > len(answer.chains):
            lost = f", {wording.seconds(answer.chains_lost_s)} lost in all" if answer.timed_chains else ""
            print(f"retries: {answer.chain_count:,} times{lost}")
    if answer.headroom:
        print()
        rows = [(*group_cells(each.group), *_headroom_row(each, today)) for each in answer.headroom]
        print_table((*by, *HEADROOM), rows)


def _totals_row(totals: ErrorTotals) -> Row:
    return (
        Cell(wording.count(totals.calls)),
        Cell(wording.count(totals.errors), "red" if totals.errors else ""),
        Cell(wording.share(totals.errors, totals.calls)),
        Cell(wording.count(totals.retried_calls)),
        Cell(wording.count(totals.recovered_calls)),
        Cell(wording.count(totals.resends)),
        Cell(wording.seconds(totals.lost_s)),
        Cell(wording.seconds(totals.wait_s)),
    )


def _kind_row(kind: ErrorKind, today: str) -> Row:
    return (
        Cell(kind.category),
        Cell(kind.stage or wording.UNKNOWN),
        Cell(kind.provider),
        Cell(kind.model or wording.UNKNOWN),
        Cell(wording.count(kind.errors)),
        Cell(wording.share(kind.errors, kind.calls)),
        Cell(wording.moment(kind.latest_unix_ns, today)),
        Cell(kind.latest_span_id),
    )


def _chain_row(chain: RetryChain) -> Row:
    return (
        Cell(chain.span_id),
        Cell(chain.retry_group or wording.UNKNOWN),
        Cell(chain.model or wording.UNKNOWN),
        Cell(wording.count(chain.calls)),
        Cell(wording.count(chain.attempts)),
        Cell(wording.seconds(chain.lost_s)),
        Cell(chain.outcome),
    )


def _headroom_row(headroom: Headroom, today: str) -> Row:
    return (
        Cell(headroom.limited.replace("_", " ")),
        Cell(headroom.provider),
        Cell(headroom.model or wording.UNKNOWN),
        Cell(wording.count(headroom.remaining)),
        Cell(wording.count(headroom.limit)),
        Cell(wording.share(headroom.remaining, headroom.limit)),
        Cell(wording.seconds(headroom.reset_s)),
        Cell(wording.moment(headroom.started_unix_ns, today)),
        Cell(headroom.span_id),
    )
