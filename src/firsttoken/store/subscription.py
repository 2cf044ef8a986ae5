"""News of commits, from the writer's thread to live views in asyncio loops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class News:
    """Counts commits and tells every open subscription. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._commits = 0
        self._subscriptions: set[Subscription] = set()

    def announce(self) -> None:
        """One more commit."""
        with self._lock:
            self._commits += 1
            subscriptions = list(self._subscriptions)
        for subscription in subscriptions:
            subscription.wake()

    def current(self) -> int:
        with self._lock:
            return self._commits

    def subscribe(self) -> Subscription:
        """For the running loop."""
        subscription = Subscription(self.current, self._forget)
        with self._lock:
            self._subscriptions.add(subscription)
        return subscription

    def end_all(self) -> None:
        """Ends the subscriptions that are open now; later ones are not touched."""
        with self._lock:
            ended, self._subscriptions = self._subscriptions, set()
        for subscription in ended:
            subscription.end()

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)


class Subscription:
    """Tells one asyncio task that something was committed. Made by `Store.subscribe()` inside a running loop.

    with store.subscribe() as news:
        seen = news.current
        while (change := await news.after(seen)) is not None:
            ...  # change > seen: ask the store again; change == seen: nothing new, send a keep-alive
            seen = change
    """

    def __init__(self, current: Callable[[], int], forget: Callable[[Subscription], None]) -> None:
        self._current = current
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        self._ended = False

    @property
    def current(self) -> int:
        """Number of the latest commit. It only grows."""
        return self._current()

    @property
    def is_ended(self) -> bool:
        """Whether the server stops."""
        return self._ended

    async def after(self, seen: int, *, timeout_s: float = 15.0) -> int | None:
        """The number of the latest commit, as soon as it is greater than `seen`, or `seen` after the timeout.

        None when no more will come because the server stops. Commits that come close together are told once.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while not self._ended and self.current <= seen:
                    self._news.clear()
                    if self.current <= seen:
                        await self._news.wait()
        except TimeoutError:
            return seen
        return None if self._ended else self.current

    def wake(self) -> None:
        """From any thread: there is something to look at."""
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # its loop is closed, so nobody waits any more
            self._forget(self)

    def end(self) -> None:
        """From any thread: nothing more will come."""
        self._ended = True
        self.wake()

    def close(self) -> None:
        """Idempotent."""
        self._forget(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
