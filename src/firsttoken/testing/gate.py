"""A gate that holds a scripted reply until a test opens it, so that no test has to sleep."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable


class Gate:
    """Stays open once opened. One gate may hold many replies; every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reached = False
        self._open = False
        self._wakers: list[Callable[[], object]] = []

    def open(self) -> None:
        """Lets everything pass that stands at the gate now or reaches it later."""
        with self._changed:
            self._open = True
            for wake in self._wakers:
                wake()

    def wait_until_reached(self, timeout_s: float = 30.0) -> None:
        """Returns when a reply stands at the gate or has passed it. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._reached, timeout_s):
                raise TimeoutError(f"no reply reached the gate within {timeout_s} s")

    async def passed(self) -> None:
        """Returns when the gate is open."""
        loop = asyncio.get_running_loop()
        opened = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(opened.set)

        with self._changed:
            self._reached = True
            self._changed.notify_all()
            if self._open:
                return
            self._wakers.append(wake)
        try:
            await opened.wait()
        finally:
            self._forget(wake)

    def _forget(self, wake: Callable[[], object]) -> None:
        """A reply that was given up must not be woken: its loop may be closed by then."""
        with self._changed:
            self._wakers.remove(wake)


Pause = float | Gate
"""How long a reply is held up: seconds, or until a gate is open."""


async def pause(length: Pause) -> None:
    """Waits for the gate, or for that many seconds; 0 does not even yield."""
    if isinstance(length, Gate):
        await length.passed()
    elif length > 0:
        await asyncio.sleep(length)
