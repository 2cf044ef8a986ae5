"""What calls cost, how many have no price, and what stands beside the cost.

Under names of our own, which no setting changes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from firsttoken.call import Ledger, Unpriced
from firsttoken.emit.instruments import MetricSet, counter
from firsttoken.emit.measured import Attributes, Measured
from firsttoken.semconv import own

SAVED: Final = "saved"
SURCHARGE: Final = "surcharge"


class CostMetrics(MetricSet):
    """A sum of money, a count of what is not in it, and two sums that are no part of it."""

    def __init__(self, meter: Meter) -> None:
        self._cost = counter(meter, own.COST)
        self._unpriced = counter(meter, own.UNPRICED_CALLS)
        self._savings = counter(meter, own.CACHE_SAVINGS)
        self._cut = counter(meter, own.CUT_COST)

    def record(self, measured: Measured, context: Context | None) -> None:
        del context
        match measured.call.cost:
            case Ledger() as ledger:
                paid_in = {**measured.shared, own.COST_CURRENCY: ledger.currency}
                self._cost.add(float(ledger.total), paid_in)
                self._count_saving(measured.beside.saved_by_cache, paid_in)
            case Unpriced(reason):
                self._unpriced.add(1, {**measured.shared, own.COST_UNPRICED: reason})
            case None:
                pass
        if (so_far := measured.beside.so_far) is not None:
            cut = {own.COST_CURRENCY: so_far.currency, own.OUTCOME: str(measured.call.outcome)}
            self._cut.add(float(so_far.total), {**measured.shared, **cut})

    def _count_saving(self, saved: Decimal | None, attributes: Attributes) -> None:
        """In two sums that only rise, as a counter has to."""
        if saved is not None:
            effect = SURCHARGE if saved < 0 else SAVED
            self._savings.add(float(abs(saved)), {**attributes, own.CACHE_EFFECT: effect})
