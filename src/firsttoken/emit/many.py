"""Many values into one histogram at once.

The metrics API takes one value at a time, and the SDK spends about 100,000 instructions on each, nearly all of it on
the attributes, which are the same for every gap of a stream. So the first value goes the public way, which does
everything that the SDK does for a value, and the others are added to what that made: the SDK's explicit-bucket
aggregation. That is not public. It is done only where the SDK of this process was seen to give the same numbers either
way, and everywhere else every value goes the public way.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from opentelemetry.context import Context
from opentelemetry.metrics import Histogram
from opentelemetry.util.types import AttributeValue

from firsttoken.guard import guarded

Attributes = dict[str, AttributeValue]


def record_many(
    histogram: Histogram, values: Sequence[float], attributes: Attributes, context: Context | None = None
) -> None:
    """As `histogram.record` for each of the values, which are not negative. An exemplar can only be the largest."""
    ordered = sorted(values)
    if not ordered:
        return
    histogram.record(ordered.pop(), attributes, context=context)
    if ordered and not (_is_the_sdks(histogram) and sdk_is_as_known() and add(histogram, ordered, attributes)):
        for value in ordered:
            histogram.record(value, attributes, context=context)


def _is_the_sdks(histogram: object) -> bool:
    return hasattr(histogram, "_measurement_consumer")


def add(histogram: Any, ordered: list[float], attributes: Attributes) -> bool:
    """Adds values in ascending order to every series that has just taken one; False where nothing was added."""
    with ExitStack() as locks:
        try:
            aggregations = _aggregations(histogram, attributes, locks)
        except (AttributeError, KeyError, LookupError, TypeError):
            return False
        for aggregation in aggregations:
            _add_to(aggregation, ordered)
    return True


def _aggregations(histogram: Any, attributes: Attributes, locks: ExitStack) -> list[Any]:
    """One for each reader and view. Raises LookupError where there is one whose values cannot be added to.

    Each stays in its place as long as `locks` are held.
    """
    from opentelemetry.sdk.metrics._internal import aggregation as sdk

    dropped = sdk._DropAggregation  # pyright: ignore[reportPrivateUsage]
    explicit = sdk._ExplicitBucketHistogramAggregation  # pyright: ignore[reportPrivateUsage]
    found: list[Any] = []
    for storage in histogram._measurement_consumer._reader_storages.values():
        for match in storage._instrument_view_instrument_matches[histogram]:
            if type(match._aggregation) is dropped:
                continue
            locks.enter_context(match._lock)
            kept = match._view._attribute_keys
            wanted = {name: value for name, value in attributes.items() if kept is None or name in kept}
            series = [one for one in match._attributes_aggregation.values() if one._attributes == wanted]
            if [type(one) for one in series] != [explicit]:
                raise LookupError(match._name)
            found += series
    return found


def _add_to(aggregation: Any, ordered: list[float]) -> None:
    with aggregation._lock:
        if aggregation._value is None:
            aggregation._value = aggregation._get_empty_bucket_counts()
        below = 0
        for index, boundary in enumerate(aggregation._boundaries):
            up_to = bisect_right(ordered, boundary)
            aggregation._value[index] += up_to - below
            below = up_to
        aggregation._value[-1] += len(ordered) - below
        aggregation._sum += sum(ordered)
        if aggregation._record_min_max:
            aggregation._min = min(aggregation._min, ordered[0])
            aggregation._max = max(aggregation._max, ordered[-1])


@functools.cache
def sdk_is_as_known() -> bool:
    """Whether values that are added give the very points that recorded values give. Tried once, on a provider apart."""
    return bool(_try_out())


@guarded("add to a histogram")
def _try_out() -> bool:
    from opentelemetry.sdk.metrics import Histogram as SdkHistogram
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
    from opentelemetry.sdk.resources import Resource

    temporalities = (AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE)
    readers = [InMemoryMetricReader({SdkHistogram: temporality}) for temporality in temporalities]
    provider = MeterProvider(readers, resource=Resource.get_empty(), shutdown_on_exit=False)
    meter = provider.get_meter(__name__)
    recorded, added = (
        meter.create_histogram(name, explicit_bucket_boundaries_advisory=(1.0, 2.0)) for name in ("recorded", "added")
    )
    attributes: Attributes = {"name": "value", "number": 1}
    for values in ([0.5, 1.0, 1.5, 2.5], [0.25, 4.0, 8.0]):
        for value in values:
            recorded.record(value, attributes)
        added.record(values[0], attributes)
        if not add(added, values[1:], attributes) or not all(_tell_the_same(reader) for reader in readers):
            return False
    return True


def _tell_the_same(reader: Any) -> bool:
    metrics = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    recorded, added = ([_told(point) for point in metric.data.data_points] for metric in metrics)
    return recorded == added and len(recorded) == 1


def _told(point: Any) -> tuple[Any, ...]:
    return point.attributes, point.count, point.sum, point.min, point.max, point.bucket_counts, point.explicit_bounds
