"""A program in a process of its own that ends in the middle of every stream.

`python -m observe.exiting COLOUR PORT [FILE]`. With a file it is observed, and leaves there how each
call ended. What it saw it prints.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from opentelemetry import context, trace
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

import firsttoken
from firsttoken import ProviderTrace
from firsttoken.trace.version import EVENT_NAME
from observe.cells import Cell
from observe.ends import EXIT
from observe.program import COLOURS
from observe.surfaces import READINGS, STREAMS
from observe.watching import sees

SURFACES: Final = tuple(surface for surface in (*STREAMS, *READINGS) if Cell(surface, EXIT, "sync").missing is None)
"""Those of which something can be read before the end."""


class Server:
    """The address of a provider server that runs in another process."""

    def __init__(self, port: int) -> None:
        self.anthropic_base_url = f"http://127.0.0.1:{port}"
        self.openai_base_url = f"{self.anthropic_base_url}/v1"


class Ledger(SpanExporter):
    """Writes a line for each call: the number of its surface, and its outcome."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        with self._path.open("a", encoding="utf-8") as file:
            for span in spans:
                number = span.parent.span_id - 1 if span.parent else "none"
                file.write(f"{number} {(span.attributes or {})['firsttoken.outcome']}\n")
        return SpanExportResult.SUCCESS


class TraceLedger(LogRecordExporter):
    """The same for provider traces: a line for each record, whether it is final, and its outcome."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        with self._path.open("a", encoding="utf-8") as file:
            for record in (written.log_record for written in batch):
                if record.event_name == EVENT_NAME:
                    trace = ProviderTrace.from_log_record(record)
                    file.write(f"{trace.attempt.final} {trace.outcome}\n")
        return LogRecordExportResult.SUCCESS

    def shutdown(self) -> None:
        pass

    def force_flush(self, timeout_millis: int = 0) -> bool:
        return True


def observe(path: Path) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(Ledger(path)))
    loggers = LoggerProvider(shutdown_on_exit=False)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(TraceLedger(path.with_suffix(".traces"))))
    firsttoken.instrument(
        tracer_provider=provider,
        meter_provider=MeterProvider(shutdown_on_exit=False),
        logger_provider=loggers,
    )


async def begin_each(colour: str, server: Any) -> None:
    """Reads the first of every stream, holds them all, and leaves the interpreter."""
    program, held, seen = COLOURS[colour], list[Any](), list[object]()
    for number, surface in enumerate(SURFACES):
        if Cell(surface, EXIT, colour).missing:
            continue
        span = NonRecordingSpan(SpanContext(1, number + 1, is_remote=False, trace_flags=TraceFlags(1)))
        token = context.attach(trace.set_span_in_context(span))
        client = program.client(surface.sdk, server)
        opened = await surface.ask(program, client)
        iterator = program.iterate(opened.stream)
        sees(seen)(await program.next(iterator))
        held.append((client, opened, iterator))
        context.detach(token)
    print(seen)
    sys.exit(3)


def main(colour: str, port: str, ledger: str = "") -> None:
    if ledger:
        observe(Path(ledger))
    COLOURS[colour].run(begin_each(colour, Server(int(port))))


if __name__ == "__main__":
    main(*sys.argv[1:])
