"""Which providers our signals go to: those given, else the application's own, else ours."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry._logs import LoggerProvider, get_logger_provider
from opentelemetry._logs._internal import ProxyLoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.metrics._internal import _ProxyMeterProvider  # pyright: ignore[reportPrivateUsage]
from opentelemetry.trace import ProxyTracerProvider, TracerProvider

from firsttoken.export import exporters
from firsttoken.guard import guarded


@dataclass(frozen=True, slots=True)
class GivenProviders:
    """Providers that the caller of `instrument()` named. None means "find one"."""

    tracer: TracerProvider | None = None
    meter: MeterProvider | None = None
    logger: LoggerProvider | None = None


class Telemetry:
    """Finds the providers anew for each call, so that an application may set its own at any time.

    Providers of the application are joined and never replaced or made global. Where a local endpoint is set, it gets a
    copy of the spans and log events besides.
    """

    def __init__(
        self,
        given: GivenProviders,
        local_endpoint: str | None,
        *,
        before_flush: Callable[[], object],
        at_exit: Callable[[], object],
    ) -> None:
        """`before_flush` hands over what still waits on our side; `at_exit` does so when the program ends."""
        self._given = given
        self._local_endpoint = local_endpoint.rstrip("/") if local_endpoint else None
        self._own: dict[str, Any] = {}
        self._joined: dict[int, Any] = {}
        self._local: list[Any] = []
        self._lock = threading.Lock()
        self._before_flush = before_flush
        self._at_exit = at_exit
        atexit.register(at_exit)
        self._restores: list[Callable[[], None]] = []

    def tracer_provider(self) -> TracerProvider:
        """Raises SettingsError where ours has to be built and the environment cannot be understood."""
        found = self._given.tracer or trace.get_tracer_provider()
        if isinstance(found, ProxyTracerProvider):
            return self._our(
                "tracer", exporters.own_tracer_provider, "add_span_processor", exporters.local_span_processor
            )
        self._join(found, "add_span_processor", exporters.local_span_processor)
        return found

    def meter_provider(self) -> MeterProvider:
        found = self._given.meter or metrics.get_meter_provider()
        if isinstance(found, _ProxyMeterProvider):
            return self._our("meter", exporters.own_meter_provider)
        self._join(found)
        return found

    def logger_provider(self) -> LoggerProvider:
        found = self._given.logger or get_logger_provider()
        if isinstance(found, ProxyLoggerProvider):
            adder = "add_log_record_processor"
            return self._our("logger", exporters.own_logger_provider, adder, exporters.local_log_processor)
        self._join(found, "add_log_record_processor", exporters.local_log_processor)
        return found

    def _our(
        self,
        signal: str,
        make: Callable[[], Any],
        adder: str | None = None,
        local: Callable[[str], Any] | None = None,
    ) -> Any:
        if signal not in self._own:
            with self._lock:
                if signal not in self._own:
                    provider = make()
                    self._add_local(provider, adder, local)
                    self._own[signal] = provider
        return self._own[signal]

    def _join(self, provider: Any, adder: str | None = None, local: Callable[[str], Any] | None = None) -> None:
        """Once per provider: what waits here is handed over before it flushes, and the local endpoint gets its copy."""
        if id(provider) in self._joined:
            return
        with self._lock:
            if id(provider) in self._joined:
                return
            self._joined[id(provider)] = provider
            self._add_local(provider, adder, local)
            for name in ("force_flush", "shutdown"):
                self._drain_before(provider, name)
            # Exit handlers run last in, first out: ours has to come before that of a provider made after us.
            atexit.unregister(self._at_exit)
            atexit.register(self._at_exit)

    def _add_local(self, provider: Any, adder: str | None, local: Callable[[str], Any] | None) -> None:
        if adder is None or local is None or self._local_endpoint is None or not hasattr(provider, adder):
            return
        processor = local(self._local_endpoint)
        getattr(provider, adder)(processor)
        self._local.append(processor)

    @guarded("prepare a provider's flush")
    def _drain_before(self, provider: Any, name: str) -> None:
        flush = getattr(provider, name, None)
        if flush is None:
            return

        def drained(*args: Any, **kwargs: Any) -> Any:
            self._before_flush()
            return flush(*args, **kwargs)

        setattr(provider, name, drained)
        self._restores.append(lambda: provider.__dict__.pop(name, None))

    def flush(self, timeout_s: float) -> bool:
        """Sends what our own providers and the local copies hold. Joined providers are the application's to flush."""
        flushed = [_flush(holder, timeout_s) for holder in (*self._own.values(), *self._local)]
        return all(flushed)

    def release(self) -> None:
        """Gives joined providers their own methods back and shuts ours down."""
        atexit.unregister(self._at_exit)
        for restore in self._restores:
            restore()
        for provider in self._own.values():
            guarded("shut a provider down")(provider.shutdown)()


@guarded("flush a provider")
def _flush(holder: Any, timeout_s: float) -> bool:
    return bool(holder.force_flush(int(timeout_s * 1000)))
