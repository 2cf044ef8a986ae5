"""Collectors that keep what arrives over OTLP, by HTTP and by gRPC, and one that is as good as dead."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from firsttoken.semconv.own import RECORD_ORIGINAL_SIZE
from firsttoken.trace.version import EVENT_NAME


@dataclass
class Received:
    """Names of what arrived, in its order."""

    endpoint: str = ""
    spans: list[str] = field(default_factory=list[str])
    metrics: set[str] = field(default_factory=set[str])
    logs: list[str] = field(default_factory=list[str])
    """But provider traces."""
    resources: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    """The attributes of each message's."""
    provider_traces: int = 0
    largest: int = 0
    """Bytes of the largest message, before it was compressed."""
    sent: bytearray = field(default_factory=bytearray)
    """Every message, one after another: all texts in it stand there as UTF-8."""
    original_sizes: list[int] = field(default_factory=list[int])
    """What the marks of spans and log records say that were cut."""

    def take(self, request: Any) -> None:
        self.sent += request.SerializeToString()
        self.largest = max(self.largest, request.ByteSize())
        for field_value in (of_one for _, of_all in request.ListFields() for of_one in of_all):
            told = field_value.resource.attributes
            self.resources.append({attribute.key: attribute.value.string_value for attribute in told})
        for resource in getattr(request, "resource_spans", ()):
            spans = [span for scope in resource.scope_spans for span in scope.spans]
            self.spans += [span.name for span in spans]
            self._read_marks(spans)
        for resource in getattr(request, "resource_metrics", ()):
            self.metrics |= {metric.name for scope in resource.scope_metrics for metric in scope.metrics}
        for resource in getattr(request, "resource_logs", ()):
            records = [record for scope in resource.scope_logs for record in scope.log_records]
            sent = [record.event_name for record in records]
            self.logs += [name for name in sent if name != EVENT_NAME]
            self.provider_traces += sent.count(EVENT_NAME)
            self._read_marks(records)

    def _read_marks(self, records: list[Any]) -> None:
        attributes = [attribute for record in records for attribute in record.attributes]
        self.original_sizes += [mark.value.int_value for mark in attributes if mark.key == RECORD_ORIGINAL_SIZE]


@contextmanager
def http_collector() -> Iterator[Received]:
    received = Received()
    kinds = {
        "/v1/traces": trace_service_pb2.ExportTraceServiceRequest,
        "/v1/metrics": metrics_service_pb2.ExportMetricsServiceRequest,
        "/v1/logs": logs_service_pb2.ExportLogsServiceRequest,
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                content = gzip.decompress(content)
            received.take(kinds[self.path].FromString(content))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def grpc_collector() -> Iterator[Received]:
    received = Received()

    class Service(
        trace_service_pb2_grpc.TraceServiceServicer,
        metrics_service_pb2_grpc.MetricsServiceServicer,
        logs_service_pb2_grpc.LogsServiceServicer,
    ):
        def Export(self, request: Any, context: Any) -> Any:
            received.take(request)
            return _answer_to(request)

    server = grpc.server(futures.ThreadPoolExecutor(4))
    service = Service()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(service, server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(service, server)
    logs_service_pb2_grpc.add_LogsServiceServicer_to_server(service, server)
    received.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield received
    finally:
        server.stop(None).wait()


@contextmanager
def dead_collector() -> Iterator[Received]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield Received(endpoint=f"http://127.0.0.1:{listening.getsockname()[1]}")


def _answer_to(request: Any) -> Any:
    answers = {
        trace_service_pb2.ExportTraceServiceRequest: trace_service_pb2.ExportTraceServiceResponse,
        metrics_service_pb2.ExportMetricsServiceRequest: metrics_service_pb2.ExportMetricsServiceResponse,
        logs_service_pb2.ExportLogsServiceRequest: logs_service_pb2.ExportLogsServiceResponse,
    }
    return answers[type(request)]()
