"""A store kept within its limits for as long as it is open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from firsttoken.errors import StoreError
from firsttoken.store.retention import Keeper, Keeping, Limits, Removed, sum_of
from firsttoken.store.store import Store

EVERY_S: Final = 10.0

log = logging.getLogger(__name__)


@contextmanager
def kept_within(store: Store, limits: Limits, *, every_s: float = EVERY_S) -> Generator[None]:
    """Looks at once, and again every few seconds, while others read and write. Without limits it does nothing."""
    if not limits:
        yield
        return
    store.keeping = Keeping(limits)
    ending = threading.Event()
    arguments = (store, Keeper(limits), ending, every_s)
    thread = threading.Thread(target=_keep, args=arguments, name="firsttoken-store-keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _keep(store: Store, keeper: Keeper, ending: threading.Event, every_s: float) -> None:
    while True:
        try:
            removed = _tidied(store, keeper).result()
        except StoreError as error:
            _note(store, Removed(), str(error))
            log.error("calls that should go are still there: %s", error)  # noqa: TRY400  the line says it all
        else:
            _note(store, removed)
            if removed.total:
                log.info(
                    "%d calls, %d spans and %d log records went: the store %s has limits",
                    *(removed.calls, removed.spans, removed.logs, store.name),
                )
        if ending.wait(every_s):
            return


def _note(store: Store, removed: Removed, failure: str | None = None) -> None:
    before = store.keeping
    if before is not None:
        total = sum_of(before.removed, removed)
        store.keeping = replace(before, last_unix_ns=time.time_ns(), removed=total, failure=failure)


def _tidied(store: Store, keeper: Keeper) -> Future[Removed]:
    return store.perform(lambda cursor: keeper.tidy(cursor, time.time_ns()))
