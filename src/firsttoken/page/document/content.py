"""What a report says, in words and figures that are ready to be shown: the same for the document and the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.analyse.asking import described
from firsttoken.analyse.costs import CostRow
from firsttoken.analyse.latency import LatencyRow, SlowCall
from firsttoken.analyse.listing import CallLine
from firsttoken.analyse.options import Group
from firsttoken.page import figures
from firsttoken.page.document.charts import Chart, charts
from firsttoken.page.document.gathering import Gathered
from firsttoken.page.pictures.picture import Figure
from firsttoken.page.wording import UNPRICED_WORDS

MOST_ROWS: Final = 12
LONGEST_TEXT: Final = 60
LONGEST_ABOUT: Final = 120


@dataclass(frozen=True, slots=True)
class Head:
    """The top of a column. Figures stand right."""

    name: str
    is_figure: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Some rows of many."""

    title: str
    note: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Content:
    """All of a report."""

    title: str
    about: str
    """Which calls, and when they were made."""
    headlines: tuple[Figure, ...]
    charts: tuple[Chart, ...]
    tables: tuple[Table, ...]
    left_out: tuple[str, ...]


def content(gathered: Gathered, title: str, now_unix_ns: int) -> Content:
    """Takes about two seconds, for the charts."""
    return Content(
        title=title,
        about=_about(gathered, now_unix_ns),
        headlines=tuple(_headlines(gathered)),
        charts=tuple(charts(gathered)),
        tables=tuple(table for table in (_groups(gathered), _slowest(gathered), _costliest(gathered)) if table.rows),
        left_out=tuple(_left_out(gathered)),
    )


def _about(gathered: Gathered, now_unix_ns: int) -> str:
    moments = [row.group[0] for row in gathered.latency_over_time.rows if row.group[0] is not None]
    first, last = _said_moment(min(moments)), _said_moment(max(moments))
    when = f"on {first}" if first == last else f"from {first} to {last}"
    count = gathered.report.totals.calls
    what = f"{figures.calls(count)}{described(gathered.report.selection)}"
    return f"{_text(what, LONGEST_ABOUT)}, {when}. Made {_moment(now_unix_ns)}. Times are in UTC."


def _said_moment(group: str) -> str:
    """Of a day, an hour or a minute as groups name them."""
    day, _, time = group.rstrip("Z").partition("T")
    return f"{day} {time if ':' in time else f'{time}:00'}" if time else day


def _headlines(gathered: Gathered) -> list[Figure]:
    totals, latency, cost = gathered.report.totals, gathered.latency.total, gathered.cost
    error_share = figures.share(gathered.errors.total.errors, gathered.errors.total.calls)
    output_tokens, input_tokens = totals.told(totals.output_tokens), totals.told(totals.input_tokens)
    unpriced = f"{figures.count(cost.unpriced_calls)} unpriced" if cost.unpriced_calls else ""
    hits = figures.UNKNOWN if cost.cache_hit_rate is None else f"{100 * cost.cache_hit_rate:.1f}{figures.SPACE}%"
    saved = _money({row.currency: row.saved_by_cache for row in cost.totals})
    return [
        Figure("Calls", figures.count(totals.calls), f"{figures.count(latency.streams)} streams"),
        Figure(
            "First token",
            figures.duration_s(latency.first_token.p50_s),
            f"p95 {figures.duration_s(latency.first_token.p95_s)}",
        ),
        Figure("Duration", figures.duration_s(latency.total.p50_s), f"p95 {figures.duration_s(latency.total.p95_s)}"),
        Figure("Speed", figures.rate(latency.output_tokens.p50_per_s), "median stream"),
        Figure(
            "Output tokens",
            figures.count(output_tokens),
            "" if input_tokens is None else f"{figures.count(input_tokens)} in",
        ),
        Figure("Cost", _money({row.currency: row.cost_total for row in cost.totals}), unpriced),
        Figure("Cache hits", hits, "" if saved == figures.UNKNOWN else f"saved {saved}"),
        Figure(
            "Errors", error_share, f"{figures.count(totals.errors)} calls", is_bad=bool(gathered.errors.total.errors)
        ),
    ]


def _money(amounts: dict[str | None, Decimal | None]) -> str:
    known = [figures.money(amount, currency) for currency, amount in amounts.items() if currency and amount is not None]
    return " + ".join(known) or figures.UNKNOWN


def _groups(gathered: Gathered) -> Table:
    heads = (
        *(Head(name, is_figure=False) for name in gathered.by),
        *map(Head, ("calls", "errors", "first token p50", "p95", "duration p50", "p95", "speed p50")),
        *map(Head, ("tokens in", "out", "cost", "unpriced", "cache hits", "saved")),
    )
    costs: dict[Group, list[CostRow]] = {}
    for row in gathered.cost.rows:
        costs.setdefault(row.group, []).append(row)
    errors = {row.group: row.errors for row in gathered.errors.groups}
    rows = [_group(row, errors.get(row.group, 0), costs.get(row.group, [])) for row in gathered.latency.rows]
    return Table(f"By {' and '.join(gathered.by)}", _cut_note(len(rows)), heads, tuple(rows[:MOST_ROWS]))


def _group(latency: LatencyRow, errors: int, costs: Sequence[CostRow]) -> tuple[str, ...]:
    cacheable = sum(row.cacheable_tokens or 0 for row in costs)
    return (
        *(_text(value) for value in latency.group),
        figures.count(latency.calls),
        figures.count(errors),
        figures.duration_s(latency.first_token.p50_s),
        figures.duration_s(latency.first_token.p95_s),
        figures.duration_s(latency.total.p50_s),
        figures.duration_s(latency.total.p95_s),
        figures.rate(latency.output_tokens.p50_per_s),
        _sum([row.input_tokens for row in costs]),
        _sum([row.output_tokens for row in costs]),
        _money({row.currency: row.cost_total for row in costs}),
        figures.count(sum(row.unpriced_calls for row in costs)),
        figures.share(sum(row.cache_read_tokens or 0 for row in costs), cacheable),
        _money({row.currency: row.saved_by_cache for row in costs}),
    )


def _sum(counts: list[int | None]) -> str:
    known = [count for count in counts if count is not None]
    return figures.count(sum(known) if known else None)


def _slowest(gathered: Gathered) -> Table:
    rows = (
        (
            *_said_of(call),
            figures.duration_s(call.first_token_s),
            figures.duration_s(call.total_s),
            figures.count(call.output_tokens),
            call.trace_id,
        )
        for call in gathered.latency.slowest
    )
    return _table_of_calls("Slowest calls", ("first token", "duration", "output tokens"), rows)


def _costliest(gathered: Gathered) -> Table:
    rows = (
        (
            *_said_of(call),
            figures.money(call.cost, call.currency or ""),
            figures.count(call.input_tokens),
            figures.count(call.output_tokens),
            call.trace_id,
        )
        for call in gathered.costliest.rows
    )
    return _table_of_calls("Costliest calls", ("cost", "input tokens", "output tokens"), rows)


def _said_of(call: SlowCall | CallLine) -> tuple[str, str, str]:
    return _moment(call.started_unix_ns), _text(call.model), call.outcome


def _table_of_calls(title: str, of_figures: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    words = tuple(Head(name, is_figure=False) for name in ("started (UTC)", "model", "outcome"))
    return Table(title, "", (*words, *map(Head, of_figures), Head("trace", is_figure=False)), tuple(rows))


def _left_out(gathered: Gathered) -> list[str]:
    totals, cost = gathered.report.totals, gathered.cost
    clauses: list[str] = []
    if totals.calls_without_usage:
        clauses.append(
            f"Not in the tokens: {figures.calls(totals.calls_without_usage)} whose provider reported no usage."
        )
    for row in cost.unpriced[:MOST_ROWS]:
        reason = UNPRICED_WORDS.get(row.reason, row.reason)
        clauses.append(f"{figures.calls(row.calls)} of {_text(row.model)} without a price: {_text(reason)}.")
    if len(cost.unpriced) > MOST_ROWS:
        clauses.append(f"Other kinds of calls without a price: {len(cost.unpriced) - MOST_ROWS}.")
    unknown = sum(row.calls_of_unknown_saving for row in cost.totals)
    if unknown:
        clauses.append(f"What the cache saved is not known of {figures.calls(unknown)} that used it.")
    return clauses


def _cut_note(count: int) -> str:
    return f"The {MOST_ROWS} with the most calls of {count:,}." if count > MOST_ROWS else ""


def _text(value: str | None, most: int = LONGEST_TEXT) -> str:
    """Bounded, as names come from anywhere."""
    if value is None:
        return figures.UNKNOWN
    return value if len(value) <= most else f"{value[: most - 1]}…"


def _moment(unix_ns: int) -> str:
    return figures.iso(unix_ns).replace("T", " ").partition(".")[0]
