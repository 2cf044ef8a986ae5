"""The list of calls as a picture: a bar for each call, or a row for each group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from firsttoken.analyse import CallRow
from firsttoken.analyse.answers import Report
from firsttoken.analyse.grouping import CallGroup
from firsttoken.analyse.listing import First
from firsttoken.call import Call, Outcome
from firsttoken.page import figures
from firsttoken.page.bar import bar, scale_ms
from firsttoken.page.find_form import ORDER_WORDS
from firsttoken.page.ordered import ORDERED, Ordered
from firsttoken.page.pictures.colours import FIRST, GENERATING, LINE_SOFT, STALLED, WAITING, WHOLE
from firsttoken.page.pictures.picture import Bar, Cell, Head, Key, Picture, Rows, Shape, Tone, Words
from firsttoken.page.pictures.words import about, cost_of, errors_of, figures_of, sums, unpriced, value_of
from firsttoken.page.said import said_by_name
from firsttoken.page.wording import OUTCOMES

KEYS: Final = (
    Key(WAITING, "waiting"),
    Key(FIRST, "first token"),
    Key(GENERATING, "generating"),
    Key(STALLED, "stalled"),
    Key(WHOLE, "whole answer"),
)
LARGEST: Final = "the group with the most calls"
TRACK: Final = Shape(0.0, 1.0, LINE_SOFT)
"""What bars are drawn on, so that their scale is seen."""


def list_picture(rows: Sequence[CallRow], report: Report, first: First) -> Picture:
    """With a column for the figure that they are ordered by, where they have no other place for it."""
    scale, ordered = scale_ms(rows), ORDERED.get(first)
    heads = (
        Head("Time", "label"),
        Head("Model", "words"),
        Head("From", "words"),
        Head("Outcome", "label"),
        Head(kind="bar", ticks=("0", figures.duration_ns(scale * 1e6))),
        *((Head(ordered.name),) if ordered else ()),
        *map(Head, ("First token", "Duration", "Tokens in", "Out", "Cost")),
    )
    calls = report.totals.calls
    note = ORDER_WORDS[first].lower()
    if len(rows) < calls:
        note += f", {figures.count(len(rows))} of {figures.count(calls)}"
    table = Rows("Calls", heads, tuple(_row(row, scale, ordered) for row in rows), note, KEYS)
    return Picture("Calls", about(report.selection), tuple(figures_of(report.totals)), (table,))


def _row(row: CallRow, scale: float, ordered: Ordered | None) -> tuple[Cell, ...]:
    call = row.call
    timing, usage = call.timing, call.usage
    said = " · ".join(each.value[:80] for each in said_by_name(call.request.context, "user.id", "feature"))
    return (
        Words(figures.clock(timing.started_unix_ns)[:8], figures.day(timing.started_unix_ns)[5:], tone="quiet"),
        Words(call.request.model or call.response.model or "unknown model", tone="strong"),
        Words(said or row.service),
        Words(OUTCOMES[call.outcome], tone=_tone(call)),
        Bar((TRACK, *_shapes(call, scale))),
        *((Words(figures.duration_ns(ordered.of(timing)), tone="strong"),) if ordered else ()),
        Words(figures.duration_ns(timing.first_token_ns), tone="strong"),
        Words(figures.duration_ns(timing.duration_ns)),
        Words(figures.count(None if usage is None else usage.input_tokens)),
        Words(figures.count(None if usage is None else usage.output_tokens)),
        cost_of(call),
    )


def _tone(call: Call) -> Tone:
    return "bad" if call.outcome.is_error else "good" if call.outcome is Outcome.COMPLETED else "warn"


def _shapes(call: Call, scale: float) -> list[Shape]:
    """As a row of the page draws them."""
    own = bar(call)
    parts = (
        (0.0, own.whole_ms, WHOLE),
        (0.0, own.waiting_ms, WAITING),
        (own.waiting_ms, own.first_ms, FIRST),
        (own.waiting_ms + own.first_ms, own.generating_ms, GENERATING),
        (own.stalled_from_ms, own.stalled_ms, STALLED),
    )
    return [Shape(begin / scale, length / scale, colour) for begin, length, colour in parts if length]


def groups_picture(groups: Sequence[CallGroup], report: Report, by: str, most: int) -> Picture:
    """`most` of the groups at most. Where there are more, that is said."""
    heads = (
        Head(by, "words"),
        *map(Head, ("Calls", "Errors", "First token p50", "p95")),
        Head(kind="bar", ticks=("0", f"of {LARGEST}")),
        *map(Head, ("Tokens in", "Tokens out", "Cost", "Latest")),
    )
    largest = max((group.calls for group in groups), default=1)
    note = f"{LARGEST} first"
    if len(groups) > most:
        note += f", {figures.count(most)} of more groups"
    table = Rows(f"By {by}", heads, tuple(_group(group, largest) for group in groups[:most]), note)
    return Picture("Calls", about(report.selection), tuple(figures_of(report.totals)), (table,))


def _group(group: CallGroup, largest: int) -> tuple[Cell, ...]:
    return (
        value_of(group.group[0]),
        Words(figures.count(group.calls)),
        errors_of(group.errors, group.calls),
        Words(figures.duration_s(group.first_token.p50_s)),
        Words(figures.duration_s(group.first_token.p95_s)),
        Bar((TRACK, Shape(0.0, group.calls / largest, GENERATING))),
        Words(figures.count(group.input_tokens)),
        Words(figures.count(group.output_tokens)),
        Words(sums(group.cost, group.unpriced_calls), unpriced(group.unpriced_calls)),
        Words(figures.clock(group.latest_unix_ns)[:8], figures.day(group.latest_unix_ns)[5:], tone="quiet"),
    )
