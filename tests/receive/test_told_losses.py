"""A sender that says what it lost is believed once, and only in words that are known."""

from __future__ import annotations

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from firsttoken.receive.counters import Counters
from firsttoken.receive.decoded import Delivery
from firsttoken.receive.metrics import count_points
from firsttoken.semconv import own

CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA


def told(counters: Counters, number: float, *, kind: int = CUMULATIVE, what: str = "spans", **more) -> dict[str, int]:
    """All losses that are known after this report."""
    request = ExportMetricsServiceRequest()
    sender = request.resource_metrics.add()
    sender.resource.attributes.append(KeyValue(key="host", value=AnyValue(string_value=more.get("host", "a"))))
    metric: Metric = sender.scope_metrics.add().metrics.add(name=more.get("name", own.LOSSES.name))
    metric.sum.aggregation_temporality = kind
    point = metric.sum.data_points.add(start_time_unix_nano=more.get("start", 1))
    if isinstance(number, int):
        point.as_int = number
    else:
        point.as_double = number
    for name, word in ((own.LOST, what), (own.LOST_REASON, "queue_full")):
        point.attributes.append(KeyValue(key=name, value=AnyValue(string_value=word)))
    decoded = count_points(request, Delivery(b"", 1))
    assert decoded.items == 1
    counters.tell(decoded.losses)
    return counters.health(None).told_losses


def test_a_sum_that_is_told_again_counts_only_what_is_more() -> None:
    counters = Counters()
    assert told(counters, 3) == {"spans: queue_full": 3}
    assert told(counters, 3) == {"spans: queue_full": 3}
    assert told(counters, 5.0) == {"spans: queue_full": 5}


def test_each_sender_and_each_start_counts_for_itself() -> None:
    counters = Counters()
    told(counters, 3)
    assert told(counters, 2, host="b") == {"spans: queue_full": 5}
    assert told(counters, 1, start=2) == {"spans: queue_full": 6}


def test_what_is_told_piece_by_piece_is_added() -> None:
    counters = Counters()
    told(counters, 3, kind=DELTA)
    assert told(counters, 3, kind=DELTA) == {"spans: queue_full": 6}


def test_unknown_words_other_metrics_and_numbers_that_cannot_be_are_left_out() -> None:
    counters = Counters()
    for told_wrongly in ({"what": "<script>"}, {"name": "http.losses"}):
        assert told(counters, 3, **told_wrongly) == {}
    for number in (-3, 0, float("nan"), 1e300):
        assert told(counters, number) == {}
