"""What was received and refused, counted where it happens and read from anywhere."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from firsttoken.analyse.answers import Health
from firsttoken.receive.decoded import ToldLoss

MOST_TOLD: Final = 10_000


class Counters:
    """Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started_unix_ns = time.time_ns()
        self._items: Counter[str] = Counter()
        self._refused_items: Counter[str] = Counter()
        self._refused_requests: Counter[str] = Counter()
        self._losses: Counter[str] = Counter()
        self._told: dict[tuple[str, str], int] = {}

    def accept(self, items: str, count: int, refused: Counter[str]) -> None:
        """A request was answered: so many items were kept, or counted, and some were not."""
        with self._lock:
            self._items[items] += count - refused.total()
            self._refused_items.update(refused)

    def tell(self, losses: Sequence[ToldLoss]) -> None:
        """A sender says what it lost. Of a sum that was told before, only what is more counts."""
        with self._lock:
            for loss in losses:
                before = 0 if loss.is_more else self._told_before(loss)
                self._losses[loss.what] += max(0, loss.number - before)

    def _told_before(self, loss: ToldLoss) -> int:
        """By the same sender. One sender too many is not counted: who told what could no more be known."""
        key = (loss.sender, loss.what)
        if key not in self._told and len(self._told) >= MOST_TOLD:
            return loss.number
        before = self._told.get(key, 0)
        self._told[key] = max(before, loss.number)
        return before

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
                told_losses=dict(self._losses),
            )
