"""What no sum of stored columns says: what caches saved, and what streams that were cut had cost by then.

Both are worked out anew, at the price of each call's own day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

from firsttoken.analyse.agreeing import agreeing
from firsttoken.analyse.billed import OF_ALL, Priced, Pricing, Share, priced
from firsttoken.analyse.options import Group
from firsttoken.call import Call, Ledger
from firsttoken.call.ledger import DIGITS, PARTS
from firsttoken.pricing import PriceBook
from firsttoken.pricing.override import Override
from firsttoken.pricing.statement import STATED, Statement, statement_of
from firsttoken.pricing.together import Amounts, BookOfSums, per_count
from firsttoken.store import Reader, Selection

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.compute import Expression

CACHE_COUNTS: Final = ("cache_read_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")

Place = tuple[Group, str | None]
"""A group, and the currency in which its calls were paid."""


@dataclass(frozen=True, slots=True)
class CutStreams:
    """Streams that were cut before the final counts. None of this is in the total."""

    group: Group
    outcome: str
    currency: str | None
    """None where there is no price for what was reported."""
    calls: int
    at_least: Decimal | None
    """What the tokens cost that the provider had reported by then."""


@dataclass(frozen=True, slots=True)
class Saving:
    """By the cache, of calls that used one."""

    amount: Decimal | None = None
    """None where it is known of no call."""
    unknown_calls: int = 0
    """Those of which it is not known."""

    def plus(self, other: Saving) -> Saving:
        known = [amount for amount in (self.amount, other.amount) if amount is not None]
        return Saving(_added(*known) if known else None, self.unknown_calls + other.unknown_calls)


@dataclass(frozen=True, slots=True)
class Again:
    """One call priced again, or several."""

    saved_by_cache: Decimal | None = None
    """None where that is not known of it at the prices that were paid: others say nothing of this call."""
    at_least: Ledger | None = None
    """Of a stream that was cut."""
    is_like_each: bool = False
    """Whether what is not known of several is known of none of them."""


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """Both, by group."""

    savings: Mapping[Place, Saving]
    cut_streams: tuple[CutStreams, ...]

    def over_all(self) -> WorkedOut:
        """The savings of all calls together."""
        sums: dict[Place, Saving] = {}
        for (_, currency), saving in self.savings.items():
            sums[(), currency] = sums.get(((), currency), Saving()).plus(saving)
        return replace(self, savings=sums)


def worked_out(
    reader: Reader, selection: Selection, group_by: Sequence[str], prices: tuple[Override, ...]
) -> WorkedOut:
    pricing = Pricing(PriceBook(prices), _again, _amounts, _is_settled, _of_fewer, _shares)
    savings: dict[Place, Saving] = {}
    cut: dict[CutStreams, CutStreams] = {}
    for some in priced(reader, selection, group_by, pricing, _of_interest()):
        if _is_cut(some.call):
            for stream in _cut_streams(some):
                place = replace(stream, calls=0, at_least=None)
                cut[place] = _together(cut.get(place), stream)
        else:
            for place, saving in _savings(some):
                savings[place] = savings.get(place, Saving()).plus(saving)
    return WorkedOut(savings, tuple(sorted(cut.values(), key=_most_first)))


def _of_interest() -> Expression:
    import pyarrow.compute as pc

    used = pc.field("usage_partial")
    for count in CACHE_COUNTS:
        used = used | (pc.field(count) > 0)
    return used


def _is_cut(call: Call) -> bool:
    return call.usage is not None and call.usage.partial


def _again(call: Call, book: PriceBook) -> Again:
    statement, paid = statement_of(call, book), call.cost
    saved = statement.saved_by_cache if statement.difference == 0 else None
    return Again(saved, statement.at_least, not isinstance(paid, Ledger) or _says_nothing(statement, paid))


def _says_nothing(statement: Statement, paid: Ledger) -> bool:
    """However much was used."""
    if statement.total is None:
        return statement.reason in (STATED, *OF_ALL)
    return statement.total.currency != paid.currency


def _of_fewer(call: Call, book: PriceBook) -> Again:
    """What they were paid is not asked again."""
    statement = statement_of(call, book)
    return Again(statement.saved_by_cache, statement.at_least)


def _amounts(again: Again) -> Amounts:
    return again.saved_by_cache, None if again.at_least is None else again.at_least.total


def _is_settled(call: Call, again: Again) -> bool:
    if _is_cut(call):
        return again.at_least is not None
    return again.saved_by_cache is not None or again.is_like_each


def _shares(call: Call, book: BookOfSums, calls: pa.Table) -> tuple[Share[Again], ...]:
    """Those that were paid at these prices, of which the saving is known, and those that were not."""
    import pyarrow.compute as pc

    statement = statement_of(call, book)
    if statement.total is None or statement.saved_by_cache is None or not isinstance(call.cost, Ledger):
        return ()
    prices = per_count(call, statement.total.parts, lambda other: _parts(other, book))
    paid_so = None if prices is None else agreeing(calls, call.cost, prices)
    return () if paid_so is None else (Share(paid_so, _of_fewer), Share(pc.invert(paid_so), _unknown))


def _parts(call: Call, book: PriceBook) -> Amounts:
    cost = book.price(call)
    return cost.parts if isinstance(cost, Ledger) else (None,) * len(PARTS)


def _unknown(call: Call, book: PriceBook) -> Again:
    del call, book
    return Again()


def _savings(some: Priced[Again]) -> Iterator[tuple[Place, Saving]]:
    paid = some.call.cost
    currency = paid.currency if isinstance(paid, Ledger) else None
    for each in some.groups:
        saved, _ = each.amounts
        yield (each.group, currency), Saving(None, each.calls) if saved is None else Saving(saved)


def _cut_streams(some: Priced[Again]) -> Iterator[CutStreams]:
    so_far, outcome = some.answer.at_least, some.call.outcome.value
    currency = None if so_far is None else so_far.currency
    for each in some.groups:
        _, at_least = each.amounts
        yield CutStreams(each.group, outcome, currency, each.calls, at_least)


def _together(before: CutStreams | None, more: CutStreams) -> CutStreams:
    """Of one group, outcome and currency."""
    if before is None:
        return more
    known = [amount for amount in (before.at_least, more.at_least) if amount is not None]
    return replace(more, calls=before.calls + more.calls, at_least=_added(*known) if known else None)


def _most_first(cut: CutStreams) -> tuple[bool, str, Decimal, str, str]:
    return (cut.currency is None, cut.currency or "", -(cut.at_least or Decimal(0)), cut.outcome, str(cut.group))


def _added(*amounts: Decimal) -> Decimal:
    with localcontext(prec=DIGITS):
        return sum(amounts, Decimal(0))
