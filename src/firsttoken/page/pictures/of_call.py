"""A call as a picture: its phases, its token timeline with the largest gaps, and its bill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from firsttoken.analyse import CallDetail
from firsttoken.call import Call, Ledger, Stall
from firsttoken.call.timeline import Timeline
from firsttoken.page import figures
from firsttoken.page.bill import CallBill
from firsttoken.page.phases import Phase
from firsttoken.page.pictures.colours import PHASES, STALLED
from firsttoken.page.pictures.picture import (
    Bar,
    Figure,
    Head,
    Key,
    Notes,
    Part,
    Picture,
    Plot,
    Rows,
    Shape,
    Strip,
    Words,
)
from firsttoken.page.pictures.plots import Rules, with_points
from firsttoken.page.pictures.words import cost_of
from firsttoken.page.timeline.gaps import Gap
from firsttoken.page.timeline.levels import LEVEL_WORDS, level_of
from firsttoken.page.wording import OUTCOMES, bill_line

COLUMNS: Final = 700
"""Of a stream that has more chunks, the longest wait in each stretch of time is drawn."""
RATES: Final = 160
LEAST_MS: Final = 1.0


def call_picture(detail: CallDetail, values: Mapping[str, Any], rules: Mapping[str, Rules]) -> Picture:
    """`values` are those of the page of the call."""
    call, row = detail.row.call, detail.row
    request, timing = call.request, call.timing
    when = f"{figures.day(timing.started_unix_ns)} {figures.clock(timing.started_unix_ns)}"
    about = " · ".join(
        (request.provider or "unknown provider", request.operation, when, row.service, f"{row.trace_id}/{row.span_id}")
    )
    name = request.model or call.response.model or "unknown model"
    return Picture(name, about, tuple(_figures(call)), tuple(_parts(call, detail.timeline, values, rules)))


def _figures(call: Call) -> Iterator[Figure]:
    timing, usage, cost = call.timing, call.usage, cost_of(call)
    yield Figure("Outcome", OUTCOMES[call.outcome], is_bad=call.outcome.is_error)
    yield Figure("First token", figures.duration_ns(timing.first_token_ns))
    yield Figure("Duration", figures.duration_ns(timing.duration_ns))
    yield Figure("Rate", figures.rate(call.output_tokens_per_second))
    yield Figure("Largest gap", figures.duration_ns(timing.largest_gap_ns))
    yield Figure("Tokens in", figures.count(None if usage is None else usage.input_tokens))
    yield Figure("Tokens out", figures.count(None if usage is None else usage.output_tokens))
    yield Figure("Cost", cost.text, cost.more)


def _parts(
    call: Call, timeline: Timeline | None, values: Mapping[str, Any], rules: Mapping[str, Rules]
) -> Iterator[Part]:
    if call.failure is not None:
        yield Notes(call.failure.type, (Words(call.failure.message or "The sender gave no message.", tone="bad"),))
    yield _phases(call, values["phases"], values["stalls"])
    if timeline is not None and timeline.arrived_ns:
        yield _rate(timeline, rules["rate"])
        yield _waits(timeline, rules["waits"])
    if values["gaps"]:
        yield _gaps(values["gaps"])
    if isinstance(call.cost, Ledger) and values["bill"].items:
        yield _bill(call.cost, values["bill"])


def _phases(call: Call, phases: Sequence[Phase], stalls: Sequence[Stall]) -> Strip:
    total_ns = max(call.timing.duration_ns, 1)
    seen = [phase for phase in phases if phase.duration_ns]
    shapes = [Shape(phase.started_ns / total_ns, phase.duration_ns / total_ns, PHASES[phase.kind]) for phase in seen]
    shapes += [Shape(stall.began_ns / total_ns, stall.length_ns / total_ns, STALLED, 0.4) for stall in stalls]
    keys = [Key(PHASES[phase.kind], f"{phase.name} {figures.duration_ns(phase.duration_ns)}") for phase in seen]
    if call.timing.stall_count:
        keys.append(Key(STALLED, f"Stalled {figures.duration_ns(call.timing.stalled_ns)}"))
    return Strip("Phases", Bar(tuple(shapes)), tuple(keys), ("0", figures.duration_ns(call.timing.duration_ns)))


def _rate(timeline: Timeline, rules: Rules) -> Plot:
    """Of characters where the lengths of chunks are known, else of chunks."""
    first_ns, last_ns = timeline.arrived_ns[0], timeline.arrived_ns[-1]
    step_ns = max((last_ns - first_ns) / RATES, 1.0)
    amounts = [0] * (RATES + 1)
    lengths = timeline.lengths or (1,) * len(timeline.arrived_ns)
    for arrived_ns, length in zip(timeline.arrived_ns, lengths, strict=True):
        amounts[min(max(int((arrived_ns - first_ns) / step_ns), 0), RATES)] += length
    points = [
        {"at_s": (first_ns + place * step_ns) / 1e9, "per_s": amount * 1e9 / step_ns}
        for place, amount in enumerate(amounts)
    ]
    of = "chunks" if timeline.lengths is None else "characters"
    return Plot("How fast it came", f"{of} per second", with_points(rules, points), is_wide=True)


def _waits(timeline: Timeline, rules: Rules) -> Plot:
    first_ns = timeline.arrived_ns[0]
    step_ns = max((timeline.arrived_ns[-1] - first_ns) / COLUMNS, 1.0)
    longest: dict[int, tuple[int, int]] = {}
    for arrived_ns, waited_ns in zip(timeline.arrived_ns, timeline.waited_ns, strict=True):
        column = int((arrived_ns - first_ns) / step_ns)
        longest[column] = max(longest.get(column, (0, 0)), (waited_ns, arrived_ns))
    points = [
        {"at_s": arrived_ns / 1e9, "waited_ms": max(waited_ns / 1e6, 1.1 * LEAST_MS), "least_ms": LEAST_MS}
        | {"level": LEVEL_WORDS[level_of(waited_ns)]}
        for waited_ns, arrived_ns in longest.values()
    ]
    chunks = figures.counted(len(timeline.arrived_ns), "chunk")
    return Plot("Token timeline", f"how long each of {chunks} was waited for", with_points(rules, points), is_wide=True)


def _gaps(gaps: Sequence[Gap]) -> Rows:
    heads = (
        *map(Head, ("Gap", "After", "Before chunk")),
        Head("Brought", "label"),
        Head("Words before", "words"),
        Head("and after", "words"),
    )
    rows = tuple(
        (
            Words(figures.duration_ns(gap.waited_ns), tone="strong"),
            Words(figures.seconds(gap.arrived_ns - gap.waited_ns)),
            Words(figures.count(gap.number)),
            Words(gap.content),
            Words(gap.before or ""),
            Words(gap.after or ""),
        )
        for gap in gaps
    )
    if all(gap.before is None for gap in gaps):
        return Rows("Largest gaps", heads[:4], tuple(row[:4] for row in rows))
    return Rows("Largest gaps", heads, rows)


def _bill(paid: Ledger, bill: CallBill) -> Rows:
    heads = (Head("Line", "words"), *map(Head, ("Count", "Rate", "Amount")))
    rows = [
        (
            Words(bill_line(item)),
            Words(figures.count(item.count)),
            Words("" if item.rate is None else f"{figures.exact_money(item.rate, paid.currency)} for {item.per:,}"),
            Words(figures.UNKNOWN if item.amount is None else figures.exact_money(item.amount, paid.currency)),
        )
        for item in bill.items
    ]
    total = (Words("Total", tone="strong"), Words(""), Words(""))
    rows.append((*total, Words(figures.exact_money(paid.total, paid.currency), tone="strong")))
    stated = "stated in the" if paid.is_stated else "prices from"
    note = f"{stated} {paid.source or 'a list that was not named'}"
    return Rows("Cost", heads, tuple(rows), note, last_is_sum=True)
