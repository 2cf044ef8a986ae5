"""The three signals of OTLP: where each arrives, what it is made of, and what is answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, TypeVar

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsPartialSuccess,
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from firsttoken.receive.decoded import Decoded, Delivery
from firsttoken.receive.logs import decode_logs
from firsttoken.receive.metrics import count_points
from firsttoken.receive.traces import decode_traces

RequestT = TypeVar("RequestT", bound=Message)

Fill = Callable[[bytes, Message], None]
"""Reads bytes of one encoding into a message. Raises RefusalError for bytes that are none."""


@dataclass(frozen=True, slots=True)
class Signal(Generic[RequestT]):
    """One row of the table that both transports serve."""

    items: Literal["spans", "log_records", "metric_points"]
    path: str
    service: str
    request: type[RequestT]
    decode: Callable[[RequestT, Delivery], Decoded]
    response: Callable[[int, str], Message]
    """The answer, from how many items were refused and why; the protocol wants it empty where none was."""

    def read(self, delivery: Delivery, fill: Fill) -> Decoded:
        """Raises RefusalError for what is not a request of this signal."""
        request = self.request()
        fill(delivery.payload, request)
        return self.decode(request, delivery)


def _traces_response(refused: int, why: str) -> Message:
    partial = ExportTracePartialSuccess(rejected_spans=refused, error_message=why)
    return ExportTraceServiceResponse(partial_success=partial if refused else None)


def _metrics_response(refused: int, why: str) -> Message:
    partial = ExportMetricsPartialSuccess(rejected_data_points=refused, error_message=why)
    return ExportMetricsServiceResponse(partial_success=partial if refused else None)


def _logs_response(refused: int, why: str) -> Message:
    partial = ExportLogsPartialSuccess(rejected_log_records=refused, error_message=why)
    return ExportLogsServiceResponse(partial_success=partial if refused else None)


SIGNALS: Final[tuple[Signal[Any], ...]] = (
    Signal(
        items="spans",
        path="/v1/traces",
        service="opentelemetry.proto.collector.trace.v1.TraceService",
        request=ExportTraceServiceRequest,
        decode=decode_traces,
        response=_traces_response,
    ),
    Signal(
        items="metric_points",
        path="/v1/metrics",
        service="opentelemetry.proto.collector.metrics.v1.MetricsService",
        request=ExportMetricsServiceRequest,
        decode=count_points,
        response=_metrics_response,
    ),
    Signal(
        items="log_records",
        path="/v1/logs",
        service="opentelemetry.proto.collector.logs.v1.LogsService",
        request=ExportLogsServiceRequest,
        decode=decode_logs,
        response=_logs_response,
    ),
)
