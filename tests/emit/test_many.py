"""Many values of one histogram, recorded at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.context import Context
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import (
    DropAggregation,
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    SumAggregation,
    View,
)

from firsttoken.emit import many
from firsttoken.emit.many import record_many

ATTRIBUTES = {"name": "gpt-4o", "port": 443}
BOUNDS = (0.25, 0.5, 1.0, 4.0)
DELTA, CUMULATIVE = AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE

# In sixty-fourths of a second sums are exact, in whatever order they are made.
VALUES = st.lists(st.integers(0, 640).map(lambda sixty_fourths: sixty_fourths / 64), max_size=20)

VIEWS = {
    "none": [],
    "other name": [View(instrument_name="h", name="other")],
    "one attribute": [View(instrument_name="h", attribute_keys={"port"})],
    "no attribute": [View(instrument_name="h", attribute_keys=set())],
    "other buckets": [View(instrument_name="h", aggregation=ExplicitBucketHistogramAggregation((0.5,)))],
    "no extremes": [View(instrument_name="h", aggregation=ExplicitBucketHistogramAggregation((0.5,), False))],
    "exponential": [View(instrument_name="h", aggregation=ExponentialBucketHistogramAggregation())],
    "sum": [View(instrument_name="h", aggregation=SumAggregation())],
    "dropped": [View(instrument_name="h", aggregation=DropAggregation())],
    "two": [View(instrument_name="h"), View(instrument_name="h", name="other", attribute_keys={"port"})],
    "one of two unknown": [
        View(instrument_name="h"),
        View(instrument_name="h", name="other", aggregation=ExponentialBucketHistogramAggregation()),
    ],
}
READERS = {"cumulative": [CUMULATIVE], "delta": [DELTA], "both": [DELTA, CUMULATIVE], "none": []}

UNTOLD = {"start_time_unix_nano", "time_unix_nano", "scale", "positive"}
"""How an exponential histogram cuts its buckets depends on the order of the values."""

Record = Callable[[Any, list[float]], None]


def one_by_one(histogram: Any, values: list[float]) -> None:
    for value in values:
        histogram.record(value, ATTRIBUTES)


def at_once(histogram: Any, values: list[float]) -> None:
    record_many(histogram, values, ATTRIBUTES)


@contextmanager
def histogram(
    temporalities: list[AggregationTemporality], views: list[View], **options: Any
) -> Iterator[tuple[Any, list[InMemoryMetricReader]]]:
    readers = [InMemoryMetricReader({Histogram: temporality}) for temporality in temporalities]
    provider = MeterProvider(readers, views=views, shutdown_on_exit=False, **options)
    try:
        meter = provider.get_meter("test")
        yield meter.create_histogram("h", "s", explicit_bucket_boundaries_advisory=BOUNDS), readers
    finally:
        provider.shutdown()


def told(reader: InMemoryMetricReader) -> list[tuple[str, dict[str, Any]]]:
    """Every point with everything that it says whatever the time and the order of its values."""
    data = reader.get_metrics_data()
    metrics = [
        metric
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for metric in scope.metrics
    ]
    return [
        (metric.name, {name: value for name, value in vars(point).items() if name not in UNTOLD})
        for metric in metrics
        for point in metric.data.data_points
    ]


def collected(record: Record, temporalities: list[AggregationTemporality], views: list[View], *batches: list[float]):
    """What the readers are told after each of the batches."""
    with histogram(temporalities, views) as (instrument, readers):
        for values in batches:
            record(instrument, values)
            yield [told(reader) for reader in readers]


@pytest.mark.parametrize("views", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("temporalities", READERS.values(), ids=READERS)
@settings(max_examples=8)
@given(first=VALUES, second=VALUES)
def test_values_recorded_at_once_give_the_points_of_values_recorded_one_by_one(
    temporalities: list[AggregationTemporality], views: list[View], first: list[float], second: list[float]
) -> None:
    batches = (first, second)
    expected = list(collected(one_by_one, temporalities, views, *batches))
    assert expected == list(collected(at_once, temporalities, views, *batches))


def test_an_sdk_that_is_not_as_known_takes_every_value_the_public_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "sdk_is_as_known", lambda: False)
    monkeypatch.setattr(many, "add", None)
    values = [0.125, 0.5, 2.0]
    assert list(collected(one_by_one, [CUMULATIVE], [], values)) == list(collected(at_once, [CUMULATIVE], [], values))


def test_this_sdk_is_as_known() -> None:
    assert many.sdk_is_as_known()


def test_a_value_at_a_time_costs_the_sdk_one_measurement_for_each_and_many_cost_it_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert many.sdk_is_as_known()
    with histogram([CUMULATIVE], []) as (instrument, readers):
        taken: list[float] = []
        record = type(instrument).record

        def counting(self: Any, value: float, *args: Any, **kwargs: Any) -> None:
            taken.append(value)
            record(self, value, *args, **kwargs)

        monkeypatch.setattr(type(instrument), "record", counting)
        record_many(instrument, [0.5, 4.0, 0.125], ATTRIBUTES)
        assert taken == [4.0]
        assert told(readers[0])[0][1]["count"] == 3


def test_values_beyond_the_last_series_that_the_sdk_keeps_are_in_the_overflow_as_they_always_are() -> None:
    def crowded(record: Record) -> list[Any]:
        with histogram([CUMULATIVE], []) as (instrument, readers):
            for number in range(2000):
                instrument.record(1.0, {"number": number})
            record(instrument, [0.125, 0.5])
            return sorted(told(readers[0]), key=str)

    assert crowded(one_by_one) == crowded(at_once)


def test_no_value_is_lost_or_counted_twice_while_readers_collect() -> None:
    with histogram([DELTA, CUMULATIVE], []) as (instrument, (delta, cumulative)):
        ended = threading.Event()
        counted: list[int] = []

        def collect() -> None:
            last = False
            while not last:
                last = ended.is_set()
                counted.extend(point["count"] for _, point in told(delta))

        reader = threading.Thread(target=collect)
        reader.start()
        for _ in range(300):
            record_many(instrument, [0.125, 0.5, 0.75, 2.0], ATTRIBUTES)
        ended.set()
        reader.join()
        assert sum(counted) == 1200
        assert [point["count"] for _, point in told(cumulative)] == [1200]


def test_the_exemplar_is_the_largest_value_in_the_context_given() -> None:
    with histogram([CUMULATIVE], [], exemplar_filter=AlwaysOnExemplarFilter()) as (instrument, (reader,)):
        record_many(instrument, [0.125, 2.0, 0.5], ATTRIBUTES, Context())
        (_, point), *_ = told(reader)
        assert [exemplar.value for exemplar in point["exemplars"]] == [2.0]


def test_a_histogram_that_is_not_the_sdks_gets_every_value() -> None:
    class Kept:
        def __init__(self) -> None:
            self.values: list[float] = []

        def record(self, amount: float, attributes: Any = None, context: Any = None) -> None:
            assert attributes == ATTRIBUTES
            self.values.append(amount)

    kept: Any = Kept()
    record_many(kept, [0.5, 0.125, 2.0], ATTRIBUTES)
    assert sorted(kept.values) == [0.125, 0.5, 2.0]


def test_where_no_sdk_is_set_up_nothing_happens() -> None:
    record_many(NoOpMeterProvider().get_meter("test").create_histogram("h"), [0.5, 0.125], ATTRIBUTES)
