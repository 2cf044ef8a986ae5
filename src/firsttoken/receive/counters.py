"""What was received and refused, counted where it happens and read from anywhere."""

from __future__ import annotations

import threading
import time
from collections import Counter

from firsttoken.analyse.answers import Health


class Counters:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started_unix_ns = time.time_ns()
        self._items: Counter[str] = Counter()
        self._refused_items: Counter[str] = Counter()
        self._refused_requests: Counter[str] = Counter()

    def accept(self, items: str, count: int, refused: Counter[str]) -> None:
        """A request was answered: so many items were kept, or counted, and some were not."""
        with self._lock:
            self._items[items] += count - refused.total()
            self._refused_items.update(refused)

    def refuse(self, reason: str) -> None:
        """A whole request was turned away."""
        with self._lock:
            self._refused_requests[reason] += 1

    def health(self, store_failure: str | None) -> Health:
        with self._lock:
            return Health(
                started_unix_ns=self._started_unix_ns,
                spans=self._items["spans"],
                log_records=self._items["log_records"],
                metric_points=self._items["metric_points"],
                refused_items=dict(self._refused_items),
                refused_requests=dict(self._refused_requests),
                store_failure=store_failure,
            )
