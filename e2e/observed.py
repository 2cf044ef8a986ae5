"""An application whose calls of the real SDKs are observed by `firsttoken.instrument` and told by OTLP.

One at a time in a process, because SDKs are observed once in each. `observed_child` is one in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import IO, Any

import anthropic
import grpc
import httpx2
import openai
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogs
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetrics
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogs
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetrics
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import format_trace_id

import firsttoken
from firsttoken import Settings
from firsttoken.call import Usage
from firsttoken.testing import Cut, Delivery, ErrorAnswer, ProviderServer, cached_answer, text_answer
from firsttoken.testing.script import Reply

MODELS = {"openai": "gpt-4.1", "anthropic": "claude-sonnet-4-6"}
"""What is asked where a call does not name its model. Both have a price."""
FAILURES = (openai.APIError, anthropic.APIError, httpx2.TransportError)
NEVER_MS = 3_600_000
"""Telemetry goes out when it is flushed, and not before: a trace comes whole, however slow the machine is."""
HALFWAY = 5
"""The number of a chunk in the middle of an answer on either wire."""
BIG_USAGE = Usage(input_tokens=900_000, output_tokens=90_000, cache_read_tokens=0, cache_write_tokens=0)
FLUSHED_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Otlp:
    """Where telemetry goes, and how."""

    endpoint: str
    """`host:port` for gRPC, and the base URL for HTTP."""
    protocol: str = "grpc"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    ca_file: str | None = None
    """What the server's certificate is checked with. Without it nothing is encrypted."""
    certificate_file: str | None = None
    """The client's own, with its key, where the server asks for it."""
    key_file: str | None = None

    def exporters(self) -> tuple[Any, Any, Any]:
        """Of spans, metrics and logs."""
        if self.protocol == "http":
            return tuple(
                exporter(
                    f"{self.endpoint}/v1/{signal}",
                    certificate_file=self.ca_file,
                    client_certificate_file=self.certificate_file,
                    client_key_file=self.key_file,
                    headers=dict(self.headers),
                )
                for exporter, signal in ((HttpSpans, "traces"), (HttpMetrics, "metrics"), (HttpLogs, "logs"))
            )
        security = {"insecure": True} if self.ca_file is None else {"credentials": self._credentials()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        return tuple(
            exporter(self.endpoint, headers=headers, **security) for exporter in (GrpcSpans, GrpcMetrics, GrpcLogs)
        )

    def _credentials(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(*map(_content, (self.ca_file, self.key_file, self.certificate_file)))


def _content(path: str | None) -> bytes | None:
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()


class _LastStarted(SpanProcessor):
    """Remembers the trace of the span that began last: that of the call that was just made."""

    trace_id = ""

    def on_start(self, span, parent_context=None) -> None:
        self.trace_id = format_trace_id(span.get_span_context().trace_id)


@dataclass(frozen=True, slots=True)
class Observed:
    """Makes calls as one service. Every method that makes some returns the id of their trace, in hex."""

    provider: ProviderServer
    clients: Mapping[str, Any]
    tracers: TracerProvider
    meters: MeterProvider
    loggers: LoggerProvider
    _last: _LastStarted

    @property
    def last_trace_id(self) -> str:
        """That of a call that was made some other way."""
        return self._last.trace_id

    def whole(self, **asked: str) -> str:
        """A call that completes, not streamed."""
        return self.ask(text_answer(), stream=False, **asked)

    def stream(self, **asked: str) -> str:
        return self.ask(text_answer(), **asked)

    def cached(self, **asked: str) -> str:
        """Part of its prompt came from the provider's cache."""
        return self.ask(cached_answer(), **asked)

    def say(self, prompt: str, answer: str, **asked: str) -> str:
        """A stream of which is known what was said."""
        return self.ask(text_answer(answer), prompt=prompt, **asked)

    def fail(self, status: int = 500, **asked: str) -> str:
        """Refused with an HTTP error that is not tried again."""
        return self.ask(ErrorAnswer(status=status, headers={"x-should-retry": "false"}), **asked)

    def cut(self, **asked: str) -> str:
        """The connection is lost in the middle of the stream."""
        return self.ask(text_answer(delivery=Delivery(stop_after=HALFWAY, stop_by=Cut.RESET)), **asked)

    def close(self, **asked: str) -> str:
        """The application itself closes the stream, before its end."""
        return self.ask(text_answer(), leaves_early=True, **asked)

    def slow(self, first_token_s: float = 0.3, **asked: str) -> str:
        """A stream whose first chunk is late."""
        return self.ask(text_answer(delivery=Delivery(first_after=first_token_s)), **asked)

    def stall(self, still_s: float = 0.6, **asked: str) -> str:
        """A stream that stands still in the middle. It counts as a stall where the settings' `stall_s` is less."""
        return self.ask(text_answer(delivery=Delivery(before={HALFWAY: still_s})), **asked)

    def costly(self, usage: Usage = BIG_USAGE, **asked: str) -> str:
        """A call of some dollars."""
        return self.ask(text_answer(usage=usage), **asked)

    def agent(self, *kinds: str, name: str = "planner", **asked: str) -> str:
        """A trace of an agent that uses a tool, and makes a call by each of these methods."""
        with firsttoken.agent(name):
            with firsttoken.tool("search"):
                trace_id = self._last.trace_id
            for kind in kinds or ("stream",):
                getattr(self, kind)(**asked)
        return trace_id

    def ask(
        self,
        reply: Reply,
        *,
        sdk: str = "openai",
        model: str | None = None,
        prompt: str = "What is a first token?",
        stream: bool = True,
        leaves_early: bool = False,
    ) -> str:
        """A call that is answered so. What a provider does wrong is passed over."""
        self.provider.enqueue(reply)
        messages = [{"role": "user", "content": prompt}]
        with suppress(*FAILURES):
            answer = _create(self.clients[sdk])(
                model=model or MODELS[sdk], messages=messages, max_tokens=100, stream=stream, **_usage(sdk, stream)
            )
            if stream:
                _read(answer, leaves_early)
        return self._last.trace_id

    def flush(self) -> None:
        """Returns when everything has been sent; fails where somebody does not take it."""
        assert firsttoken.flush(FLUSHED_WITHIN_S)
        for signal in (self.tracers, self.meters, self.loggers):
            assert signal.force_flush()


def _create(client: Any) -> Any:
    return client.messages.create if isinstance(client, anthropic.Anthropic) else client.chat.completions.create


def _usage(sdk: str, stream: bool) -> dict[str, Any]:
    return {"stream_options": {"include_usage": True}} if stream and sdk == "openai" else {}


def _read(stream: Any, leaves_early: bool) -> None:
    with stream:
        for number, _ in enumerate(stream):
            if leaves_early and number == HALFWAY:
                return


@contextmanager
def observed(
    endpoint: str | Otlp,
    service: str = "shop",
    *,
    environment: str = "prod",
    settings: Settings | None = None,
    resource: Mapping[str, str] | None = None,
) -> Iterator[Observed]:
    """In this process. What was not flushed goes out at the end.

    Content is captured where the settings say so: `CONTENT` has all of it everywhere.
    """
    otlp = endpoint if isinstance(endpoint, Otlp) else Otlp(endpoint=endpoint)
    names = {"service.name": service, "deployment.environment.name": environment, **(resource or {})}
    tracers, meters, loggers = _providers(otlp, Resource.create(names))
    last = _LastStarted()
    tracers.add_span_processor(last)
    with (
        ProviderServer() as provider,
        openai.OpenAI(base_url=provider.openai_base_url, api_key="none", max_retries=1) as gpt,
        anthropic.Anthropic(base_url=provider.anthropic_base_url, api_key="none", max_retries=1) as claude,
    ):
        firsttoken.instrument(
            settings or Settings(), tracer_provider=tracers, meter_provider=meters, logger_provider=loggers
        )
        try:
            yield Observed(provider, {"openai": gpt, "anthropic": claude}, tracers, meters, loggers, last)
        finally:
            assert firsttoken.flush(FLUSHED_WITHIN_S)
            firsttoken.uninstrument()
            for signal in (tracers, meters, loggers):
                signal.shutdown()


CONTENT = Settings(capture_content="SPAN_AND_EVENT", trace_content="full")


def _providers(otlp: Otlp, resource: Resource) -> tuple[TracerProvider, MeterProvider, LoggerProvider]:
    spans, metrics, logs = otlp.exporters()
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(BatchSpanProcessor(spans, schedule_delay_millis=NEVER_MS))
    meters = MeterProvider([PeriodicExportingMetricReader(metrics, NEVER_MS)], resource)
    loggers = LoggerProvider(resource)
    loggers.add_log_record_processor(BatchLogRecordProcessor(logs, schedule_delay_millis=NEVER_MS))
    return tracers, meters, loggers


class Child:
    """An application in another process: `child.do("slow", first_token_s=0.1)` is `slow(first_token_s=0.1)` there."""

    def __init__(self, orders: IO[str], answers: IO[str]) -> None:
        self._orders = orders
        self._answers = answers

    def do(self, method: str, *arguments: str, **asked: Any) -> str:
        """The id of the trace; nothing for `flush`."""
        print(json.dumps([method, arguments, asked]), file=self._orders, flush=True)
        answer = self._answers.readline()
        assert answer, f"the application ended at {method}"
        return json.loads(answer) or ""

    def flush(self) -> None:
        self.do("flush")


@contextmanager
def observed_child(
    endpoint: str | Otlp, service: str = "shop", *, environment: str = "prod", content: bool = False
) -> Iterator[Child]:
    otlp = endpoint if isinstance(endpoint, Otlp) else Otlp(endpoint=endpoint)
    begun = json.dumps({"otlp": asdict(otlp), "service": service, "environment": environment, "content": content})
    child = subprocess.Popen(
        [sys.executable, "-m", "e2e.observed", begun],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        try:
            yield Child(child.stdin, child.stdout)
        finally:
            child.stdin.close()
            child.wait()
    assert child.returncode == 0


def main() -> None:
    begun = json.loads(sys.argv[1])
    start = partial(observed, Otlp(**begun["otlp"]), begun["service"], environment=begun["environment"])
    with start(settings=CONTENT if begun["content"] else None) as app:
        for line in sys.stdin:
            method, arguments, asked = json.loads(line)
            print(json.dumps(getattr(app, method)(*arguments, **asked)), flush=True)


if __name__ == "__main__":
    main()
