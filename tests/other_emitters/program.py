"""The traffic under one instrumentation, in a process of its own: telemetry as lines of OTLP JSON, as a collector's
file exporter writes them."""

from __future__ import annotations

import argparse
import base64
import importlib
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import set_tracer_provider

from other_emitters import traffic

HOUR_BEGAN_NS: Final = 1_795_000_000_000_000_000
"""19 November 2026, in the morning."""
IDS: Final = ("traceId", "spanId", "parentSpanId")
TIMES: Final = ("startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano")


def ours() -> None:
    import firsttoken

    firsttoken.instrument(firsttoken.Settings(capture_content="SPAN_ONLY"))


def openllmetry() -> None:
    _instrument("opentelemetry.instrumentation.openai", "OpenAIInstrumentor")
    _instrument("opentelemetry.instrumentation.anthropic", "AnthropicInstrumentor")


def openinference() -> None:
    _instrument("openinference.instrumentation.openai", "OpenAIInstrumentor")
    _instrument("openinference.instrumentation.anthropic", "AnthropicInstrumentor")


def opentelemetry() -> None:
    """That of OpenTelemetry itself for openai, and the spans that the anthropic SDK makes itself."""
    _instrument("opentelemetry.instrumentation.openai_v2", "OpenAIInstrumentor")


def _instrument(module: str, name: str) -> None:
    getattr(importlib.import_module(module), name)().instrument()


EMITTERS: Final[Mapping[str, Callable[[], None]]] = {
    emitter.__name__: emitter for emitter in (ours, openllmetry, openinference, opentelemetry)
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("emitter", choices=EMITTERS)
    parser.add_argument("base_url")
    parser.add_argument("file", type=Path)
    parser.add_argument("--rounds", type=int, default=traffic.ROUNDS)
    asked = parser.parse_args()
    resource = Resource({"service.name": asked.emitter})
    spans, logs = InMemorySpanExporter(), InMemoryLogRecordExporter()
    tracers, loggers = TracerProvider(resource=resource), LoggerProvider(resource=resource)
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    set_tracer_provider(tracers)
    set_logger_provider(loggers)
    EMITTERS[asked.emitter]()
    begun = traffic.run(asked.base_url, asked.rounds)
    tracers.force_flush()
    loggers.force_flush()
    with asked.file.open("w") as file:
        for span in spans.get_finished_spans():
            print(_line(encode_spans([span]), begun), file=file)
        for log in logs.get_finished_logs():
            print(_line(encode_logs([log]), begun), file=file)


def _line(request: Any, begun: list[int]) -> str:
    return json.dumps(_as_otlp(MessageToDict(request, use_integers_for_enums=True), begun), separators=(",", ":"))


def _as_otlp(node: Any, begun: list[int]) -> Any:
    """With ids in hexadecimal, and the calls one after the other in an hour."""
    if isinstance(node, list):
        return [_as_otlp(item, begun) for item in node]
    if not isinstance(node, dict):
        return node
    told = {name: _as_otlp(value, begun) for name, value in node.items()}
    for name in IDS:
        if name in told:
            told[name] = base64.b64decode(told[name]).hex()
    moved = [name for name in TIMES if name in told]
    if moved:
        began = int(told[moved[0]])
        number = max(0, bisect_right(begun, began) - 1)
        shift = HOUR_BEGAN_NS + number * traffic.SPACING_S * 10**9 - begun[number]
        told |= {name: str(int(told[name]) + shift) for name in moved}
    return told


if __name__ == "__main__":
    main()
