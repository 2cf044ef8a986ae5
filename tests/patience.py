"""Waiting for what happens in another thread or process, which cannot call us."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PATIENCE_S = 30.0
TRIES = 3


def until(holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Asks again and again, and returns when it holds."""
    deadline, pause = time.monotonic() + patience_s, threading.Event()
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)


def is_done_within(limit_s: float, took_s: Callable[[], float]) -> bool:
    """Whether it takes less; a machine may stand still for seconds, so what took longer is tried again."""
    return any(took_s() < limit_s for _ in range(TRIES))
