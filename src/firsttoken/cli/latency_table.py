"""Latency as a table: one line for each group, and the total; then where the time went, and the slowest calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from firsttoken.analyse.latency import Histogram, LatencyAnswer, LatencyRow, SlowCall
from firsttoken.cli import wording
from firsttoken.cli.bars import print_bars
from firsttoken.cli.grouped import group_cells, group_columns
from firsttoken.cli.tables import Cell, Column, Row, print_table
from firsttoken.page import figures

FIGURES: Final = (
    Column("calls"),
    Column("streams", spare=8),
    Column("headers\np50", spare=7),
    Column("first token\np50"),
    Column("first token\np90", spare=6),
    Column("first token\np95"),
    Column("first token\np99", spare=3),
    Column("total\np50"),
    Column("total\np90", spare=6),
    Column("total\np95"),
    Column("total\np99", spare=3),
    Column("speed\np50", spare=2),
    Column("speed\nslow 5 %", spare=5),
    Column("mean gap\np50", spare=9),
    Column("largest gap\np95", spare=4),
    Column("stalled\nstreams", spare=1),
)
SLOWEST: Final = (
    Column("slowest calls", is_figure=False),
    Column("started", spare=2, is_figure=False),
    Column("model", is_figure=False),
    Column("outcome", spare=4, is_figure=False),
    Column("headers", spare=1),
    Column("first token"),
    Column("total"),
    Column("output", spare=3),
)
MARK_WORDS: Final = {
    "headers": "time to headers",
    "first_event": "time to first event",
    "first_token": "time to first token",
    "total": "total time",
}


def print_latency(answer: LatencyAnswer, *, histogram: bool = False) -> None:
    """Writes to standard output."""
    rows = [(*group_cells(row.group), *_figures(row)) for row in answer.rows]
    if answer.group_by:
        rows.append((*group_cells(answer.group_by, total=True), *_figures(answer.total)))
    columns = (*group_columns(answer.group_by), *FIGURES)
    print_table(columns, rows, last_is_total=bool(answer.group_by))
    for line in _remarks(answer.total):
        print(line)
    if histogram:
        for each in answer.histograms:
            if each.group == ():
                _print_histogram(each)
    if answer.slowest:
        print()
        today = figures.day(round(datetime.now().timestamp() * 1e9))
        print_table(SLOWEST, [_slow_row(call, today) for call in answer.slowest])


def _figures(row: LatencyRow) -> Row:
    first, total = row.first_token, row.total
    return (
        Cell(wording.count(row.calls)),
        Cell(wording.count(row.streams)),
        Cell(wording.seconds(row.headers.p50_s)),
        *(Cell(wording.seconds(value_s)) for value_s in (first.p50_s, first.p90_s, first.p95_s, first.p99_s)),
        *(Cell(wording.seconds(value_s)) for value_s in (total.p50_s, total.p90_s, total.p95_s, total.p99_s)),
        Cell(wording.rate(row.output_tokens.p50_per_s)),
        Cell(wording.rate(row.output_tokens.p5_per_s)),
        Cell(wording.seconds(row.mean_gap.p50_s)),
        Cell(wording.seconds(row.largest_gap.p95_s)),
        Cell(wording.count(row.stalled_streams if row.watched_streams else None)),
    )


def _remarks(total: LatencyRow) -> Sequence[str]:
    """Where the time of streams went, where that is known."""
    lines: list[str] = []
    provider_s, consumer_s = total.provider_wait_sum_s, total.consumer_wait_sum_s
    if provider_s is not None and consumer_s is not None and provider_s + consumer_s > 0:
        share = 100 * consumer_s / (provider_s + consumer_s)
        lines.append(
            f"streams: {wording.seconds(provider_s)} waiting for the provider, {wording.seconds(consumer_s)} in the "
            f"caller's own code between events ({share:.1f} %)"
        )
    if total.stalls and total.stalled_sum_s is not None:
        times = "once" if total.stalls == 1 else f"{total.stalls:,} times"
        lines.append(f"stalls: {times}, {wording.seconds(total.stalled_sum_s)} in all")
    return lines


def _print_histogram(histogram: Histogram) -> None:
    print()
    counted = sum(bar.calls for bar in histogram.bars)
    print(f"{MARK_WORDS[histogram.mark]} ({wording.calls(counted)})")
    print_bars([(_upper(bar.upper_s), bar.calls) for bar in histogram.bars])


def _upper(upper_s: float | None) -> str:
    return "longer" if upper_s is None else f"up to {upper_s * 1e3:g} ms" if upper_s < 1 else f"up to {upper_s:g} s"


def _slow_row(call: SlowCall, today: str) -> Row:
    return (
        Cell(call.span_id),
        Cell(wording.moment(call.started_unix_ns, today)),
        Cell(call.model or wording.UNKNOWN),
        Cell(call.outcome),
        Cell(wording.seconds(call.headers_s)),
        Cell(wording.seconds(call.first_token_s)),
        Cell(wording.seconds(call.total_s)),
        Cell(wording.count(call.output_tokens)),
    )
