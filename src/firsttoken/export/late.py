"""What is made when it is first needed, so that no caller waits for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from opentelemetry.trace import NoOpTracerProvider, Span, Tracer, TracerProvider


class LateExporter:
    """Exports spans or log records through exporters that are made off the caller's path, anew in a forked child.

    An exporter holds a connection, which two processes cannot share, and its import takes as long as a call.
    """

    def __init__(self, make: Callable[[], Sequence[Any]]) -> None:
        self._make = make
        self._made: dict[int, Sequence[Any]] = {}
        self._making: dict[int, threading.RLock] = {}

    def exporters(self) -> Sequence[Any]:
        """Those of this process, none where they cannot be made, which only the first to ask is told.

        Those of its parent are kept, but never used: ending them could disturb the parent.
        """
        process = os.getpid()
        if process not in self._made:
            with self._making.setdefault(process, threading.RLock()):
                if process not in self._made:
                    self._make_for(process)
        return self._made[process]

    def _make_for(self, process: int) -> None:
        made: Sequence[Any] = ()
        try:
            made = self._make()
        finally:
            self._made[process] = made

    def export(self, batch: Sequence[Any]) -> Any:
        results = [exporter.export(batch) for exporter in self.exporters()]
        return results[-1] if results else None

    def shutdown(self) -> None:
        for exporter in self._made.get(os.getpid(), ()):
            exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return all(exporter.force_flush(timeout_millis) for exporter in self._made.get(os.getpid(), ()))


class LateTracerProvider(TracerProvider):
    """Makes each span with the provider that stands at that moment."""

    def __init__(self, find: Callable[[], TracerProvider | None]) -> None:
        self._find = find

    def get_tracer(self, *args: Any, **kwargs: Any) -> Tracer:
        return _LateTracer(lambda: (self._find() or NoOpTracerProvider()).get_tracer(*args, **kwargs))


class _LateTracer(Tracer):
    def __init__(self, find: Callable[[], Tracer]) -> None:
        self._find = find

    def start_span(self, *args: Any, **kwargs: Any) -> Span:
        return self._find().start_span(*args, **kwargs)

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> AbstractContextManager[Span]:  # type: ignore[override]
        return self._find().start_as_current_span(*args, **kwargs)
