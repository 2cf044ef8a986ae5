"""Where telemetry goes, held against what the exporters themselves make of the same environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SimpleSpanProcessor

from firsttoken.diagnosis.destinations import Destination, OtherExporter, configured, of_provider
from firsttoken.export.exporters import Signal

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
EXPORTERS: dict[tuple[str, Signal], Any] = {
    ("otlp_proto_grpc", "traces"): GrpcSpans,
    ("otlp_proto_grpc", "metrics"): GrpcMetrics,
    ("otlp_proto_grpc", "logs"): GrpcLogs,
    ("otlp_proto_http", "traces"): HttpSpans,
    ("otlp_proto_http", "metrics"): HttpMetrics,
    ("otlp_proto_http", "logs"): HttpLogs,
}
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "nothing": {},
    "general": {ENDPOINT: "http://collector:1234"},
    "slash": {ENDPOINT: "http://collector:1234/"},
    "path": {ENDPOINT: "http://collector/otlp"},
    "secure": {ENDPOINT: "https://collector"},
    "own": {ENDPOINT: "http://a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b:1/x"},
    "no-scheme": {ENDPOINT: "collector:4317"},
    "no-scheme-insecure": {ENDPOINT: "collector:4317", "OTEL_EXPORTER_OTLP_INSECURE": "true"},
    "empty": {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "", ENDPOINT: "http://c:9"},
}


def set_all(monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


def is_secure(exporter: Any) -> bool:
    """Before OpenTelemetry 1.40 by what it has made for itself."""
    return not exporter._insecure if hasattr(exporter, "_insecure") else hasattr(exporter, "_credentials")


@pytest.mark.parametrize("environ", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.parametrize(("name", "signal"), EXPORTERS, ids=lambda value: value)
def test_an_exporter_sends_where_we_say_it_sends(
    name: str, signal: Signal, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_all(monkeypatch, environ)
    exporter = EXPORTERS[name, signal]()
    found = configured(signal, name, environ)
    exporter.shutdown()
    assert isinstance(found, Destination)
    endpoint = exporter._endpoint
    if not endpoint:
        pytest.skip("this OpenTelemetry takes an empty variable for an address")
    if name == "otlp_proto_grpc":
        assert (endpoint, is_secure(exporter)) == (urlsplit(found.url).netloc or found.url, found.is_secure)
    else:
        assert endpoint == found.url
    assert found.is_default is not any(environ.values())


def test_the_headers_of_a_signal_come_before_those_of_all() -> None:
    environ = {"OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "B=2%203,broken"}
    traces, logs = (configured(signal, "otlp_proto_http", environ) for signal in ("traces", "logs"))
    assert isinstance(traces, Destination)
    assert isinstance(logs, Destination)
    assert (traces.headers, logs.headers) == ({"b": "2 3"}, {"a": "1"})
    assert "2 3" not in repr(traces)


@pytest.mark.parametrize("processor", [BatchSpanProcessor, SimpleSpanProcessor])
@pytest.mark.parametrize(
    ("exporter", "protocol", "url"),
    [
        (lambda: HttpSpans("https://c/v1/traces", headers={"k": "v"}), "http/protobuf", "https://c/v1/traces"),
        (lambda: GrpcSpans("http://c:1", headers={"k": "v"}), "grpc", "http://c:1"),
        (lambda: GrpcSpans("c:1", insecure=False, headers={"k": "v"}), "grpc", "https://c:1"),
    ],
    ids=["http", "grpc", "grpc-secure"],
)
def test_the_endpoint_of_an_applications_exporter_is_read_from_it(
    processor: Any, exporter: Any, protocol: str, url: str
) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor(exporter()))
    (found,) = of_provider("traces", provider, {})
    provider.shutdown()
    assert isinstance(found, Destination)
    assert (protocol, url, "the program's own code") == (found.protocol, found.url, found.variable)
    assert found.headers["k"] == "v"


def test_metrics_of_an_application_are_followed_to_their_exporters() -> None:
    readers = [PeriodicExportingMetricReader(HttpMetrics("http://c/v1/metrics")), InMemoryMetricReader()]
    provider = MeterProvider(readers, shutdown_on_exit=False)
    found = list(of_provider("metrics", provider, {}))
    provider.shutdown()
    assert {"http://c/v1/metrics", "InMemoryMetricReader"} == {
        one.url if isinstance(one, Destination) else one.name for one in found
    }


class Sending(SpanProcessor):
    """One that needs no exporter."""


def test_a_processor_that_needs_no_exporter_is_named_itself() -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Sending())
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter()))
    assert {OtherExporter("Sending"), OtherExporter("ConsoleSpanExporter")} == set(of_provider("traces", provider, {}))


@pytest.mark.parametrize("provider", [TracerProvider(shutdown_on_exit=False), object(), None])
def test_a_provider_that_exports_nothing_has_no_destination(provider: object) -> None:
    assert list(of_provider("traces", provider, {})) == []
