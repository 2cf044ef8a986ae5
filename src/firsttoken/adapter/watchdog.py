"""One thread that closes streams whose reader waits in vain. A thread that waits for a socket cannot do so itself."""

from __future__ import annotations

import heapq
import itertools
import os
import socket
import threading
import time
import weakref
from typing import Any, Final

from firsttoken.adapter.run import Run
from firsttoken.call import Outcome
from firsttoken.guard import guarded

SHARED_BY_STREAMS: Final = ("HTTP/2", "HTTP/3")
"""Versions of HTTP where one socket carries several streams, which cannot be shut down for one of them."""


class Watchdog:
    """Looks at a stream when its silence may have been too long, so that a stream that speaks costs next to nothing."""

    def __init__(self) -> None:
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        """A forked child has neither the thread nor the streams."""
        self._changed = threading.Condition()
        self._looks: list[tuple[float, int, weakref.ref[Run]]] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def watch(self, run: Run) -> None:
        """Until the stream has ended, or is dropped."""
        with self._changed:
            self._look_again(weakref.ref(run), run)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="firsttoken-watchdog", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _look_again(self, weak: weakref.ref[Run], run: Run) -> None:
        left_s = 0.0 if run.silence is None else max(run.silence.left_ns(), 0) / 1e9
        heapq.heappush(self._looks, (time.monotonic() + left_s, next(self._numbers), weak))

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._looks or self._looks[0][0] > time.monotonic():
                    self._changed.wait(self._looks[0][0] - time.monotonic() if self._looks else None)
                _, _, weak = heapq.heappop(self._looks)
            self._look_at(weak)

    @guarded("watch for silence")
    def _look_at(self, weak: weakref.ref[Run]) -> None:
        run = weak()
        if run is None or run.ended:
            return
        if run.overdue():
            run.end(Outcome.TIMED_OUT, run.too_silent())
            interrupt(run.stream)
            return
        with self._changed:
            self._look_again(weak, run)


def interrupt(stream: Any) -> None:
    """Wakes a thread that waits for the stream's next byte. A stream that has no HTTP response is closed instead: to
    wake its reader is then its own affair."""
    response = getattr(stream, "response", None) or getattr(stream, "http_response", None)
    if response is None:
        stream.close()
    elif (sock := _socket_of(response)) is not None:
        # Not by the method of a TLS socket, which would let the reader go on in the clear.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _socket_of(response: Any) -> socket.socket | None:
    """The one that the response has for itself."""
    network = response.extensions.get("network_stream")
    if network is None or response.http_version in SHARED_BY_STREAMS:
        return None
    found = network.get_extra_info("socket")
    return found if isinstance(found, socket.socket) else None


WATCHDOG: Final = Watchdog()
"""The one of this process."""
