"""Calls as far as their price depends on them, priced together where that is exact, and one by one where it is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from firsttoken.analyse.bunches import (
    AMOUNTS,
    COLUMNS,
    COUNTS,
    GROUP,
    TERMS,
    Bunch,
    bunches,
    by_group,
    equal_calls,
    grouped,
)
from firsttoken.analyse.options import Group
from firsttoken.analyse.watching import advance
from firsttoken.call import Call
from firsttoken.call.ledger import DIGITS, ZERO
from firsttoken.pricing import PriceBook
from firsttoken.pricing.together import PROBES, Amounts, BookOfSums, PerCount, counts_of, per_count
from firsttoken.store import Reader, Selection
from firsttoken.store.call_columns import CALL_COLUMNS, call_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.compute import Expression

T = TypeVar("T")

UNREAD: Final[dict[str, Any]] = dict.fromkeys(column.name for column in CALL_COLUMNS)
"""What a call is given for the columns that are not read."""
OF_ALL: Final = frozenset(
    {"unknown_caching", "several_runs", "not_billed", "unknown_model", "unknown_tier", "partial_usage", "no_price_list"}
)
"""Reasons for no price that hold for all calls alike, however much each of them used."""


class InGroup(NamedTuple):
    """Some calls of one group."""

    group: Group
    calls: int
    paid: Decimal
    """What was recorded of them, in the currency of their call."""
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Priced(Generic[T]):
    """Calls for which one answer holds, but for its amounts, which are those of each group."""

    call: Call
    """All of them together, or one of those that are equal."""
    answer: T
    groups: Sequence[InGroup]


def billed_call(row: Mapping[str, Any]) -> Call:
    """Of the columns that a price depends on."""
    return call_of({**UNREAD, **row})


@dataclass(frozen=True, slots=True)
class Share(Generic[T]):
    """Some of the calls that were summed up, and what is asked of them, of their sum at the prices of sums."""

    members: pa.ChunkedArray[pa.BooleanScalar]
    """True for each that is one of them."""
    price: Callable[[Call, PriceBook], T]


@dataclass(frozen=True, slots=True)
class Pricing(Generic[T]):
    """What is asked of each call, and at which prices."""

    book: PriceBook
    price: Callable[[Call, PriceBook], T]
    amounts: Callable[[T], Amounts]
    """Those of an answer, which add up where calls do. None where there is none."""
    is_settled: Callable[[Call, T], bool]
    """Whether the answer for a sum of calls is that for each of them; if not, they are shared out or priced singly."""
    of_fewer: Callable[[Call, PriceBook], T]
    """The same of some of the calls whose answer is settled, as far as its amounts go."""
    shares: Callable[[Call, BookOfSums, pa.Table], Sequence[Share[T]]] = lambda call, book, calls: ()
    """Of a sum that is not settled: all of its calls, each in the share whose answer is that for it; or no shares."""
    sizes: Sequence[int] = ()
    """Of prompts, beyond which another answer holds although no price changes."""


def priced(
    reader: Reader,
    selection: Selection,
    group_by: Sequence[str],
    pricing: Pricing[T],
    only: Expression | None = None,
) -> Iterator[Priced[T]]:
    """Every selected call counts in one of them. `only` narrows them by the columns that a price depends on."""
    table = reader.table(COLUMNS, selection, group_by)
    if only is not None:
        table = table.filter(only)
    calls = grouped(table, group_by, pricing.book.changes(), pricing.sizes)
    work = _Work(pricing, calls.groups)
    for bunch in bunches(calls.table):
        yield from work.priced(bunch)
        advance(len(bunch.places))


@dataclass(frozen=True, slots=True)
class _Work(Generic[T]):
    pricing: Pricing[T]
    groups: Sequence[Group]

    def priced(self, bunch: Bunch) -> Iterator[Priced[T]]:
        if not bunch.is_summable:
            yield from self._one_by_one(bunch.calls)
            return
        call, book = _sum_of(bunch, self.pricing.book)
        answer = self.pricing.price(call, book)
        if self.pricing.is_settled(call, answer):
            yield from self._together(bunch, call, book, answer)
            return
        calls = bunch.calls
        shares = self.pricing.shares(call, book, calls)
        for share in shares:
            for part in bunches(calls.filter(share.members)):
                call, book = _sum_of(part, self.pricing.book)
                yield from self._together(part, call, book, share.price(call, book))
        if not shares:
            yield from self._one_by_one(calls)

    def _together(self, bunch: Bunch, call: Call, book: BookOfSums, answer: T) -> Iterator[Priced[T]]:
        """What holds for the sum holds in each group."""
        rows = by_group(bunch)
        amounts = self._shared_out(bunch, call, book, self.pricing.amounts(answer), rows)
        if amounts is None:
            yield from self._one_by_one(bunch.calls)
            return
        groups = (
            InGroup(self.groups[row[GROUP]], row["count_all"], row.get("cost_total_sum") or Decimal(0), each)
            for row, each in zip(rows, amounts, strict=True)
        )
        yield Priced(call, answer, tuple(groups))

    def _shared_out(
        self, bunch: Bunch, call: Call, book: BookOfSums, whole: Amounts, rows: Sequence[Mapping[str, Any]]
    ) -> Sequence[Amounts] | None:
        """The amounts of each group: by the price of each count, where there are more groups than it takes to know
        those. None where there are no such prices."""
        if len(rows) == 1 or all(amount is None for amount in whole):
            return [whole] * len(rows)
        if len(rows) <= len(counts_of(call)) + PROBES:
            return [self._amounts_of(_call_of(bunch, row), book) for row in rows]
        prices = per_count(call, whole, lambda other: self._amounts_of(other, book))
        return None if prices is None else _at(prices, whole, rows)

    def _amounts_of(self, call: Call, book: BookOfSums) -> Amounts:
        return self.pricing.amounts(self.pricing.of_fewer(call, book))

    def _one_by_one(self, calls: pa.Table) -> Iterator[Priced[T]]:
        """Such as are equal are priced once."""
        for row, numbers in equal_calls(calls):
            call = billed_call(row)
            answer = self.pricing.price(call, self.pricing.book)
            amounts, paid = self.pricing.amounts(answer), row["cost_total"] or Decimal(0)
            groups = (
                InGroup(self.groups[number], times, *_times(times, paid, amounts))
                for number, times in Counter(numbers).items()
            )
            yield Priced(call, answer, tuple(groups))


def _sum_of(bunch: Bunch, book: PriceBook) -> tuple[Call, BookOfSums]:
    return _call_of(bunch, bunch.row), BookOfSums(book, bunch.largest_input_tokens)


def _call_of(bunch: Bunch, sums: Mapping[str, Any]) -> Call:
    """All calls that these are the sums of, as one."""
    amounts = {name: sums.get(f"{name}_sum") for name in AMOUNTS}
    counts = {name: _whole(sums.get(f"{name}_sum")) for name in COUNTS}
    return billed_call({**{name: bunch.row[name] for name in TERMS}, **amounts, **counts})


def _whole(count: Any) -> int | None:
    return None if count is None else int(count)


def _at(prices: PerCount, whole: Amounts, rows: Sequence[Mapping[str, Any]]) -> list[Amounts]:
    """What the counts of each row come to."""
    found: list[list[Decimal | None]] = []
    with localcontext(prec=DIGITS):
        for number, amount in enumerate(whole):
            priced = [(f"{name}_sum", each[number]) for name, each in prices.items() if each[number]]
            found.append(
                [None if amount is None else sum((row[name] * price for name, price in priced), ZERO) for row in rows]
            )
    return list(zip(*found, strict=True))


def _times(times: int, paid: Decimal, amounts: Amounts) -> tuple[Decimal, Amounts]:
    with localcontext(prec=DIGITS):
        return paid * times, tuple(None if amount is None else amount * times for amount in amounts)
