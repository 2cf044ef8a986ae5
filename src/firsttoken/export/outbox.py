"""One background thread that takes what the caller's path hands over, so that the caller waits for nothing of ours."""

from __future__ import annotations

import os
import queue
import threading
import weakref
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from firsttoken.guard import guarded, troubles

T = TypeVar("T")

CAPACITY: Final = 10_000
"""Items that may wait. Beyond it new ones are dropped and counted, so that a stuck exporter cannot fill the memory."""


class Outbox(Generic[T]):
    """Hands every item to `handle`, in order, on its own daemon thread."""

    def __init__(self, handle: Callable[[T], None]) -> None:
        self._handle = guarded("emit a call")(handle)
        self._reset()
        if hasattr(os, "register_at_fork"):
            reset = weakref.WeakMethod(self._reset)
            os.register_at_fork(after_in_child=lambda: (method := reset()) and method())

    def _reset(self) -> None:
        """Starts empty, as a forked child must: what waits belongs to the parent."""
        self._items: queue.SimpleQueue[T | threading.Event] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def ready(self) -> None:
        """Starts the thread where it does not run. Not for finalizers; `put` is."""
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name="firsttoken-outbox", daemon=True)
                    self._thread.start()

    def put(self, item: T) -> None:
        """Never blocks, and may be called in a finalizer: SimpleQueue.put is reentrant."""
        if self._items.qsize() >= CAPACITY:
            troubles["keep up with the calls"] += 1
            return
        self._items.put(item)

    def flush(self, timeout_s: float) -> bool:
        """Waits until everything put so far is handled; False when that took longer than `timeout_s`."""
        if self._items.empty() and self._thread is None:
            return True
        self.ready()
        done = threading.Event()
        self._items.put(done)
        return done.wait(timeout_s)

    def _run(self) -> None:
        items = self._items
        while True:
            item = items.get()
            if isinstance(item, threading.Event):
                item.set()
            else:
                self._handle(item)
