"""What was said leaves the process only where that was asked for, and no secret ever does: every byte is searched."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
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
from patience import PATIENCE_S

import firsttoken
from conformance.plays import MODELS, NEVER_TOLD, PLAYS, SECRETS
from firsttoken import Settings
from firsttoken.settings import ContentCapture
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


Exported = Callable[[ContentCapture], dict[str, bytes]]


def _export(server: ProviderServer, settings: Settings) -> dict[str, bytes]:
    """The bytes of each signal of every call, as a collector got them."""
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{collector.server_port}"
        tracers, loggers = TracerProvider(shutdown_on_exit=False), LoggerProvider(shutdown_on_exit=False)
        tracers.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{base}/v1/traces")))
        loggers.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(f"{base}/v1/logs")))
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{base}/v1/metrics"), NEVER_MS)
        meters = MeterProvider([reader], shutdown_on_exit=False)
        firsttoken.instrument(settings, tracer_provider=tracers, meter_provider=meters, logger_provider=loggers)
        try:
            for play in PLAYS:
                play.perform(server)
            assert firsttoken.flush(PATIENCE_S)
        finally:
            for provider in (tracers, meters, loggers):
                provider.shutdown()
            firsttoken.uninstrument()
        collector.shutdown()
        return collector.bodies


@pytest.fixture(scope="module")
def exported(server: ProviderServer) -> Exported:
    """Every call once for each place that its content may go to."""
    return cache(lambda capture: _export(server, Settings(capture_content=capture)))


EVERY_PATH = pytest.mark.parametrize("path", ["/v1/traces", "/v1/metrics", "/v1/logs"])
PLACES: dict[ContentCapture, set[str]] = {
    "NO_CONTENT": set(),
    "SPAN_ONLY": {"/v1/traces"},
    "EVENT_ONLY": {"/v1/logs"},
    "SPAN_AND_EVENT": {"/v1/traces", "/v1/logs"},
}
EVERY_CAPTURE = pytest.mark.parametrize("capture", PLACES)


@EVERY_PATH
@pytest.mark.parametrize("model", MODELS.values())
def test_every_signal_of_every_sdk_arrived(exported: Exported, path: str, model: str) -> None:
    assert model.encode() in exported("NO_CONTENT")[path]


@EVERY_CAPTURE
@EVERY_PATH
@pytest.mark.parametrize("said", sorted(set(SECRETS) - set(NEVER_TOLD)))
def test_what_was_said_is_where_it_was_asked_for_and_nowhere_else(
    exported: Exported, path: str, capture: ContentCapture, said: str
) -> None:
    assert (path in PLACES[capture]) == (said.encode() in exported(capture)[path])


@EVERY_CAPTURE
@EVERY_PATH
@pytest.mark.parametrize("secret", NEVER_TOLD)
def test_no_key_and_no_header_is_anywhere(exported: Exported, path: str, capture: ContentCapture, secret: str) -> None:
    assert secret.encode() not in exported(capture)[path]
