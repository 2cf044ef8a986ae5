"""What a call cost that somebody else recorded, or that was recorded before: by all that is told of it."""

from __future__ import annotations

from firsttoken.call import Call, Cost
from firsttoken.pricing import PriceBook
from firsttoken.pricing.statement import unlisted_reason
from firsttoken.providers.portions import told_portions
from firsttoken.providers.stated_cost import stated_cost


def told_cost(call: Call, book: PriceBook) -> Cost | None:
    """What its provider stated, else its price on its own day. None where it is not billed, or in parts that are not
    told."""
    if call.was_refused:
        return None
    portions = told_portions(call)
    if unlisted_reason(call, portions) is not None:
        return None
    return stated_cost(call) or book.price(call, portions)
