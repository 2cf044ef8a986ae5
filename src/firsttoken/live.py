"""Says of calls that they run while they do, where that is wanted: on the background thread, without touching them."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import Final

from firsttoken.emit.running import RunningEmitter, is_sampled
from firsttoken.guard import guarded
from firsttoken.observe.recording import Recording

LOOK_S: Final = 0.25
"""How often the calls that run are looked at."""
FIRST_AFTER_NS: Final = 500_000_000
"""How long a call runs before anything is said of it. Most are over by then, and cost nothing more."""
AGAIN_AFTER_NS: Final = 2_000_000_000


class Live:
    """Keeps no call alive: it knows them by weak references alone."""

    def __init__(self, emitter: Callable[[], RunningEmitter | None]) -> None:
        self._emitter = emitter
        self._told: weakref.WeakKeyDictionary[Recording, int] = weakref.WeakKeyDictionary()
        """When each was last spoken of, by its own clock."""

    def look(self, running: Iterable[Recording]) -> None:
        """Speaks of those whose time it is."""
        for recording in running:
            self._look_at(recording)

    @guarded("say that a call runs")
    def _look_at(self, recording: Recording) -> None:
        now, told, context = recording.clock(), self._told.get(recording), recording.context
        since, patience = (recording.start, FIRST_AFTER_NS) if told is None else (told, AGAIN_AFTER_NS)
        if recording.ended or now - since < patience or context is None or not is_sampled(context):
            return
        emitter = self._emitter()
        if emitter is None:
            return
        self._told[recording] = now
        request, started_unix_ns = recording.request, recording.started_unix_ns
        if told is None:
            emitter.started(request, started_unix_ns, context)
        else:
            emitter.progress(request, started_unix_ns, context, recording.chunks_so_far, recording.first_chunk_ns)
