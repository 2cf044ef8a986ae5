"""The bill of one call, line by line, at the price of its own day, held against the cost that was recorded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from firsttoken.call import Call, Cost, Ledger, Portion, Unpriced, Usage, total_cost
from firsttoken.call.ledger import ZERO
from firsttoken.pricing.book import Invoices, PriceBook, lines_of
from firsttoken.pricing.invoice import Line

SEVERAL_RUNS: Final = "several_runs"
"""Why a stored call has no lines whose tokens are those of several models, or of the results of a batch."""
STATED: Final = "stated"
"""Why a call has none that the provider itself has priced."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a call is billed for. The lines add up to `total` exactly."""

    lines: tuple[Line, ...] = ()
    within: tuple[Line, ...] = ()
    """Parts of lines that are worth a look and not added again: reasoning within the output."""
    total: Ledger | None = None
    """The sum of the lines; None where there are none."""
    recorded: Cost | None = None
    reason: str | None = None
    """Why there are no lines: that of an unpriced call, `several_runs` or `stated`. None where the call has lines, or
    is not billed."""
    saved_by_cache: Decimal | None = None
    """What the same tokens would have cost without a cache, less what they did cost. Below zero where writing to the
    cache cost more than reading from it has saved. None where that is not known."""
    at_least: Ledger | None = None
    """Of a stream that was cut: what the tokens that were reported so far cost. No estimate of the rest, and no cost
    of the call."""

    @property
    def difference(self) -> Decimal | None:
        """The recorded cost less the lines, but for what is lost where amounts travel as doubles: 0 says that they
        agree. None where one of them is missing or the currencies differ."""
        if self.total is None or not isinstance(self.recorded, Ledger) or self.recorded.currency != self.total.currency:
            return None
        if all(agree(*pair) for pair in zip(self.recorded.parts, self.total.parts, strict=True)):
            return ZERO
        return self.recorded.total - self.total.total


def statement_of(call: Call, book: PriceBook, portions: Collection[Portion] = ()) -> Statement:
    """`portions` are those that the call was priced by; a stored call has lost them. Never raises."""
    reason = unlisted_reason(call, portions)
    if reason is not None:
        return Statement(recorded=call.cost, reason=reason)
    invoices = book.invoices(call, portions)
    if invoices is None:
        return Statement(recorded=call.cost)
    if isinstance(invoices, Unpriced):
        return Statement(recorded=call.cost, reason=invoices.reason, at_least=at_least(call, book))
    total = _total(invoices)
    return Statement(
        lines=lines_of(invoices),
        within=_within(invoices, call.usage),
        total=total,
        recorded=call.cost,
        saved_by_cache=None if portions else saved_by_cache(call, book, total),
    )


def unlisted_reason(call: Call, portions: Collection[Portion] = ()) -> str | None:
    """Why no list can say what the call cost: the provider has, or its tokens have prices of their own each."""
    if isinstance(call.cost, Ledger) and call.cost.is_stated:
        return STATED
    if portions or call.usage is None:
        return None
    return SEVERAL_RUNS if call.usage.side_input_tokens is not None or call.response.batch_requests else None


def without_cache(usage: Usage) -> Usage:
    """The same tokens, none of them from or to a cache."""
    return replace(
        usage,
        cache_read_tokens=0,
        cache_write_tokens=0,
        cache_write_5m_tokens=None,
        cache_write_1h_tokens=None,
    )


def saved_by_cache(call: Call, book: PriceBook, total: Ledger | None) -> Decimal | None:
    """`total` is what the call cost at the prices of the book."""
    if total is None or call.usage is None:
        return None
    uncached = book.price(replace(call, usage=without_cache(call.usage)))
    return uncached.total - total.total if isinstance(uncached, Ledger) else None


def at_least(call: Call, book: PriceBook) -> Ledger | None:
    """Counts that are not there yet are those of nothing so far."""
    usage = call.usage
    if usage is None or not usage.partial or (usage.input_tokens is None and usage.output_tokens is None):
        return None
    so_far = replace(usage, partial=False, input_tokens=usage.input_tokens or 0, output_tokens=usage.output_tokens or 0)
    cost = book.price(replace(call, usage=so_far))
    return cost if isinstance(cost, Ledger) else None


def _total(invoices: Invoices) -> Ledger | None:
    cost = total_cost(invoice.ledger for invoice in invoices)
    return cost if isinstance(cost, Ledger) else None


def _within(invoices: Invoices, usage: Usage | None) -> tuple[Line, ...]:
    """Reasoning, where all of the output has one price."""
    output = [line for line in lines_of(invoices) if line.kind in ("output", "reasoning")]
    reasoning = 0 if usage is None else usage.reasoning_tokens or 0
    if not reasoning or len(output) != 1 or output[0].kind == "reasoning":
        return ()
    return (replace(output[0], kind="reasoning", count=reasoning),)


def agree(recorded: Decimal | None, exact: Decimal | None) -> bool:
    """Whether they are the same, or became different on the way, in a double."""
    if recorded is None or exact is None:
        return recorded is exact
    return recorded == exact or recorded == Decimal(repr(float(exact)))
