"""What calls cost: by any grouping, never across currencies, and never with a guess for a call without a price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal, localcontext
from typing import Any, Final

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import group, integer, integer_or_none, money, money_or_none, text, text_or_none
from firsttoken.analyse.options import Group, Options
from firsttoken.analyse.unpriced import UnpricedCalls, unpriced_calls
from firsttoken.analyse.worked_out import CutStreams, Saving, WorkedOut, worked_out
from firsttoken.call.ledger import DIGITS
from firsttoken.pricing.override import Override
from firsttoken.store import Reader, Row, Selection

COUNTS: Final = (
    *("calls", "unpriced_calls", "input_tokens", "uncached_tokens", "cache_read_tokens", "cache_write_tokens"),
    *("output_tokens", "cacheable_tokens", "calls_of_unknown_saving"),
)
"""What a line shows, or needs, of calls with a price and without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOptions(Options):
    """And prices of one's own, for what is worked out anew."""

    prices: tuple[Override, ...] = ()
    again: bool = True
    """Whether calls are priced anew, for what caches saved and what cut streams had cost: that takes a while."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """The calls of a group that were paid in one currency, or those that have no price. Every call is in one row.

    Tokens and amounts are None where no call says anything of them. The amounts that are known add up to `cost_total`.
    """

    group: Group
    currency: str | None
    """None for calls that have no price: refused, not billed, or unpriced."""
    calls: int
    unpriced_calls: int
    """Those that should have a price."""
    calls_without_usage: int
    input_tokens: int | None
    """All input, of which the next ones are parts."""
    uncached_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    """Of any lifetime."""
    cache_write_5m_tokens: int | None
    """Where the provider tells lifetimes apart."""
    cache_write_1h_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    """Within the output."""
    web_searches: int | None
    cacheable_tokens: int | None
    """The input of the calls that say what they read from a cache."""
    cost_input: Decimal | None
    cost_cache_read: Decimal | None
    cost_cache_write: Decimal | None
    cost_output: Decimal | None
    cost_tools: Decimal | None
    cost_unsplit: Decimal | None
    """What was stated in one amount for several parts."""
    cost_total: Decimal | None
    cache_hit_rate: float | None = None
    """The part of `cacheable_tokens` that was read from a cache."""
    saved_by_cache: Decimal | None = None
    """What the calls that used a cache would have cost without, less what they cost. None where no call's is known."""
    calls_of_unknown_saving: int = 0
    """Those that used a cache, and are not in it: without a price, or with another than the price list has here."""


ADDED: Final = tuple(
    field.name for field in fields(CostRow) if field.name not in {"group", "currency", "cache_hit_rate"}
)
"""What the rows of several groups have together."""


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Calls that were priced from one source."""

    currency: str
    source: str
    price_date: str | None
    calls: int
    cost_total: Decimal


@dataclass(frozen=True, slots=True)
class SpentOn:
    """What was paid for calls that ended otherwise than well, or had to be made again. It is in the total."""

    kind: str
    """An outcome; or `retried`, for calls that another one of their retry group came after. A call may be both."""
    currency: str | None
    """None for calls that have no price: refused, not billed, or unpriced."""
    calls: int
    unpriced_calls: int
    """Those that should have a price."""
    cost_total: Decimal | None


@dataclass(frozen=True, slots=True)
class CostAnswer:
    """By group, and over all calls."""

    selection: Selection
    group_by: tuple[str, ...]
    rows: tuple[CostRow, ...]
    """The most expensive first, those without a price last."""
    totals: tuple[CostRow, ...]
    """The same of all calls: one for each currency."""
    unpriced_calls: int
    """Where there are any, the totals are not all that was spent."""
    not_billed_calls: int
    """They cost nothing: they were refused, or are of a kind that is free."""
    cache_hit_rate: float | None
    """Over all calls that say what they read from a cache."""
    unpriced: tuple[UnpricedCalls, ...]
    sources: tuple[PriceSource, ...]
    spent_on: tuple[SpentOn, ...]
    cut_streams: tuple[CutStreams, ...]


def cost(reader: Reader, options: CostOptions) -> CostAnswer:
    """Raises StoreError and SelectionError."""
    selection, group_by = options.selection, options.group_by
    again = worked_out(reader, selection, group_by, options.prices) if options.again else None
    totals = _rows(reader.ask("cost_totals", None, selection), again and again.over_all())
    rows = _rows(reader.ask("cost_totals", None, selection, group_by), again) if group_by else totals
    return CostAnswer(
        selection=selection,
        group_by=group_by,
        rows=rows,
        totals=totals,
        unpriced_calls=sum(row.unpriced_calls for row in totals),
        not_billed_calls=sum(row.calls - row.unpriced_calls for row in totals if row.currency is None),
        cache_hit_rate=_rate(
            sum(row.cache_read_tokens or 0 for row in totals), sum(row.cacheable_tokens or 0 for row in totals)
        ),
        unpriced=unpriced_calls(reader.ask("cost_unpriced", None, selection)),
        sources=tuple(map(_source, reader.ask("cost_sources", None, selection))),
        spent_on=tuple(sorted(map(_spent_on, reader.ask("cost_endings", None, selection)), key=_by_kind)),
        cut_streams=() if again is None else again.cut_streams,
    )


def _rows(rows: Iterable[Row], again: WorkedOut | None) -> tuple[CostRow, ...]:
    return tuple(sorted((_row(row, again) for row in rows), key=_dearest_first))


def _row(row: Row, again: WorkedOut | None) -> CostRow:
    values, currency = group(row), text_or_none(row, "currency")
    read: Any = {field.name: row[field.name] for field in fields(CostRow) if field.name in row}
    nothing_used = Saving(None if row["cache_read_tokens"] is None or currency is None else Decimal(0))
    saving = Saving() if again is None else again.savings.get((values, currency), nothing_used)
    return CostRow(
        group=values,
        cache_hit_rate=_rate(integer_or_none(row, "cache_read_tokens"), integer_or_none(row, "cacheable_tokens")),
        saved_by_cache=saving.amount,
        calls_of_unknown_saving=saving.unknown_calls,
        **read,
    )


def _dearest_first(row: CostRow) -> tuple[bool, str, Decimal, list[tuple[bool, str]]]:
    values = [(value is None, value or "") for value in row.group]
    return (row.currency is None, row.currency or "", -(row.cost_total or Decimal(0)), values)


def _by_kind(spent: SpentOn) -> tuple[str, bool, str]:
    return (spent.kind, spent.currency is None, spent.currency or "")


def _source(row: Row) -> PriceSource:
    return PriceSource(
        currency=text(row, "currency"),
        source=text_or_none(row, "source") or "",
        price_date=text_or_none(row, "price_date"),
        calls=integer(row, "calls"),
        cost_total=money(row, "cost_total"),
    )


def _spent_on(row: Row) -> SpentOn:
    return SpentOn(
        kind=text(row, "kind"),
        currency=text_or_none(row, "currency"),
        calls=integer(row, "calls"),
        unpriced_calls=integer(row, "unpriced_calls"),
        cost_total=money_or_none(row, "cost_total"),
    )


def _rate(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def lines_of(rows: Iterable[CostRow]) -> Iterator[CostRow]:
    """Where all that was paid in a group was in one currency, its calls without a price stand on the same line."""
    groups: dict[Group, list[CostRow]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    for alike in groups.values():
        if len(alike) == 2 and alike[1].currency is None:
            sums = {name: _sum(alike, name) for name in COUNTS}
            yield replace(alike[0], **sums, cache_hit_rate=_rate(sums["cache_read_tokens"], sums["cacheable_tokens"]))
        else:
            yield from alike


def together(lines: Iterable[CostRow]) -> Iterator[CostRow]:
    """Lines of several groups as one for each currency, in the order in which these come first."""
    currencies: dict[str | None, list[CostRow]] = {}
    for line in lines:
        currencies.setdefault(line.currency, []).append(line)
    with localcontext(prec=DIGITS):
        for alike in currencies.values():
            sums = {name: _sum(alike, name) for name in ADDED}
            rate = _rate(sums["cache_read_tokens"], sums["cacheable_tokens"])
            yield replace(alike[0], group=(), **sums, cache_hit_rate=rate)


def _sum(rows: Sequence[CostRow], name: str) -> Any:
    known = [count for row in rows if (count := getattr(row, name)) is not None]
    return sum(known) if known else None


COST: Final = Answer("cost", CostOptions, CostAnswer, cost)
