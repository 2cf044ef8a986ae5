"""A back end that remembers what it was sent, over gRPC or HTTP, and can be made to refuse it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from e2e import telemetry
from e2e.http_server import Quiet, answering
from e2e.telemetry import LogRecord, Metric, Span

DEADLINE_S = 30
LARGEST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a back end answers that does not take what it is sent."""

    code: grpc.StatusCode
    http: int
    retry_after_s: int | None = None
    keeps: bool = False
    """Whether it has taken it all the same."""


AWAY: Final = Refusal(grpc.StatusCode.UNAVAILABLE, 503)
TOO_MANY: Final = Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, 429, retry_after_s=1)
TOO_MANY_FOR_GOOD: Final = Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, 429)
"""Over gRPC this is not to be tried again: nothing says when."""
MALFORMED: Final = Refusal(grpc.StatusCode.INVALID_ARGUMENT, 400)
"""Not to be tried again."""
TAKEN: Final = Refusal(grpc.StatusCode.UNAVAILABLE, 503, keeps=True)
"""It was stored, and the answer was lost."""


class Received:
    """All that arrived, in the order in which it came. Safe to use from any thread."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.logs: list[LogRecord] = []
        self.metrics: list[Metric] = []
        self.requests: list[Any] = []
        """Of all signals, as they came."""
        self.refused = 0
        """How many requests were refused."""
        self._refusal: Refusal | None = None
        self._changed = threading.Condition()

    def until(self, condition: Callable[[], object]) -> None:
        """Fails when it does not hold by the deadline. It is asked again whenever something came or was refused."""
        with self._changed:
            assert self._changed.wait_for(condition, DEADLINE_S), (
                f"{self.now('spans')}, {self.now('logs')}, {self.now('metrics')}, {self.refused} refused"
            )

    def wait_for(self, signal: str, count: int = 1) -> list[str]:
        """Names of what came. Fails when fewer have come by the deadline."""
        self.until(lambda: len(getattr(self, signal)) >= count)
        return self.now(signal)

    def now(self, signal: str) -> list[str]:
        with self._changed:
            return sorted(each.name for each in getattr(self, signal))

    @contextmanager
    def refusing(self, refusal: Refusal) -> Iterator[None]:
        """Everything that comes in the meantime is answered so."""
        self._refusal = refusal
        try:
            yield
        finally:
            self._refusal = None

    def take(self, signal: str, request: Any) -> Refusal | None:
        """Why not, where it is not taken."""
        with self._changed:
            if self._refusal is None or self._refusal.keeps:
                self.requests.append(request)
                getattr(self, signal).extend(SIGNALS[signal].read(request))
            self.refused += self._refusal is not None
            self._changed.notify_all()
            return self._refusal


@dataclass(frozen=True, slots=True)
class Signal:
    service: str
    path: str
    request: type[Message]
    response: type[Message]
    read: Callable[[Any], Iterator[Any]]


SIGNALS: Final = {
    "spans": Signal(
        "opentelemetry.proto.collector.trace.v1.TraceService",
        "/v1/traces",
        trace_service_pb2.ExportTraceServiceRequest,
        trace_service_pb2.ExportTraceServiceResponse,
        telemetry.spans,
    ),
    "metrics": Signal(
        "opentelemetry.proto.collector.metrics.v1.MetricsService",
        "/v1/metrics",
        metrics_service_pb2.ExportMetricsServiceRequest,
        metrics_service_pb2.ExportMetricsServiceResponse,
        telemetry.metrics,
    ),
    "logs": Signal(
        "opentelemetry.proto.collector.logs.v1.LogsService",
        "/v1/logs",
        logs_service_pb2.ExportLogsServiceRequest,
        logs_service_pb2.ExportLogsServiceResponse,
        telemetry.log_records,
    ),
}


@contextmanager
def grpc_sink(port: int, received: Received | None = None) -> Iterator[Received]:
    """Takes all signals. One that was stopped goes on where it is started with what had been received."""
    received = received or Received()
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", LARGEST)])
    server.add_generic_rpc_handlers(tuple(_grpc_handler(received, *item) for item in SIGNALS.items()))
    assert server.add_insecure_port(f"127.0.0.1:{port}") == port
    server.start()
    try:
        yield received
    finally:
        server.stop(None).wait()


def _grpc_handler(received: Received, name: str, signal: Signal) -> grpc.GenericRpcHandler:
    def export(request: Message, context: grpc.ServicerContext) -> Message:
        refusal = received.take(name, request)
        if refusal is not None:
            if refusal.retry_after_s is not None:
                context.set_trailing_metadata((("grpc-status-details-bin", _try_again(refusal)),))
            context.abort(refusal.code, "refused by the sink")
        return signal.response()

    handler = grpc.unary_unary_rpc_method_handler(export, signal.request.FromString, signal.response.SerializeToString)
    return grpc.method_handlers_generic_handler(signal.service, {"Export": handler})


def _try_again(refusal: Refusal) -> bytes:
    info = RetryInfo()
    info.retry_delay.FromSeconds(refusal.retry_after_s or 0)
    detail = AnyMessage()
    detail.Pack(info)
    return Status(code=refusal.code.value[0], details=[detail]).SerializeToString()


@contextmanager
def http_sink(port: int = 0, received: Received | None = None) -> Iterator[tuple[str, Received]]:
    """The URL to which `/v1/traces` and so on are added, and what came there."""
    received = received or Received()
    with answering(_http_handler(received), port) as url:
        yield f"{url}/otlp", received


def _http_handler(received: Received) -> type[Quiet]:
    class Handler(Quiet):
        def do_POST(self) -> None:
            body = self.body()
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            name = next(name for name, signal in SIGNALS.items() if self.path.endswith(signal.path))
            refusal = received.take(name, SIGNALS[name].request.FromString(body))
            wait = None if refusal is None else refusal.retry_after_s
            later = {} if wait is None else {"Retry_After": str(wait)}
            self.answer(200 if refusal is None else refusal.http, Content_Type="application/x-protobuf", **later)

    return Handler
