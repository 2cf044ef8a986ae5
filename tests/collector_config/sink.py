"""A back end that remembers what it was sent: OTLP over gRPC for all signals, and over HTTP for logs."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2, logs_service_pb2_grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

DEADLINE_S = 20


class Received:
    """Names of what arrived, by signal. Safe to use from any thread."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {"spans": [], "metrics": [], "logs": []}
        self._changed = threading.Condition()

    def add(self, signal: str, names: list[str]) -> None:
        with self._changed:
            self._names[signal] += names
            self._changed.notify_all()

    def wait_for(self, signal: str, count: int = 1) -> list[str]:
        """Fails when fewer have come by the deadline."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._names[signal]) >= count, DEADLINE_S), self._names
            return sorted(self._names[signal])

    def now(self, signal: str) -> list[str]:
        with self._changed:
            return sorted(self._names[signal])


class _Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, received: Received) -> None:
        self._received = received

    def Export(self, request, context):
        self._received.add(
            "spans", [span.name for r in request.resource_spans for s in r.scope_spans for span in s.spans]
        )
        return trace_service_pb2.ExportTraceServiceResponse()


class _Metrics(metrics_service_pb2_grpc.MetricsServiceServicer):
    def __init__(self, received: Received) -> None:
        self._received = received

    def Export(self, request, context):
        self._received.add(
            "metrics", [metric.name for r in request.resource_metrics for s in r.scope_metrics for metric in s.metrics]
        )
        return metrics_service_pb2.ExportMetricsServiceResponse()


class _Logs(logs_service_pb2_grpc.LogsServiceServicer):
    def __init__(self, received: Received) -> None:
        self._received = received

    def Export(self, request, context):
        self._received.add("logs", _event_names(request))
        return logs_service_pb2.ExportLogsServiceResponse()


def _event_names(request: logs_service_pb2.ExportLogsServiceRequest) -> list[str]:
    return [record.event_name for r in request.resource_logs for s in r.scope_logs for record in s.log_records]


@contextmanager
def grpc_sink(port: int) -> Iterator[Received]:
    received = Received()
    server = grpc.server(ThreadPoolExecutor(4))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(_Traces(received), server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(_Metrics(received), server)
    logs_service_pb2_grpc.add_LogsServiceServicer_to_server(_Logs(received), server)
    assert server.add_insecure_port(f"127.0.0.1:{port}") == port
    server.start()
    try:
        yield received
    finally:
        server.stop(None).wait()


@contextmanager
def http_log_sink() -> Iterator[tuple[str, Received]]:
    """The URL for logs, and what came there."""
    received = Received()
    with ThreadingHTTPServer(("127.0.0.1", 0), _log_handler(lambda names: received.add("logs", names))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/otlp/v1/logs", received
        finally:
            server.shutdown()
            thread.join()


def _log_handler(take: Callable[[list[str]], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            take(_event_names(logs_service_pb2.ExportLogsServiceRequest.FromString(body)))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            del args

    return Handler
