"""What panels of several boards say alike."""

from __future__ import annotations

from typing import Final

from boards.queries import DURATION, FIRST_TOKEN
from firsttoken.semconv.metric import Metric

NO_CALLS: Final = "no calls in this time range"
NO_STREAMS: Final = "no streamed calls in this time range"
NO_FAILURES: Final = "no failed calls in this time range"
NO_RETRIES: Final = "no retries in this time range"
NO_COST: Final = "no priced calls in this time range"
NO_UNPRICED: Final = "no unpriced calls in this time range"
NO_CACHE: Final = "no priced calls that used a cache"
NO_CUT: Final = "no streams that were cut before their final counts"
NO_TOKENS: Final = "no reported tokens in this time range"
NO_STALLS: Final = "no stalls in this time range"
NO_RULES: Final = "no recording rules: see the README beside the boards"
NO_PROCESSES: Final = "no process that has made a call reports"
NO_LOSSES: Final = "no losses in this time range"
NO_LAST_WEEK: Final = "no data of last week"
IN_ONE_CURRENCY: Final = "in the currency that is chosen on top"


def _last(metric: Metric) -> str:
    return f"{metric.buckets[-1]:g} s" if metric.buckets else ""


CAP: Final = (
    "A percentile is estimated within a bucket of the histogram and never exceeds its last bound "
    f"({_last(DURATION)} for whole calls, {_last(FIRST_TOKEN)} for parts of streams): see “Off the scale” on the board "
    "of latency."
)
