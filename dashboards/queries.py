"""PromQL over the metrics of calls. Every name comes from the package."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from prometheus_names import label, series

from firsttoken.semconv import names, own
from firsttoken.semconv.metric import Metric

MODEL: Final = label(names.GEN_AI_REQUEST_MODEL)
PROVIDER: Final = label(names.GEN_AI_PROVIDER_NAME)
ERROR: Final = label(names.ERROR_TYPE)
KIND: Final = label(own.ERROR_CATEGORY)
CURRENCY: Final = label(own.COST_CURRENCY)
UNPRICED: Final = label(own.COST_UNPRICED)

CALLS: Final = series(names.GEN_AI_CLIENT_INFERENCE_DURATION, "count")
RATE: Final = "[$__rate_interval]"
RANGE: Final = "[$__range]"

FILTERS: Final = (f'{PROVIDER}=~"$provider"', f'{MODEL}=~"$model"', 'job=~"$job"')
"""What the variables of the board select. "All" is `.*`, which also takes a call without a model."""


def selected(name: str, *conditions: str) -> str:
    return f"{name}{{{', '.join((*FILTERS, *conditions))}}}"


def total(function: str, name: str, window: str, by: Iterable[str] = (), where: Iterable[str] = ()) -> str:
    """The sum of `rate` or `increase` of a series."""
    labels = ", ".join(by)
    grouping = f" by ({labels})" if labels else ""
    return f"sum{grouping} ({function}({selected(name, *where)}{window}))"


def percentile(metric: Metric, quantile: float, window: str = RATE, by: Iterable[str] = (MODEL,)) -> str:
    """Nothing where nothing was measured. Never above the last bound, however slow: see `beyond_last_bucket`."""
    buckets = total("rate", series(metric, "bucket"), window, (*by, "le"))
    return f"histogram_quantile({quantile:g}, {buckets}) >= 0"


def beyond_last_bucket(metric: Metric) -> str:
    """The share of values that only the bucket without an upper bound holds."""
    if not metric.buckets:
        raise ValueError(f"{metric.name} has no buckets")
    last = f'le="{metric.buckets[-1]:g}"'
    within = total("increase", series(metric, "bucket"), RANGE, where=(last,))
    return f"clamp_min(1 - {within} / ({total('increase', series(metric, 'count'), RANGE)} > 0), 0)"


def ratio(part: str, whole: str) -> str:
    """Zero where the whole is there and the part is not; nothing, rather than a division by zero, without the whole."""
    return f"({part} or {whole} * 0) / ({whole} > 0)"


def share(part: str, whole: str, within: Iterable[str] = ()) -> str:
    """Each line of the part, against the whole with the same labels `within`."""
    return f"{part} / on ({', '.join(within)}) group_left () ({whole} > 0)"
