"""Stored calls priced again: which of them get another cost, and what that makes of the totals.

Nothing is written here. A cost that the provider itself stated stands, and so does one that no list knows any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from firsttoken.analyse.told_cost import told_cost
from firsttoken.call import Call, Cost, Ledger, Unpriced
from firsttoken.call.ledger import ZERO
from firsttoken.pricing import PriceBook
from firsttoken.store import Reader, Selection, call_of
from firsttoken.store.costs import CostChange

if TYPE_CHECKING:
    import pyarrow as pa

Key = tuple[str, str, str]
"""Provider, model and currency."""
NOT_TOLD: Final = "several_runs"
"""Why a call is not priced again whose tokens are those of several models or requests."""


@dataclass(frozen=True, slots=True)
class RepricedRow:
    """What the calls of one model cost in one currency. Sums are of calls with a price alone."""

    provider: str
    model: str
    """Empty where nobody named one."""
    currency: str
    calls_changed: int
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Repricing:
    """What pricing again comes to."""

    rows: tuple[RepricedRow, ...]
    calls_read: int
    calls_stated: int
    """Left alone, for the provider said what they cost."""
    still_unpriced: Mapping[str, int]
    """Calls that have no price still, by the reason."""
    changes: tuple[CostChange, ...] = field(repr=False)


def repricing(
    reader: Reader,
    book: PriceBook,
    selection: Selection,
    *,
    every_call: bool = False,
    progress: Callable[[int], object] = bool,
) -> Repricing:
    """Of the calls without a price, or of all of them. `progress` is told how many more were looked at. Raises
    StoreError."""
    sums = _Sums(reader, selection)
    changes: list[CostChange] = []
    unpriced, read, stated = Counter[str](), 0, 0
    for row, call in _calls(reader, selection, every_call=every_call):
        read += 1
        progress(1)
        if isinstance(call.cost, Ledger) and call.cost.is_stated:
            stated += 1
            continue
        cost = told_cost(call, book)
        if _is_news(cost, call.cost):
            assert cost is not None  # noqa: S101  nothing is no news
            changes.append(CostChange(str(row["trace_id"]), str(row["span_id"]), call.timing.started_unix_ns, cost))
            sums.change(call, cost)
        if not isinstance(cost, Ledger) and isinstance(call.cost, Unpriced):
            unpriced[NOT_TOLD if cost is None else cost.reason] += 1
    return Repricing(sums.rows(), read, stated, dict(unpriced.most_common()), tuple(changes))


class _Sums:
    """What priced calls cost, before and after."""

    def __init__(self, reader: Reader, selection: Selection) -> None:
        self._before: dict[Key, Decimal] = {}
        for row in reader.ask("call_costs", None, selection):
            if not row["overall"]:
                key = str(row["provider"]), str(row["model"]), str(row["currency"])
                self._before[key] = Decimal(str(row["cost"]))
        self._after = dict(self._before)
        self._changed = Counter[Key]()

    def change(self, call: Call, cost: Cost) -> None:
        for ledger, sign in ((call.cost, -1), (cost, 1)):
            if isinstance(ledger, Ledger):
                key = call.request.provider, call.request.model or call.response.model or "", ledger.currency
                self._after[key] = self._after.get(key, ZERO) + sign * ledger.total
                self._changed[key] += sign > 0

    def rows(self) -> tuple[RepricedRow, ...]:
        return tuple(
            RepricedRow(*key, self._changed[key], self._before.get(key, ZERO), self._after[key])
            for key in sorted(self._after)
        )


def _is_news(cost: Cost | None, recorded: Cost | None) -> bool:
    """Whether it is another one. No reason takes the place of a price."""
    if isinstance(cost, Ledger) and isinstance(recorded, Ledger):
        return (cost.parts, cost.unsplit, cost.currency) != (recorded.parts, recorded.unsplit, recorded.currency)
    return cost is not None and cost != recorded and not isinstance(recorded, Ledger)


def _calls(reader: Reader, selection: Selection, *, every_call: bool) -> Iterator[tuple[Mapping[str, Any], Call]]:
    for batch in reader.batches("calls", selection):
        for row in _wanted(batch, every_call=every_call).to_pylist():
            yield row, call_of(row)


def _wanted(batch: pa.RecordBatch, *, every_call: bool) -> pa.RecordBatch:
    """Calls that are not priced have no currency."""
    import pyarrow.compute as pc

    return batch if every_call else batch.filter(pc.is_null(batch["cost_currency"]))  # pyright: ignore
