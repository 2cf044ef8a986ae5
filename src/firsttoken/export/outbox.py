"""One background thread that does what the caller's path hands over, so that the caller waits for nothing of ours."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from firsttoken.guard import note_trouble

R = TypeVar("R")

Action = Callable[[], object]

CAPACITY: Final = 10_000
"""Actions that may wait. Beyond it new ones are dropped, so that a stuck exporter cannot fill memory."""

FORK_PATIENCE_S: Final = 5.0
"""How long a fork may wait for what is at hand, which is mostly nothing, and the import of an exporter once."""


@dataclass(slots=True)
class _Round:
    """A look that is taken again and again."""

    look: Callable[[], bool]
    interval_s: float
    due: float


class Outbox:
    """Does one thing after the other, on a daemon thread of its own."""

    def __init__(self, name: str = "firsttoken-outbox") -> None:
        self._name = name
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._pause, after_in_parent=self._resume, after_in_child=self._reset)

    def _reset(self) -> None:
        """Starts empty, as a forked child must: what waits belongs to the parent."""
        self._actions: queue.SimpleQueue[Action] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._doing = threading.RLock()
        self._rounds: list[_Round] = []
        self._at_hand: Action | None = None
        self._outlasting: Action | None = None
        """What a fork has waited for in vain."""

    def _pause(self) -> None:
        """Before a fork: what the thread is in the middle of, an import or a lock of a provider, would never end in the
        child. It is awaited, but not for ever, and not twice."""
        at_hand = self._at_hand
        in_vain = at_hand is not None and at_hand is self._outlasting
        if not self._doing.acquire(timeout=0 if in_vain else FORK_PATIENCE_S):
            self._outlasting = at_hand

    def _resume(self) -> None:
        with suppress(RuntimeError):  # Its patience had an end.
            self._doing.release()

    @property
    def used(self) -> bool:
        """Whether there was ever anything to do in this process."""
        return self._thread is not None

    @property
    def waiting(self) -> int:
        """How many actions have not begun."""
        return self._actions.qsize()

    def ready(self) -> None:
        """Starts the thread where it does not run. Not for finalizers; `put` is."""
        if self._thread is None or not self._thread.is_alive():
            with self._starting:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                    self._thread.start()

    def put(self, action: Action) -> bool:
        """Never blocks, and may be called in a finalizer: SimpleQueue.put is reentrant. False where it is dropped."""
        if self._actions.qsize() >= CAPACITY:
            return False
        self._actions.put(action)
        return True

    def run(self, action: Callable[[], R], timeout_s: float) -> R | None:
        """Does it after everything put so far, and returns its result; None when that took longer than `timeout_s`."""
        errand = _Errand(action)
        if threading.current_thread() is self._thread:
            errand()  # Whoever asks on this very thread, such as a span processor that flushes, would wait for itself.
        else:
            self.ready()
            self._actions.put(errand)
            errand.done.wait(timeout_s)
        return errand.result

    def again(self, look: Callable[[], bool], interval_s: float) -> bool:
        """Has `look` taken every so often, beside the actions, for as long as it gives True. As `put` for the rest."""
        return self.put(lambda: self._rounds.append(_Round(look, interval_s, time.monotonic() + interval_s)))

    def aside(self, action: Callable[[], R], timeout_s: float) -> R | None:
        """Does beside everything else what may take long, and returns its result; None when it is not done in time.

        Where the program ends and starts no thread any more, it is done here, after everything put so far.
        """
        errand = _Errand(action)
        try:
            threading.Thread(target=_do, args=(errand,), name="firsttoken-aside", daemon=True).start()
        except RuntimeError:
            return self.run(action, timeout_s)
        errand.done.wait(timeout_s)
        return errand.result

    def _run(self) -> None:
        doing = self._doing
        while True:
            action = self._next()
            with doing:
                self._at_hand = action
                _do(action)
                self._at_hand = self._outlasting = None
            del action

    def _next(self) -> Action:
        """What waits, or the look that is due before anything does."""
        actions = self._actions
        if not self._rounds:
            return actions.get()
        first = min(self._rounds, key=lambda each: each.due)
        left_s = first.due - time.monotonic()
        with suppress(queue.Empty):
            if left_s > 0:
                return actions.get(timeout=left_s)
        return partial(self._look, first)

    def _look(self, each: _Round) -> None:
        goes_on = False
        try:
            goes_on = each.look()
        finally:
            if goes_on:
                each.due = time.monotonic() + each.interval_s
            else:
                self._rounds.remove(each)


class _Errand(Generic[R]):
    """An action that somebody waits for."""

    def __init__(self, action: Callable[[], R]) -> None:
        self._action = action
        self.result: R | None = None
        self.done = threading.Event()

    def __call__(self) -> None:
        try:
            self.result = self._action()
        finally:
            self.done.set()


def _do(action: Action) -> None:
    """On threads of ours alone. What wants to exit there, such as a span processor, must not leave the rest undone."""
    try:
        action()
    except BaseException:  # noqa: BLE001  the guard
        note_trouble("do what waits")


OUTBOX: Final = Outbox()
"""The one of this process."""

STORING: Final = Outbox("firsttoken-content")
"""Another one, for what may take long and must not hold up telemetry: what is written to a content store."""
