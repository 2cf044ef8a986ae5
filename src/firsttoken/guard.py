"""The one guard between our code and the user's program: our failures are counted and logged at debug, never raised."""

from __future__ import annotations

import functools
import logging
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

log = logging.getLogger("firsttoken")

P = ParamSpec("P")
R = TypeVar("R")

troubles: Final[Counter[str]] = Counter()
"""How often each step of ours has failed in this process, by name."""


def note_trouble(step: str) -> None:
    """Counts the exception being handled. Never raises.

    It is logged by its type and its frames alone: what it says may be what the application said, or a key.
    """
    troubles[step] += 1
    if log.isEnabledFor(logging.DEBUG):
        error = sys.exception()
        frames = "" if error is None else "".join(traceback.format_tb(error.__traceback__))
        kind = type(error).__qualname__
        log.debug("firsttoken could not %s; the application is not affected: %s\n%s", step, kind, frames)


def note_drop(step: str, why: str) -> None:
    """Counts what was left out though nothing raised. Never raises."""
    troubles[step] += 1
    log.debug("firsttoken could not %s: %s; the application is not affected", step, why)


def guarded(step: str) -> Callable[[Callable[P, R]], Callable[P, R | None]]:
    """Makes a function return None where it would have raised an Exception. `step` completes "could not ..."."""

    def decorate(function: Callable[P, R]) -> Callable[P, R | None]:
        @functools.wraps(function)
        def guard(*args: P.args, **kwargs: P.kwargs) -> R | None:
            try:
                return function(*args, **kwargs)
            except Exception:  # noqa: BLE001  this is the guard
                note_trouble(step)
                return None

        return guard

    return decorate
