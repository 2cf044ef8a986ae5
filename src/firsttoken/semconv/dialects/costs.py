"""What a sender says that a call cost, in dollars."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Final

from firsttoken.semconv import own

CURRENCY: Final = "USD"
SENDER: Final = "sender"
"""The source of such a cost."""


def amount(value: object) -> Decimal | None:
    """The shortest decimal that the number stands for."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return Decimal(repr(value))


def one_amount(value: object) -> dict[str, object]:
    """A total that nobody split; nothing where it is none."""
    total = amount(value)
    if total is None:
        return {}
    return {own.COST_UNSPLIT: float(total), own.COST_CURRENCY: CURRENCY, own.COST_SOURCE: SENDER}
