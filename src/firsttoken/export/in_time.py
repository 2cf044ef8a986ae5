"""Waiting for something that may never end, for so long and no longer."""

from __future__ import annotations

import threading
from collections.abc import Callable


def in_time(timeout_s: float, action: Callable[[], object]) -> bool:
    """Runs `action` on a daemon thread; False when it is still running after `timeout_s`."""
    thread = threading.Thread(target=action, name="firsttoken-flush", daemon=True)
    thread.start()
    thread.join(timeout_s)
    return not thread.is_alive()
