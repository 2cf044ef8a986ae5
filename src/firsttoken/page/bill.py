"""The bill of one call as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from firsttoken.analyse.bills import BillItem, bill_items
from firsttoken.analyse.unpriced import NOTHING_TO_DO, fix_of
from firsttoken.call import Call, Ledger, Unpriced
from firsttoken.pricing import PriceBook
from firsttoken.pricing.invoice import Line
from firsttoken.pricing.statement import statement_of


@dataclass(frozen=True, slots=True)
class CallBill:
    """Its lines add up to the recorded cost. All empty and None for a call without a price."""

    items: tuple[BillItem, ...] = ()
    within: tuple[Line, ...] = ()
    """Parts of lines that are not added again."""
    without_cache: Decimal | None = None
    """What the same tokens would have cost without a cache. None where that is not known, or no cache was used."""
    saved: Decimal | None = None
    """The difference. Below zero where writing to the cache cost more than reading saved."""
    at_least: Ledger | None = None
    """Of a stream that was cut: what had come so far."""
    at_list: Ledger | None = None
    """Of a call that nobody priced: what it costs by the price list here."""
    fix: str | None = None
    """What to do so that the next such call has a price."""


def bill_of(call: Call, book: PriceBook) -> CallBill:
    """Never raises. The recorded cost is what counts: rates are shown where they come to it."""
    statement = statement_of(call, book)
    if not isinstance(call.cost, Ledger):
        at_list = None if isinstance(call.cost, Unpriced) else statement.total
        return CallBill(at_least=statement.at_least, at_list=at_list, fix=_fix(call))
    agrees = statement.difference == 0
    saved = (statement.saved_by_cache or None) if agrees else None
    return CallBill(
        items=tuple(bill_items(call, book)),
        within=statement.within if agrees else (),
        without_cache=None if saved is None else call.cost.total + saved,
        saved=saved,
    )


def _fix(call: Call) -> str | None:
    if call.unpriced_reason is None:
        return None
    fix = fix_of(
        {
            "reason": call.unpriced_reason,
            "provider": call.request.provider,
            "model": call.response.model or call.request.model,
            "api": call.request.api,
            "stream": call.request.stream,
            "tier": call.response.service_tier or call.request.parameters.service_tier,
        }
    )
    return None if fix.startswith(NOTHING_TO_DO) else fix
