"""News of commits, for live views in an asyncio loop."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Subscription:
    """Tells one asyncio task that something was committed. Made by `Store.subscribe()` inside a running loop.

    with store.subscribe() as news:
        seen = news.current
        while (change := await news.after(seen)) is not None:
            ...  # change > seen: ask the store again; change == seen: nothing new, send a keep-alive
            seen = change
    """

    @property
    def current(self) -> int:
        """Number of the latest commit. It only grows."""
        raise NotImplementedError

    async def after(self, seen: int, *, timeout_s: float = 15.0) -> int | None:
        """The number of the latest commit, as soon as it is greater than `seen`, or `seen` after the timeout.

        None when no more will come because the server stops. Commits that come close together are told once.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Idempotent."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
