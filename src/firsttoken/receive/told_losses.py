"""What senders say that they lost, by our own metric: the only one of which more is known than how often it came."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Final, get_args

from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric, NumberDataPoint
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from firsttoken.losses import Lost, Reason
from firsttoken.receive.decoded import ToldLoss
from firsttoken.receive.values import attributes_of
from firsttoken.semconv import own

KNOWN: Final = {own.LOST: frozenset(get_args(Lost)), own.LOST_REASON: frozenset(get_args(Reason))}
MOST: Final = 2**53


def told_losses(resource: Resource, metric: Metric) -> Iterator[ToldLoss]:
    """None for any other metric. What is not said in our words is left out."""
    if metric.name != own.LOSSES.name or metric.WhichOneof("data") != "sum":
        return
    is_more = metric.sum.aggregation_temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    for point in metric.sum.data_points:
        said = attributes_of(point.attributes)
        words = [said.get(name) for name in KNOWN]
        number = _number(point)
        if number and all(word in known for word, known in zip(words, KNOWN.values(), strict=True)):
            yield ToldLoss(_sender(resource, point), ": ".join(map(str, words)), number, is_more)


def _number(point: NumberDataPoint) -> int:
    number = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
    return int(number) if 0 < number < MOST else 0


def _sender(resource: Resource, point: NumberDataPoint) -> str:
    """A count begins anew where a process does: then its start is another one."""
    told = resource.SerializeToString(deterministic=True) + str(point.start_time_unix_nano).encode()
    return blake2b(told, digest_size=12).hexdigest()
