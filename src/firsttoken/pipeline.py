"""From a recording to its signals: read, priced and emitted on one background thread."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

from opentelemetry.trace import set_span_in_context

from firsttoken.call import Call, Portion, Request
from firsttoken.call.bodies import NO_BODIES, Bodies
from firsttoken.call.content import Content
from firsttoken.emit import LogEmitter, MetricEmitter, ProviderTraceEmitter, SpanEmitter, scope
from firsttoken.emit.active_metrics import watch_active_calls
from firsttoken.emit.loss_metrics import watch_losses
from firsttoken.emit.running import RunningEmitter
from firsttoken.errors import SettingsError
from firsttoken.export.child_ends import at_child_end
from firsttoken.export.last_things import last_things
from firsttoken.export.made_for import MadeFor
from firsttoken.export.outbox import OUTBOX, STORING
from firsttoken.export.telemetry import LOGS, METRICS, TRACES, GivenProviders, Telemetry, find_provider
from firsttoken.guard import guarded
from firsttoken.live import LOOK_S, Live
from firsttoken.losses import note_loss, open_way
from firsttoken.observe.arrivals import Arrivals
from firsttoken.observe.recording import Recording
from firsttoken.observe.silence import Silence
from firsttoken.pricing import PriceBook
from firsttoken.pricing.beside_cost import beside_cost
from firsttoken.privacy.keeping import Keeping
from firsttoken.privacy.shelves import shelf_at
from firsttoken.privacy.store import ContentStore
from firsttoken.providers.stated_cost import stated_cost
from firsttoken.semconv.older import SCHEMA_URLS
from firsttoken.semconv.write import Written, written
from firsttoken.settings import ContentLevel, Settings

log = logging.getLogger("firsttoken")

PIPELINES: Final[weakref.WeakSet[Pipeline]] = weakref.WeakSet()
"""All that still have a call to end, and the one that stands."""
LOOKS_PER_STALL: Final = 0.1
LONGEST_LOOK_S: Final = 1.0
"""Streams that are open are looked at so often: as a part of the time that is a stall, and at least."""


class Pipeline:
    """Takes recordings in on the caller's path and sends their signals out off it."""

    def __init__(self, settings: Settings, given: GivenProviders) -> None:
        self.settings = settings
        self.given = given
        self.telemetry = Telemetry(
            given,
            settings.local_endpoint,
            later=OUTBOX.put,
            before_flush=lambda: OUTBOX.run(_nothing, settings.exit_timeout_s),
            at_exit=guarded("end well")(self._at_exit),
        )
        self._prices = _price_book(settings)
        self._contents = _content_store(settings)
        self._keeping = Keeping(settings, _keep_nothing if self._contents is None else self._contents.keep)
        find = self.telemetry.provider
        wanted = settings.conventions
        ours = (scope.NAME, scope.VERSION, SCHEMA_URLS[wanted])
        self._spans = MadeFor(
            partial(find, TRACES),
            lambda made: SpanEmitter(made.get_tracer(*ours), wanted, milestones=settings.traces_on_spans),
        )
        self._metrics = MadeFor(partial(find, METRICS), partial(_metric_emitter, ours, settings))
        self._logs = MadeFor(partial(find, LOGS), lambda made: LogEmitter(made.get_logger(*ours), wanted))
        self._traces = MadeFor(partial(find, LOGS), lambda made: ProviderTraceEmitter(made.get_logger(*ours), wanted))
        self._open: weakref.WeakSet[Recording] = weakref.WeakSet()
        self._opening = threading.Lock()
        self._closing = False
        self._watched = False
        PIPELINES.add(self)
        open_way("outbox")
        self._stall_ns = int(settings.stall_s * 1e9)
        self._keeps_timelines = settings.timeline and settings.traces_in_logs
        self._running = MadeFor(partial(find, LOGS), lambda made: RunningEmitter(made.get_logger(*ours), wanted))
        self._live = Live(self._running.current) if settings.live else None
        self._looking = self._ends_well = self._telling = False
        self.emitted = 0
        """How many calls went out to the providers."""
        if hasattr(os, "register_at_fork"):
            forked = weakref.WeakMethod(self._forked)
            os.register_at_fork(after_in_child=lambda: (method := forked()) and method())

    @guarded("start a call's span")
    def started(self, recording: Recording) -> None:
        with self._opening:
            self._open.add(recording)
            looks = recording.request.stream and self._stall_ns > 0
            begins, self._looking = looks and not self._looking, self._looking or looks
            tells, self._telling = self._live is not None and not self._telling, self._live is not None
        if self._keeps_timelines and recording.request.stream and recording.wire.tells_contents:
            recording.arrivals = Arrivals()
        if looks:
            recording.silence = Silence(self._stall_ns, recording.start)
        if tells and not OUTBOX.again(self._tell, LOOK_S):
            self._telling = False  # The next call tries again.
        if begins and not OUTBOX.again(self._look, min(self.settings.stall_s * LOOKS_PER_STALL, LONGEST_LOOK_S)):
            self._looking = False
        self._ready()
        if not self._watched:
            self._watched = True
            OUTBOX.put(self._watch)
        self.telemetry.prepare()
        emitter = self._spans.current() if recording.wants_span else None
        if emitter is not None:
            recording.span = emitter.start(recording.request, recording.started_unix_ns)
            recording.context = set_span_in_context(recording.span)

    def _ready(self) -> None:
        """Once there is something to send."""
        if not self._ends_well:
            self._ends_well = True
            at_child_end(guarded("end well")(self._at_exit))
        OUTBOX.ready()

    @property
    def open_calls(self) -> int:
        """How many have begun and are not emitted."""
        with self._opening:
            return len(self._open)

    def running(self) -> list[Request]:
        """The requests of those that have not ended."""
        with self._opening:
            return [recording.request for recording in self._open if not recording.ended]

    def tracer_provider(self) -> Any | None:
        """The provider that stands now, for spans beside those of calls."""
        self._ready()
        self.telemetry.prepare()
        return self.telemetry.provider(TRACES)

    def meter_provider(self) -> Any | None:
        """Likewise. Off the caller's path: one of ours may be made for it."""
        return self.telemetry.provider(METRICS)

    def gaps(self, recording: Recording) -> None:
        OUTBOX.put(partial(self._record_gaps, recording))

    def finished(self, recording: Recording) -> None:
        if not OUTBOX.put(partial(self._emit, recording)):
            note_loss("calls", "queue_full")

    def flush(self, timeout_s: float) -> bool:
        """Emits every finished call and sends what our own providers hold; False when that took too long."""
        deadline = time.monotonic() + timeout_s
        if not OUTBOX.run(_nothing, timeout_s):
            return False
        left_s = max(deadline - time.monotonic(), 0)
        sent = OUTBOX.aside(partial(self.telemetry.flush, left_s), left_s) is True
        return _stored(max(deadline - time.monotonic(), 0)) and sent

    def close(self) -> None:
        """Emits what is finished, and lets go of every provider as soon as no call runs any more."""
        deadline = time.monotonic() + self.settings.exit_timeout_s
        self._closing = True
        if OUTBOX.used:
            OUTBOX.run(_nothing, self.settings.exit_timeout_s)
            _stored(max(deadline - time.monotonic(), 0))
        self._let_go(max(deadline - time.monotonic(), 0))

    def shut_down(self, timeout_s: float) -> bool:
        """Ends every call, emits and sends it, and lets go of every provider; False when that took too long."""
        deadline = time.monotonic() + timeout_s
        self._each_open(Recording.abandon)
        last_things()
        delivered = not OUTBOX.used or self.flush(timeout_s)
        self._closing = True
        return self._release(max(deadline - time.monotonic(), 0)) and delivered

    def _release(self, timeout_s: float) -> bool:
        def released() -> bool:
            self.telemetry.release()
            return True

        return OUTBOX.aside(released, timeout_s) is True

    def on_sigterm(self, *, ends: bool) -> None:
        """In a handler, which may have interrupted anything: another thread does it, and is not awaited for ever."""
        timeout_s = self.settings.exit_timeout_s
        OUTBOX.aside(self._at_exit if ends else partial(self.flush, timeout_s), timeout_s)

    @guarded("watch the first call")
    def _watch(self) -> None:
        """Of others' providers alone: one of ours is made when there is something to send."""
        if find_provider(METRICS, self.given)[1] is not None:
            self._metrics.current()

    def _look(self) -> bool:
        """Looks at the streams that are open, and says whether to look again."""
        with self._opening:
            streams = [recording for recording in self._open if recording.silence is not None]
            self._looking = bool(streams)
        for recording in streams:
            self._look_at(recording)
        return bool(streams)

    def _tell(self) -> bool:
        """Says of the calls that run that they do, and whether to look again."""
        with self._opening:
            running = list(self._open)
            self._telling = bool(running)
        if self._live is not None:
            self._live.look(running)
        return bool(running)

    @guarded("look at a stream")
    def _look_at(self, recording: Recording) -> None:
        stage = recording.look(recording.clock())
        if stage is not None and (emitter := self._metrics.current()) is not None:
            emitter.record_stalls(recording.request, recording.response_model(), {stage: 1})

    def _let_go(self, timeout_s: float) -> None:
        if self._closing and not self._open:
            self._release(timeout_s)

    def _at_exit(self) -> None:
        self._each_open(Recording.abandon)
        last_things()
        if OUTBOX.used:
            self.flush(self.settings.exit_timeout_s)

    def _forked(self) -> None:
        """In a forked child: the calls that run are its parent's to record."""
        self._opening = threading.Lock()
        self._looking = self._ends_well = self._telling = False
        self._each_open(Recording.disown)
        self._open.clear()
        self.telemetry.forked()
        if self._contents is not None:
            self._contents.forked()

    def _each_open(self, action: Callable[[Recording], object]) -> None:
        with self._opening:
            still_open = list(self._open)
        for recording in still_open:
            action(recording)

    def _emit(self, recording: Recording) -> None:
        try:
            self._emit_signals(recording, recording.call())
            self.emitted += 1
        finally:
            recording.forget()
            with self._opening:
                self._open.discard(recording)
            self._let_go(0)

    def _emit_signals(self, recording: Recording, call: Call) -> None:
        told = self._messages(recording, call.content)
        silent = replace(call, cost=self._price(call, recording.portions), content=None)
        levels = recording.levels
        self._record_metrics(recording, silent)  # First, for what counts losses must not wait for a span processor.
        attributes = _written(silent)
        self._end_span(recording, _saying(silent, told.get(levels.spans)), attributes)
        self._emit_logs(recording, _saying(silent, told.get(levels.events)), attributes)
        if self.settings.traces_in_logs:
            self._emit_provider_traces(recording, silent, attributes)

    def _messages(self, recording: Recording, content: Content | None) -> dict[ContentLevel, Content | None]:
        """What was said, by each level at which it goes out."""
        if content is None:
            return {}
        levels: set[ContentLevel] = {recording.levels.spans, recording.levels.events}
        return {level: self._kept(recording, content, level) for level in levels}

    @guarded("redact and cut what was said")
    def _kept(self, recording: Recording, content: Content, level: ContentLevel) -> Content | None:
        return self._keeping.messages(content, level, recording.keys())

    def _bodies(self, recording: Recording) -> Bodies:
        """What of the request and the answer goes into the provider trace."""
        return self._kept_bodies(recording) or NO_BODIES

    @guarded("redact and cut bodies")
    def _kept_bodies(self, recording: Recording) -> Bodies:
        return self._keeping.bodies(*recording.bodies(), recording.levels.trace, recording.keys())

    @guarded("price a call")
    def _price(self, call: Call, portions: Collection[Portion]) -> Any:
        return None if call.was_refused else stated_cost(call) or self._prices.price(call, portions)

    @guarded("end a call's span")
    def _end_span(self, recording: Recording, call: Call, attributes: Written | None) -> None:
        if recording.span is not None and (emitter := self._spans.current()) is not None:
            emitter.end(recording.span, call, attributes)

    @guarded("record a call's metrics")
    def _record_metrics(self, recording: Recording, call: Call) -> None:
        if (emitter := self._metrics.current()) is not None:
            emitter.record(call, recording.context, beside_cost(call, self._prices, recording.portions))
            emitter.record_gaps(call.request, call.response.model, recording.gaps())
            emitter.record_stalls(call.request, call.response.model, recording.untold_stalls())

    @guarded("record inter-chunk times")
    def _record_gaps(self, recording: Recording) -> None:
        gaps_ns = recording.gaps()
        if (emitter := self._metrics.current()) is not None:
            emitter.record_gaps(recording.request, recording.response_model(), gaps_ns)

    @guarded("emit a call's log events")
    def _emit_logs(self, recording: Recording, call: Call, attributes: Written | None) -> None:
        if (emitter := self._logs.current()) is not None:
            emitter.emit(call, recording.context, attributes)

    @guarded("emit a call's provider traces")
    def _emit_provider_traces(self, recording: Recording, call: Call, attributes: Written | None) -> None:
        if (emitter := self._traces.current()) is not None:
            emitter.emit(call, recording.context, self._bodies(recording), attributes)


def _saying(silent: Call, content: Content | None) -> Call:
    return silent if content is None else replace(silent, content=content)


@guarded("write a call's attributes")
def _written(call: Call) -> Written:
    return written(call)


def _metric_emitter(ours: tuple[str, str, str], settings: Settings, provider: Any) -> MetricEmitter:
    watch_losses(provider)
    watch_active_calls(provider, _running)
    return MetricEmitter(provider.get_meter(*ours), settings.conventions, settings.metric_attributes)


def _running() -> Iterator[Request]:
    """In this process: streams that run over a change of settings belong to the pipeline before."""
    return (request for pipeline in list(PIPELINES) for request in pipeline.running())


def _content_store(settings: Settings) -> ContentStore | None:
    if settings.content_store is None:
        return None
    try:
        return ContentStore(shelf_at(settings.content_store), _store_later)
    except SettingsError as error:
        log.warning("firsttoken ignores FIRSTTOKEN_CONTENT_STORE: %s", error)
        return None


def _store_later(action: Callable[[], object]) -> bool:
    STORING.ready()
    return STORING.put(action)


def _stored(timeout_s: float) -> bool:
    """Waits until what was cut is stored; False when that takes too long."""
    return not STORING.used or STORING.run(_nothing, timeout_s) is True


def _keep_nothing(text: str, sha256: str) -> None:
    """Without a content store, what is cut out is gone."""
    del text, sha256


def _nothing() -> bool:
    """Is done when everything before it is."""
    return True


def _price_book(settings: Settings) -> PriceBook:
    try:
        return PriceBook.load(settings.prices)
    except SettingsError as error:
        log.warning("firsttoken ignores FIRSTTOKEN_PRICES: %s", error)
        return PriceBook()
