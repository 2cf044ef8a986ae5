"""Whether what a test has set going has ended: an exporter that outlives its test complains in the middle of others."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

KEPT: Final = {"firsttoken-outbox"}
PATIENCE_S: Final = 60.0


@contextmanager
def all_ended() -> Iterator[None]:
    """Leaves when every thread is gone that was started inside, except for the one that firsttoken keeps."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + PATIENCE_S
    while left := {thread.name for thread in set(threading.enumerate()) - before} - KEPT:
        assert time.monotonic() < deadline, left
        threading.Event().wait(0.01)
