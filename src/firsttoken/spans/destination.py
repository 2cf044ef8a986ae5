"""Where spans of the application's work go: as `instrument()` has it, else to the application's own providers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from opentelemetry.trace import Tracer

from firsttoken.emit import scope
from firsttoken.export.child_ends import at_child_end
from firsttoken.export.last_things import last_things
from firsttoken.export.made_for import MadeFor
from firsttoken.export.outbox import OUTBOX
from firsttoken.export.telemetry import METRICS, TRACES, Source, Telemetry, find_provider
from firsttoken.guard import guarded
from firsttoken.instrumentation import NONE_GIVEN, environment_settings, standing_pipeline
from firsttoken.pipeline import Pipeline
from firsttoken.privacy.keeping import Keeping
from firsttoken.privacy.policy import Levels
from firsttoken.semconv.older import SCHEMA_URLS
from firsttoken.settings import Settings
from firsttoken.spans.metrics import WorkMetrics

HAND_OVER_S: Final = Settings().exit_timeout_s
"""How long a flush or the end of the program may wait for what is to be handed to the application's providers."""

Find = Callable[[], Any]


class Destination:
    """The tracer and the instruments on the providers that stand now, and the options that hold there."""

    def __init__(self, settings: Settings, find_tracers: Find, find_meters: Find) -> None:
        self.levels = Levels.of(settings)
        self.keeping = Keeping(settings, _not_stored)
        ours = (scope.NAME, scope.VERSION, SCHEMA_URLS[settings.conventions])
        self._tracers = MadeFor[Any, Tracer](find_tracers, lambda made: made.get_tracer(*ours))
        self._metrics = MadeFor(find_meters, lambda made: WorkMetrics(made.get_meter(*ours)))

    def tracer(self) -> Tracer | None:
        return self._tracers.current()

    def metrics(self) -> WorkMetrics | None:
        """Off the caller's path: a provider of ours may be made for it."""
        return self._metrics.current()


def _not_stored(text: str, sha256: str) -> None:
    """The content store is for calls."""
    del text, sha256


class ApplicationsOwn:
    """The application's providers where nothing is instrumented. Where it has none, there is no destination."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._telemetry: Telemetry | None = None
        self._destination: Destination | None = None
        self._ends_well = False
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def current(self) -> Destination | None:
        if self._find(TRACES) is None:
            return None
        with self._lock:
            if self._destination is None:
                self._join(environment_settings())
            if not self._ends_well:
                self._ends_well = True
                at_child_end(guarded("end well")(_end))
            return self._destination

    def release(self) -> None:
        """Leaves the providers to the pipeline that now stands."""
        if self._destination is None:
            return
        with self._lock:
            telemetry, self._telemetry, self._destination = self._telemetry, None, None
        if telemetry is not None:
            telemetry.release()

    def _join(self, settings: Settings) -> None:
        """So that none of them ends before what waits on our side was handed over."""
        at_exit = guarded("end well")(_end)
        self._telemetry = Telemetry(NONE_GIVEN, None, later=OUTBOX.put, before_flush=_hand_over, at_exit=at_exit)
        find_tracers, find_meters = partial(self._provider, TRACES), partial(self._provider, METRICS)
        self._destination = Destination(settings, find_tracers, find_meters)

    def _provider(self, source: Source) -> Any | None:
        telemetry = self._telemetry
        return None if telemetry is None or self._find(source) is None else telemetry.provider(source)

    @staticmethod
    def _find(source: Source) -> Any | None:
        return find_provider(source, NONE_GIVEN)[1]

    def _forked(self) -> None:
        self._lock, self._ends_well = threading.Lock(), False
        if self._telemetry is not None:
            self._telemetry.forked()


def _end() -> None:
    last_things()
    _hand_over()


def _hand_over() -> None:
    if OUTBOX.used:
        OUTBOX.run(lambda: True, HAND_OVER_S)


def destination() -> Destination | None:
    """The one that stands now. None where nobody has asked for telemetry."""
    through = _THROUGH_PIPELINE.current()
    if through is None:
        return _APPLICATIONS_OWN.current()
    _APPLICATIONS_OWN.release()
    return through


def _through(pipeline: Pipeline) -> Destination:
    return Destination(pipeline.settings, pipeline.tracer_provider, pipeline.meter_provider)


_THROUGH_PIPELINE = MadeFor(standing_pipeline, _through)
_APPLICATIONS_OWN = ApplicationsOwn()
