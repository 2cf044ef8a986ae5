"""OTLP exporters and SDK providers made from the standard `OTEL_*` variables."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk._logs.export import LogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter

from firsttoken.errors import SettingsError
from firsttoken.export.counting import CountingLogProcessor, CountingSpanProcessor
from firsttoken.export.delivery import LOGS, SPANS, DeliveringExporter, Kind
from firsttoken.export.late import LateExporter
from firsttoken.losses import note_loss, open_way

if TYPE_CHECKING:
    import requests

LOCAL_DELAY_MS: Final = 100
"""How long a span or event may wait before it goes to a local receiver, where a person is watching."""

LOCAL_TIMEOUT_S: Final = 5.0
"""How long one delivery to a local receiver may take, retries included: it answers at once or is gone."""

OTLP_BY_PROTOCOL: Final = {"grpc": "otlp_proto_grpc", "http/protobuf": "otlp_proto_http"}
"""The exporters' own names, under which they are installed."""

Signal = Literal["traces", "metrics", "logs"]

Later = Callable[[Callable[[], object]], object]
"""Has something done off the caller's path, soon."""


def exporter_names(signal: Signal) -> list[str]:
    """Which exporters `OTEL_<SIGNAL>_EXPORTER` names, where `otlp` is the one for the protocol that is set."""
    words = [word.strip() for word in os.environ.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp").split(",")]
    wanted = [word for word in words if word.lower() not in ("", "none")]
    return [OTLP_BY_PROTOCOL[_protocol(signal)] if word.lower() == "otlp" else word for word in wanted]


def find_exporter(signal: Signal, name: str) -> EntryPoint | None:
    """Where the exporter of this name is installed. Imports nothing."""
    return next(iter(entry_points(group=f"opentelemetry_{signal}_exporter", name=name)), None)


def make_exporters(signal: Signal) -> list[Any]:
    """The exporters themselves. Imports what they need: gRPC alone takes longer than all the rest of ours."""
    return [_exporter_class(signal, name)() for name in exporter_names(signal)]


def own_tracer_provider(later: Later, resource: Resource) -> TracerProvider:
    """A provider of ours with the exporters that the environment asks for. It is never made global."""
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    if exporter_names("traces"):
        provider.add_span_processor(_span_processor(lambda: make_exporters("traces"), later))
    return provider


def own_meter_provider(later: Later, resource: Resource) -> MeterProvider:
    del later  # No caller's path leads here.
    readers = [made if isinstance(made, MetricReader) else _metric_reader(made) for made in make_exporters("metrics")]
    return MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False)


def own_logger_provider(later: Later, resource: Resource) -> LoggerProvider:
    provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
    if exporter_names("logs"):
        provider.add_log_record_processor(_log_processor(lambda: make_exporters("logs"), later))
    return provider


def local_span_processor(endpoint: str, later: Later) -> SpanProcessor:
    """Sends spans to a receiver at `endpoint`, soon."""

    def make() -> list[Any]:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return [OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=LOCAL_TIMEOUT_S, session=_direct())]

    return _span_processor(make, later, LOCAL_DELAY_MS)


def local_log_processor(endpoint: str, later: Later) -> LogRecordProcessor:
    """Sends log events to a receiver at `endpoint`, soon."""

    def make() -> list[Any]:
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

        return [OTLPLogExporter(f"{endpoint}/v1/logs", timeout=LOCAL_TIMEOUT_S, session=_direct())]

    return _log_processor(make, later, LOCAL_DELAY_MS)


def _direct() -> requests.Session:
    """A session that goes by no proxy: what is on this machine is not reached through one."""
    import requests

    session = requests.Session()
    session.trust_env = False
    return session


def _metric_reader(exporter: MetricExporter) -> MetricReader:
    exporter = _for_one_process(exporter)
    try:
        return PeriodicExportingMetricReader(exporter)
    except RuntimeError:  # The program ends, and starts no thread any more. What there is goes out when it is flushed.
        return PeriodicExportingMetricReader(exporter, export_interval_millis=math.inf)


def _span_processor(make: Callable[[], list[Any]], later: Later, delay_ms: int | None = None) -> SpanProcessor:
    exporter = _late(make, SPANS, later)
    return CountingSpanProcessor(cast("SpanExporter", exporter), schedule_delay_millis=delay_ms)


def _log_processor(make: Callable[[], list[Any]], later: Later, delay_ms: int | None = None) -> LogRecordProcessor:
    exporter = _late(make, LOGS, later)
    try:
        return CountingLogProcessor(cast("LogRecordExporter", exporter), schedule_delay_millis=delay_ms)
    except RuntimeError:  # Likewise.
        return SimpleLogRecordProcessor(cast("LogRecordExporter", exporter))


def _late(make: Callable[[], list[Any]], kind: Kind, later: Later) -> LateExporter:
    open_way(kind.name)
    exporter = LateExporter(lambda: [DeliveringExporter(made, kind) for made in make()])
    later(exporter.exporters)
    return exporter


def _protocol(signal: Signal) -> str:
    """gRPC where nothing is set, as in the OpenTelemetry SDK for Python."""
    names = (f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    name = next((name for name in names if os.environ.get(name, "").strip()), names[1])
    word = os.environ.get(name, "").strip().lower() or "grpc"
    if word not in OTLP_BY_PROTOCOL:
        raise SettingsError(f"{name}={word!r} is not supported: set it to grpc or http/protobuf")
    return word


def _exporter_class(signal: Signal, name: str) -> Callable[[], Any]:
    if (found := find_exporter(signal, name)) is not None:
        return found.load()
    variable = f"OTEL_{signal.upper()}_EXPORTER"
    raise SettingsError(
        f"{variable}={name!r} is not installed: set it to otlp, console or none, or install its package"
    )


def _for_one_process(exporter: Any) -> Any:
    """Silences a metric exporter in forked children: their provider has the parent's sums, and gets one of its own.
    Elsewhere its failures are counted."""
    process, export = os.getpid(), exporter.export
    open_way("metrics")

    def export_here(*args: Any, **kwargs: Any) -> Any:
        if os.getpid() != process:
            return None
        result = export(*args, **kwargs)
        if getattr(result, "name", "SUCCESS") != "SUCCESS":
            note_loss("metrics", "export_failed")
        return result

    exporter.export = export_here
    return exporter
