"""Waiting until somebody else waits: a thread for bytes, or an event loop for anything."""

from __future__ import annotations

import signal
import sys
import threading
import time
from typing import Final

from firsttoken.testing import Gate

WAITS: Final = frozenset({"read", "select", "get_events", "get_next_frame"})
"""The functions in which the HTTP clients, asyncio, trio and `websockets` wait for a socket."""
PATIENCE_S: Final = 5.0


def until_it_waits(thread: threading.Thread) -> None:
    """Returns when the thread stands where it waits for bytes. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE_S
    while thread.ident is None or sys._current_frames()[thread.ident].f_code.co_name not in WAITS:
        if time.monotonic() > deadline:
            raise TimeoutError("the thread never came to wait for bytes")


def interrupt_when_it_waits(gate: Gate) -> None:
    """Sends the program a Ctrl-C once it waits for what the gate holds up. Returns at once."""
    main = threading.current_thread()

    def interrupt() -> None:
        gate.wait_until_reached()
        until_it_waits(main)
        signal.pthread_kill(main.ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt).start()
