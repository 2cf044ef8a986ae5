"""Which providers our signals go to: those given, else the application's own, else ours."""

from __future__ import annotations

import atexit
import functools
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from opentelemetry import metrics, trace
from opentelemetry._logs import LoggerProvider, get_logger_provider
from opentelemetry._logs._internal import ProxyLoggerProvider
from opentelemetry.metrics import MeterProvider
from opentelemetry.metrics._internal import _ProxyMeterProvider  # pyright: ignore[reportPrivateUsage]
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import ProxyTracerProvider, TracerProvider

from firsttoken.export import exporters
from firsttoken.export.exporters import Later
from firsttoken.guard import guarded

log = logging.getLogger("firsttoken")


@dataclass(frozen=True, slots=True)
class GivenProviders:
    """Providers that the caller of `instrument()` named. None means "find one"."""

    tracer: TracerProvider | None = None
    meter: MeterProvider | None = None
    logger: LoggerProvider | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where one signal's provider comes from."""

    given: str
    """The field of GivenProviders."""
    current: Callable[[], Any]
    """The application's own."""
    unset: type
    """What stands there until the application sets one."""
    make: Callable[[Later, Resource], Any]
    add: str = ""
    """The provider's method that takes a processor, where the local endpoint gets a copy."""
    make_local: Callable[[str, Later], Any] | None = None


TRACES: Final = Source(
    "tracer",
    trace.get_tracer_provider,
    ProxyTracerProvider,
    exporters.own_tracer_provider,
    "add_span_processor",
    exporters.local_span_processor,
)
METRICS: Final = Source("meter", metrics.get_meter_provider, _ProxyMeterProvider, exporters.own_meter_provider)
LOGS: Final = Source(
    "logger",
    get_logger_provider,
    ProxyLoggerProvider,
    exporters.own_logger_provider,
    "add_log_record_processor",
    exporters.local_log_processor,
)
SOURCES: Final = (TRACES, METRICS, LOGS)


Whose = Literal["given", "application", "ours"]
"""Who made a provider: the caller of `instrument()` named it, the application set it, or there was none but ours."""


def find_provider(source: Source, given: GivenProviders) -> tuple[Whose, Any | None]:
    """The provider of others that stands now; None where ours is used. Makes and joins nothing."""
    if (named := getattr(given, source.given)) is not None:
        return "given", named
    current = source.current()
    return ("ours", None) if isinstance(current, source.unset) else ("application", current)


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
        later: Later,
        before_flush: Callable[[], object],
        at_exit: Callable[[], object],
    ) -> None:
        """`before_flush` hands over what still waits on our side; `at_exit` does so when the program ends."""
        self._given = given
        self._local_endpoint = local_endpoint.rstrip("/") if local_endpoint else None
        self._later = later
        self._before_flush = guarded("flush what waits")(before_flush)
        self._at_exit = at_exit
        self._resource: Resource | None = None
        self._is_prepared = False
        self._own: dict[Source, Any] = {}
        self._joined: dict[int, Any] = {}
        self._local: list[Any] = []
        self._restores: list[Callable[[], None]] = []
        self._warned: set[str] = set()
        self._lock = threading.RLock()
        self._flushing = threading.Lock()
        atexit.register(at_exit)

    def provider(self, source: Source) -> Any | None:
        """The provider that stands now, or None where one of ours cannot be made. Never raises."""
        try:
            _, found = find_provider(source, self._given)
            if found is None:
                return self._own[source] if source in self._own else self._make_own(source)
            if id(found) not in self._joined:
                self._join(found, source)
            return found
        except Exception as error:  # noqa: BLE001  whatever the environment names may be anything
            self._warn(error)
            return None

    @property
    def complaints(self) -> tuple[str, ...]:
        """Why something cannot be exported, each once."""
        return tuple(sorted(self._warned))

    @guarded("describe the program")
    def prepare(self) -> None:
        """Makes ready what providers of ours need while the program still runs.

        Most of them are made when the first call has ended, and the program may have ended with it: its detectors of
        resources then find no thread to run on. Where others have made all of them that is a wait for nothing.
        """
        if self._is_prepared:
            return
        self._is_prepared = True
        if any(find_provider(source, self._given)[1] is None for source in SOURCES):
            self._resource = Resource.create()

    def flush(self, timeout_s: float) -> bool:
        """Sends what our own providers and the local copies hold. Joined providers are the application's to flush.

        May take longer than `timeout_s`, for exporters do. Whoever asks meanwhile waits no longer than that.
        """
        if not self._flushing.acquire(timeout=timeout_s):
            return False
        try:
            flushed = [_flush(holder, timeout_s) for holder in self._holders()]
        finally:
            self._flushing.release()
        return all(flushed)

    def release(self) -> None:
        """Gives joined providers their own methods back and shuts ours down, which sends what they hold."""
        atexit.unregister(self._at_exit)
        with self._lock:
            restores, holders = list(self._restores), list(self._holders())
            for kept in (self._restores, self._own, self._joined, self._local):
                kept.clear()
        for restore in restores:
            restore()
        for holder in holders:
            guarded("shut a provider down")(holder.shutdown)()

    def forked(self) -> None:
        """Begins anew in a child: its sums are its own, and no lock of its parent holds it."""
        self._lock, self._flushing = threading.RLock(), threading.Lock()
        self._own.pop(METRICS, None)

    def _holders(self) -> Iterator[Any]:
        yield from (provider for provider in self._own.values() if provider is not None)
        yield from self._local

    def _make_own(self, source: Source) -> Any | None:
        with self._lock:
            if source not in self._own:
                self._own[source] = self._made(source)
            return self._own[source]

    def _made(self, source: Source) -> Any | None:
        try:
            provider = source.make(self._soon, self._resource or Resource.create())
            self._add_local(provider, source)
        except Exception as error:  # noqa: BLE001  whatever the environment names may be anything
            self._warn(error)
            return None
        return provider

    def _join(self, provider: Any, source: Source) -> None:
        """Once per provider: what waits here is handed over before it flushes, and the local endpoint gets its copy."""
        with self._lock:
            if id(provider) in self._joined:
                return
            self._joined[id(provider)] = provider
            self._add_local(provider, source)
            for name in ("force_flush", "shutdown"):
                self._drain_before(provider, name)
            # Exit handlers run last in, first out: ours has to come before that of a provider made after us.
            atexit.unregister(self._at_exit)
            atexit.register(self._at_exit)

    def _add_local(self, provider: Any, source: Source) -> None:
        if source.make_local is None or self._local_endpoint is None or not hasattr(provider, source.add):
            return
        processor = source.make_local(self._local_endpoint, self._soon)
        getattr(provider, source.add)(processor)
        self._local.append(processor)

    @guarded("prepare a provider's flush")
    def _drain_before(self, provider: Any, name: str) -> None:
        flush = getattr(provider, name, None)
        if flush is None:
            return

        @functools.wraps(flush)
        def drained(*args: Any, **kwargs: Any) -> Any:
            self._before_flush()
            return flush(*args, **kwargs)

        def restore() -> None:
            if getattr(provider, name) is drained:
                delattr(provider, name)

        setattr(provider, name, drained)
        self._restores.append(restore)

    def _soon(self, action: Callable[[], object]) -> None:
        """Has it done later, and says so where it cannot be."""

        def attempt() -> None:
            try:
                action()
            except Exception as error:  # noqa: BLE001  whatever the environment names may be anything
                self._warn(error)

        self._later(attempt)

    def _warn(self, error: Exception) -> None:
        """Once for each thing that is wrong: the calls go on, and every one of them would say it again."""
        message = str(error) or type(error).__qualname__
        if message not in self._warned:
            self._warned.add(message)
            log.warning("firsttoken cannot export: %s", message)


@guarded("flush a provider")
def _flush(holder: Any, timeout_s: float) -> bool:
    return bool(holder.force_flush(int(timeout_s * 1000)))
