"""SIGTERM, where its user wants what waits to be delivered first: it then does what it would have done without us."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from firsttoken.guard import guarded

log = logging.getLogger("firsttoken")

Handler = Callable[[int, FrameType | None], Any]


class Termination:
    """Stands before the handler of SIGTERM. Both actions are waited for and must come back."""

    def __init__(self, flush: Callable[[], object], end: Callable[[], object]) -> None:
        """`flush` is done where a handler of the program's own follows, `end` where the signal ends the program."""
        self._flush = guarded("flush on SIGTERM")(flush)
        self._end = guarded("end well on SIGTERM")(end)
        self._before: Handler | signal.Handlers | None = None
        self._handling = False

    @guarded("trap SIGTERM")
    def trap(self) -> None:
        """Nothing where the program ignores the signal, or where what is not Python handles it."""
        before = signal.getsignal(signal.SIGTERM)
        if before in (None, signal.SIG_IGN, self._handle):
            return
        if threading.current_thread() is not threading.main_thread():
            log.warning("firsttoken cannot flush on SIGTERM: call instrument() in the main thread")
            return
        self._before = before  # pyright: ignore[reportAttributeAccessIssue]
        signal.signal(signal.SIGTERM, self._handle)

    @guarded("leave SIGTERM")
    def leave(self) -> None:
        """Puts back what stood before, where nobody has put another handler in our place."""
        if signal.getsignal(signal.SIGTERM) == self._handle and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        before, again = self._before, self._handling
        self._handling = True
        try:
            if callable(before):
                if not again:
                    self._flush()
                before(number, frame)
                return
            if not again:
                self._end()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            self._handling = False
