"""Nothing that was said, and no secret, is in any byte that leaves the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

import firsttoken
from conformance.plays import MODELS, PLAYS, SECRETS
from firsttoken.testing import ProviderServer

NEVER_MS = 3_600_000


class Collector(ThreadingHTTPServer):
    """Takes every request and keeps its bytes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Kept)
        self.bodies: dict[str, bytes] = {}


class Kept(BaseHTTPRequestHandler):
    """Headers belong to the bytes that leave."""

    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.bodies[self.path] = self.server.bodies.get(self.path, b"") + bytes(self.headers) + body
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def exported(server: ProviderServer) -> Iterator[dict[str, bytes]]:
    """The bytes of each signal of every call, as a collector got them."""
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{collector.server_port}"
        tracers, loggers = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{base}/v1/traces")))
        loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{base}/v1/logs")))
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{base}/v1/metrics"), NEVER_MS)
        meters = MeterProvider([reader], shutdown_on_exit=False)
        firsttoken.instrument(
            firsttoken.Settings(), tracer_provider=tracers, meter_provider=meters, logger_provider=loggers
        )
        try:
            for play in PLAYS:
                play.perform(server)
            assert firsttoken.flush()
        finally:
            for provider in (tracers, meters, loggers):
                provider.shutdown()
            firsttoken.uninstrument()
        yield collector.bodies
        collector.shutdown()


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/metrics", "/v1/logs"])
@pytest.mark.parametrize("model", MODELS.values())
def test_every_signal_of_every_sdk_arrived(exported: dict[str, bytes], path: str, model: str) -> None:
    assert model.encode() in exported[path]


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/metrics", "/v1/logs"])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_in_it(exported: dict[str, bytes], path: str, secret: str) -> None:
    assert secret.encode() not in exported[path]
