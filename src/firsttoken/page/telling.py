"""How often an open page is told each kind of news: as often as it can be gathered beside all else, and no more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool

from firsttoken.errors import SelectionError, StoreError
from firsttoken.store import LiveWarehouse, Subscription
from firsttoken.unseen import escaped, spelt_out

logger = logging.getLogger(__name__)

PATIENCE_S: Final = 15.0
"""After which somebody is told that nothing happened, so that a connection that broke is found out."""
MOVING_S: Final = 2.0
"""Likewise, while something goes on that the store is not told of."""
LONGEST_PAUSE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Teller:
    """One kind of news, and what it may cost."""

    name: str
    gather: Callable[[], object | None]
    """For a worker thread. None is no news."""
    shortest_pause_s: float
    rest: float
    """The pause after each piece, as a multiple of the time that it took to gather."""
    is_moving: Callable[[], bool] = lambda: False
    """Whether there is something to tell without anything new in the store, as time goes on."""

    def pause_s(self, took_s: float) -> float:
        return min(max(self.shortest_pause_s, self.rest * took_s), LONGEST_PAUSE_S)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of news. The value is None where nothing happened for a while."""

    name: str
    value: object | None


Pieces = asyncio.Queue[Piece | None]
"""None is the end."""


async def told(store: LiveWarehouse, tellers: Sequence[Teller]) -> AsyncGenerator[Piece]:
    """What all of them tell, until the store ends its subscriptions or cannot be asked. Waits for whoever reads it."""
    pieces: Pieces = asyncio.Queue(maxsize=1)
    with ExitStack() as stack:
        subscriptions = [stack.enter_context(store.subscribe()) for _ in tellers]
        tasks = [asyncio.create_task(_tell(*each, pieces)) for each in zip(tellers, subscriptions, strict=True)]
        try:
            while (piece := await pieces.get()) is not None:
                yield piece
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _tell(teller: Teller, subscription: Subscription, pieces: Pieces) -> None:
    clock = asyncio.get_running_loop()
    change: int | None = subscription.current
    try:
        while change is not None:
            seen, began = change, clock.time()
            value = await run_in_threadpool(teller.gather)
            pause_s = teller.pause_s(clock.time() - began)
            await pieces.put(Piece(teller.name, value))
            await asyncio.sleep(pause_s)
            while (change := await subscription.after(seen, timeout_s=_patience_s(teller))) == seen:
                if teller.is_moving():
                    break
                await pieces.put(Piece(teller.name, None))
    except (StoreError, SelectionError) as error:
        logger.warning("the page is not told of %s: %s", teller.name, spelt_out(str(error), escaped))
    except Exception:  # the browser asks anew, and is not left to believe that nothing happens
        logger.exception("the page is not told of %s", teller.name)
    await pieces.put(None)


def _patience_s(teller: Teller) -> float:
    return MOVING_S if teller.is_moving() else PATIENCE_S
