"""From a recording to its signals: read, priced and emitted on one background thread."""

from __future__ import annotations

import logging
import weakref
from array import array
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from opentelemetry.trace import set_span_in_context

from firsttoken.call import Call
from firsttoken.emit import LogEmitter, MetricEmitter, SpanEmitter, scope
from firsttoken.errors import SettingsError
from firsttoken.export.in_time import in_time
from firsttoken.export.outbox import Outbox
from firsttoken.export.telemetry import GivenProviders, Telemetry
from firsttoken.guard import guarded
from firsttoken.observe.recording import Recording
from firsttoken.pricing import PriceBook
from firsttoken.semconv import names
from firsttoken.settings import Settings

log = logging.getLogger("firsttoken")

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Gaps:
    """Inter-chunk times of a stream that still runs."""

    recording: Recording
    gaps_ns: array[int]


class Pipeline:
    """Takes recordings in on the caller's path and sends their signals out off it."""

    def __init__(self, settings: Settings, given: GivenProviders) -> None:
        self.settings = settings
        self._prices = _price_book(settings)
        self._outbox: Outbox[Recording | Gaps] = Outbox(self._handle)
        self._open: weakref.WeakSet[Recording] = weakref.WeakSet()
        self._emitters: dict[type[object], tuple[object, object]] = {}
        self._warned: set[str] = set()
        self.telemetry = Telemetry(
            given, settings.local_endpoint, before_flush=self._drain, at_exit=guarded("end well")(self._at_exit)
        )

    @guarded("start a call's span")
    def started(self, recording: Recording) -> None:
        self._open.add(recording)
        self._outbox.ready()
        emitter = self._emitter(SpanEmitter, self.telemetry.tracer_provider, "get_tracer")
        if recording.wants_span and emitter is not None:
            recording.span = emitter.start(recording.request, recording.started_unix_ns)
            recording.context = set_span_in_context(recording.span)

    def gaps(self, recording: Recording, gaps_ns: array[int]) -> None:
        self._outbox.put(Gaps(recording, gaps_ns))

    def finished(self, recording: Recording) -> None:
        self._outbox.put(recording)

    def flush(self, timeout_s: float) -> bool:
        """Emits every finished call and sends what our own providers hold; False when that took too long."""
        return self._outbox.flush(timeout_s) and self.telemetry.flush(timeout_s)

    def close(self) -> None:
        """Emits what is finished and lets go of every provider."""
        self.flush(self.settings.exit_timeout_s)
        self.telemetry.release()

    def _drain(self) -> None:
        self._outbox.flush(self.settings.exit_timeout_s)

    def _at_exit(self) -> None:
        for recording in list(self._open):
            recording.abandon()
        self._drain()
        in_time(self.settings.exit_timeout_s, lambda: self.telemetry.flush(self.settings.exit_timeout_s))

    def _handle(self, item: Recording | Gaps) -> None:
        if isinstance(item, Gaps):
            self._record_gaps(item.recording, item.gaps_ns)
            return
        call = item.call()
        call = replace(call, cost=self._prices.price(call))
        self._end_span(item, call)
        self._record_metrics(item, call)
        self._emit_logs(item, call)

    @guarded("end a call's span")
    def _end_span(self, recording: Recording, call: Call) -> None:
        emitter = self._emitter(SpanEmitter, self.telemetry.tracer_provider, "get_tracer")
        if recording.span is not None and emitter is not None:
            emitter.end(recording.span, call)

    @guarded("record a call's metrics")
    def _record_metrics(self, recording: Recording, call: Call) -> None:
        emitter = self._emitter(MetricEmitter, self.telemetry.meter_provider, "get_meter")
        if emitter is not None:
            emitter.record(call, recording.context)
            emitter.record_gaps(call.request, call.response.model, recording.gaps_left())

    @guarded("record inter-chunk times")
    def _record_gaps(self, recording: Recording, gaps_ns: array[int]) -> None:
        emitter = self._emitter(MetricEmitter, self.telemetry.meter_provider, "get_meter")
        if emitter is not None:
            emitter.record_gaps(recording.request, recording.response_model(), gaps_ns)

    @guarded("emit a call's log events")
    def _emit_logs(self, recording: Recording, call: Call) -> None:
        emitter = self._emitter(LogEmitter, self.telemetry.logger_provider, "get_logger")
        if emitter is not None:
            emitter.emit(call, recording.context)

    def _emitter(self, kind: Callable[[Any], E], find: Callable[[], Any], get: str) -> E | None:
        """The emitter on the provider that now stands, made once for each provider."""
        try:
            provider = find()
        except SettingsError as error:
            self._warn_once(str(error))
            return None
        held, emitter = self._emitters.get(kind, (None, None))  # type: ignore[call-overload]
        if held is not provider:
            source = getattr(provider, get)(scope.NAME, scope.VERSION, schema_url=names.SCHEMA_URL)
            emitter = kind(source)
            self._emitters[kind] = (provider, emitter)  # type: ignore[index]
        return emitter  # type: ignore[return-value]

    def _warn_once(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            log.warning("firsttoken sends nothing: %s", message)


def _price_book(settings: Settings) -> PriceBook:
    try:
        return PriceBook.load(settings.prices)
    except SettingsError as error:
        log.warning("firsttoken ignores FIRSTTOKEN_PRICES: %s", error)
        return PriceBook()
