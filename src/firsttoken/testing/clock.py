"""A monotonic clock that moves only when a test moves it."""

from __future__ import annotations

import threading


class FakeClock:
    """Called like `time.monotonic_ns`. May be read and moved from any thread."""

    def __init__(self, start_ns: int = 0) -> None:
        self._lock = threading.Lock()
        self._now_ns = start_ns

    def __call__(self) -> int:
        with self._lock:
            return self._now_ns

    def advance(self, duration_ns: int) -> int:
        """Moves the clock on and returns the new reading. Raises ValueError for a step backwards."""
        if duration_ns < 0:
            raise ValueError(f"a monotonic clock cannot go back by {-duration_ns} ns")
        with self._lock:
            self._now_ns += duration_ns
            return self._now_ns
