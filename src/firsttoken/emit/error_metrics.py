"""What goes wrong, by what kind of error it is. Under names of our own, which no setting changes.

`error.type` is each provider's own word, so an alert on it has to know them all; a category is one word for all.
"""

from __future__ import annotations

from opentelemetry.context import Context
from opentelemetry.metrics import Meter

from firsttoken.emit.instruments import MetricSet, counter
from firsttoken.emit.measured import Measured
from firsttoken.semconv import own


class ErrorMetrics(MetricSet):
    """Calls that failed, attempts that an SDK followed by another, and answers with nothing in them."""

    def __init__(self, meter: Meter) -> None:
        self._errors = counter(meter, own.ERRORS)
        self._retries = counter(meter, own.RETRIES)
        self._retry_time = counter(meter, own.RETRY_TIME)
        self._empty = counter(meter, own.EMPTY_RESPONSES)

    def record(self, measured: Measured, context: Context | None) -> None:
        del context
        call = measured.call
        if call.failure is not None:
            self._errors.add(1, {**measured.shared, own.ERROR_CATEGORY: str(call.failure.category)})
        lost_until_ns = 0
        for attempt in call.attempts:
            kind = {**measured.shared, own.ERROR_CATEGORY: str(attempt.category)}
            self._retries.add(1, kind)
            again_ns = attempt.failed_ns + attempt.wait_ns
            self._retry_time.add(max(again_ns - lost_until_ns, 0) / 1e9, kind)
            lost_until_ns = again_ns
        if call.response.empty is not None:
            self._empty.add(1, {**measured.shared, own.RESPONSE_EMPTY: call.response.empty})
