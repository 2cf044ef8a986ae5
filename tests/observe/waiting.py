"""Waiting until somebody else waits: a thread for bytes, or an event loop for anything."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any, Final

from patience import PATIENCE_S

from firsttoken.testing import Gate

WAITS: Final = frozenset({"read", "select", "get_events", "get_next_frame"})
"""The functions in which the HTTP clients, asyncio, trio and `websockets` wait for a socket."""


def until_it_waits(thread: threading.Thread) -> FrameType:
    """Returns where the thread stands when it waits for bytes. Raises TimeoutError."""
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while thread.ident is None or (frame := sys._current_frames()[thread.ident]).f_code.co_name not in WAITS:
        if time.monotonic() > deadline:
            raise TimeoutError("the thread never came to wait for bytes")
        pause.wait(0.001)  # the thread needs the interpreter to come there
    return frame


def sleeps(task: asyncio.Task[Any]) -> bool:
    """Whether a task stands in `asyncio.sleep`."""
    waiting: Any = task.get_coro()
    while inner := getattr(waiting, "cr_await", None) or getattr(waiting, "gi_yieldfrom", None):
        if getattr(inner, "cr_code", None) is asyncio.sleep.__code__:
            return True
        waiting = inner
    return False


def interrupt_when_it_waits(gate: Gate) -> None:
    """Sends the program a Ctrl-C once it waits for what the gate holds up. Returns at once.

    Python handles a signal that comes just before a system call when the call has ended: others follow, to end it.
    """
    main = threading.main_thread()
    signal.signal(signal.SIGUSR1, lambda *_: None)

    def interrupt() -> None:
        gate.wait_until_reached(PATIENCE_S)
        waits, pause = until_it_waits(main), threading.Event()
        signal.pthread_kill(main.ident or 0, signal.SIGINT)
        while not pause.wait(0.02) and sys._current_frames()[main.ident or 0] is waits:
            signal.pthread_kill(main.ident or 0, signal.SIGUSR1)

    threading.Thread(target=interrupt).start()
