"""What calls cost, and how many have no price. Under names of our own, which no setting changes."""

from __future__ import annotations

from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from firsttoken.call import Ledger, Unpriced
from firsttoken.emit.instruments import MetricSet, counter
from firsttoken.emit.measured import Measured
from firsttoken.semconv import own


class CostMetrics(MetricSet):
    """A sum of money, and a count of what is not in it."""

    def __init__(self, meter: Meter) -> None:
        self._cost = counter(meter, own.COST)
        self._unpriced = counter(meter, own.UNPRICED_CALLS)

    def record(self, measured: Measured, context: Context | None) -> None:
        del context
        match measured.call.cost:
            case Ledger() as ledger:
                self._cost.add(float(ledger.total), {**measured.shared, own.COST_CURRENCY: ledger.currency})
            case Unpriced(reason):
                self._unpriced.add(1, {**measured.shared, own.COST_UNPRICED: reason})
            case None:
                pass
