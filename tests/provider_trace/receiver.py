"""A receiver of provider traces for which nothing is needed but `opentelemetry-proto`, with gRPC or an HTTP server.

It imports nothing of firsttoken: what it does, a back end in any language can do.
"""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import (
    LogsServiceServicer,
    add_LogsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

EVENT: Final = "firsttoken.provider_trace"
IDS = tuple[bytes, bytes]
"""Of a trace and a span."""


@dataclass(slots=True)
class Received:
    """Everything that arrived, as it was decoded."""

    endpoint: str = ""
    spans: list[Span] = field(default_factory=list[Span])
    records: list[LogRecord] = field(default_factory=list[LogRecord])

    def take_traces(self, request: ExportTraceServiceRequest) -> None:
        self.spans += [
            span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
        ]

    def take_logs(self, request: ExportLogsServiceRequest) -> None:
        self.records += [
            record
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    @property
    def provider_traces(self) -> list[LogRecord]:
        return [record for record in self.records if record.event_name == EVENT]

    def joined(self) -> list[tuple[Span, list[LogRecord]]]:
        """Each span that has provider traces, with them."""
        by_span: dict[IDS, list[LogRecord]] = {}
        for record in self.provider_traces:
            by_span.setdefault((record.trace_id, record.span_id), []).append(record)
        spans = [(span, by_span.get((span.trace_id, span.span_id), [])) for span in self.spans]
        return [(span, records) for span, records in spans if records]


def decoded(value: AnyValue) -> Any:
    """The plain value of a body or an attribute."""
    match value.WhichOneof("value"):
        case "kvlist_value":
            return {pair.key: decoded(pair.value) for pair in value.kvlist_value.values}
        case "array_value":
            return [decoded(item) for item in value.array_value.values]
        case None:
            return None
        case kind:
            return getattr(value, kind)


@contextmanager
def over_http() -> Iterator[Received]:
    received = Received()
    kinds: dict[str, tuple[Any, Any]] = {
        "/v1/traces": (ExportTraceServiceRequest, received.take_traces),
        "/v1/logs": (ExportLogsServiceRequest, received.take_logs),
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                content = gzip.decompress(content)
            if self.path in kinds:
                message, take = kinds[self.path]
                take(message.FromString(content))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        received.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield received
        server.shutdown()
        thread.join()


@contextmanager
def over_grpc() -> Iterator[Received]:
    received = Received()

    class Traces(TraceServiceServicer):
        def Export(self, request: ExportTraceServiceRequest, context: object) -> ExportTraceServiceResponse:
            received.take_traces(request)
            return ExportTraceServiceResponse()

    class Logs(LogsServiceServicer):
        def Export(self, request: ExportLogsServiceRequest, context: object) -> ExportLogsServiceResponse:
            received.take_logs(request)
            return ExportLogsServiceResponse()

    server = grpc.server(futures.ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(Traces(), server)
    add_LogsServiceServicer_to_server(Logs(), server)
    received.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield received
    finally:
        server.stop(None).wait()


RECEIVERS: Final = {"grpc": over_grpc, "http/protobuf": over_http}
