"""Some of the calls, in the order that somebody asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from firsttoken.analyse.answers import CallRow
from firsttoken.analyse.asking import Answer
from firsttoken.analyse.calls import call_row
from firsttoken.analyse.columns import in_seconds, text
from firsttoken.analyse.options import AtMost, Options
from firsttoken.call import Ledger
from firsttoken.store import EVERYTHING, Between, Reader, Selection, Value

First = Literal["newest", "slowest", "costliest", "stalled", "gap"]
FIGURES: Final[Mapping[First, str]] = {
    "newest": "started",
    "slowest": "total",
    "costliest": "cost",
    "stalled": "stalled",
    "gap": "largest_gap",
}
"""What is largest of the first one. A call that does not have it is not listed."""
STALLED: Final = Between("stalled", at_least=1e-9)
"""A stream that never stalled is not among those that stalled longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsOptions(Options):
    """A store without calls is an answer, too; a filter that none passes is a slip. Calls are not grouped."""

    limit: AtMost = 20
    first: First = "newest"
    """Without a price, no call is among the costliest, of which each currency has its own; and those that stalled
    longest are streams that stalled."""
    failed: bool = False
    """Whether only those that failed or timed out."""

    def selections(self) -> tuple[Selection, ...]:
        return () if self.selection == EVERYTHING else (self.selection,)


@dataclass(frozen=True, slots=True)
class CallLine:
    """What a table of calls says of one."""

    trace_id: str
    span_id: str
    started_unix_ns: int
    service: str
    run_id: str | None
    provider: str
    model: str | None
    """The one asked for, or the one that answered where none was."""
    operation: str
    stream: bool
    outcome: str
    error_category: str | None
    error_type: str | None
    headers_s: float | None
    first_token_s: float | None
    total_s: float
    largest_gap_s: float | None
    stalled_s: float | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    output_tokens_per_second: float | None
    cost: Decimal | None
    currency: str | None
    resends: int


@dataclass(frozen=True, slots=True)
class CallsAnswer:
    """At most as many as were asked for; of the costliest, in each currency."""

    calls: tuple[CallRow, ...]

    @property
    def rows(self) -> tuple[CallLine, ...]:
        return tuple(map(_line, self.calls))


def calls(reader: Reader, options: CallsOptions) -> CallsAnswer:
    """Raises StoreError, and SelectionError for an attribute that no call has."""
    if options.first == "costliest":
        sources = reader.ask("cost_sources", None, options.selection)
        currencies = sorted({text(row, "currency") for row in sources})
        return CallsAnswer(tuple(row for currency in currencies for row in _ranked(reader, options, currency)))
    if options.first == "newest" and not options.failed:
        found = reader.ask("recent_calls", {**_beginning(), "limit": options.limit}, options.selection)
        return CallsAnswer(tuple(map(call_row, found)))
    return CallsAnswer(tuple(_ranked(reader, options)))


def _ranked(reader: Reader, options: CallsOptions, currency: str | None = None) -> Iterator[CallRow]:
    asked: dict[str, Value] = {"failed": options.failed, "currency": currency, "limit": options.limit}
    selection = in_order(options.selection, options.first)
    return map(call_row, reader.ask("ranked_calls", asked, selection, (), FIGURES[options.first]))


def in_order(selection: Selection, first: First) -> Selection:
    """Those of the selected calls that such a list has, once those without its figure are left out."""
    return replace(selection, between=(*selection.between, STALLED)) if first == "stalled" else selection


def _beginning() -> dict[str, Value]:
    return {"before_started_unix_ns": None, "before_ids": None}


def _line(row: CallRow) -> CallLine:
    call = row.call
    timing, usage, cost = call.timing, call.usage, call.cost
    return CallLine(
        trace_id=row.trace_id,
        span_id=row.span_id,
        started_unix_ns=timing.started_unix_ns,
        service=row.service,
        run_id=row.run_id,
        provider=call.request.provider,
        model=call.request.model if call.request.model is not None else call.response.model,
        operation=call.request.operation,
        stream=call.request.stream,
        outcome=call.outcome.value,
        error_category=None if call.failure is None else call.failure.category.value,
        error_type=None if call.failure is None else call.failure.type,
        headers_s=in_seconds(timing.headers_ns),
        first_token_s=in_seconds(timing.first_token_ns),
        total_s=timing.duration_ns / 1e9,
        largest_gap_s=in_seconds(timing.largest_gap_ns),
        stalled_s=in_seconds(timing.stalled_ns),
        input_tokens=None if usage is None else usage.input_tokens,
        output_tokens=None if usage is None else usage.output_tokens,
        cache_read_tokens=None if usage is None else usage.cache_read_tokens,
        output_tokens_per_second=call.output_tokens_per_second,
        cost=cost.total if isinstance(cost, Ledger) else None,
        currency=cost.currency if isinstance(cost, Ledger) else None,
        resends=call.resend_count,
    )


CALLS: Final = Answer("calls", CallsOptions, CallsAnswer, calls)
