"""What was to be delivered and was not, counted by what it was and why: lost, but never in silence."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Lost = Literal["calls", "spans", "logs", "metrics", "contents"]
"""`calls` before any signal was made of them; `metrics` are exports, whose next one says it again where it adds up;
`contents` are cut texts for the content store."""

Reason = Literal["queue_full", "too_large", "export_failed"]


class Loss(NamedTuple):
    what: Lost
    reason: Reason


Way = Literal["outbox", "work", "spans", "logs", "metrics", "contents"]
"""Where something is on its way through us: calls and the application's own `work` through the outbox, what our
exporters send, and cut texts to the content store."""

POSSIBLE: Final[Mapping[Way, tuple[Loss, ...]]] = {
    "outbox": (Loss("calls", "queue_full"),),
    "work": (Loss("spans", "queue_full"),),
    "spans": (Loss("spans", "queue_full"), Loss("spans", "too_large"), Loss("spans", "export_failed")),
    "logs": (Loss("logs", "queue_full"), Loss("logs", "too_large"), Loss("logs", "export_failed")),
    "metrics": (Loss("metrics", "export_failed"),),
    "contents": (Loss("contents", "queue_full"), Loss("contents", "export_failed")),
}
"""What each way can lose. A way that a process does not have loses nothing that anybody knows of."""

losses: Final[Counter[Loss]] = Counter()
"""Of this process. A forked child counts anew: what its parent lost is the parent's to tell."""

ways: Final[set[Way]] = set()
"""Those of this process. A forked child has them too."""

_counting = threading.RLock()
"""Reentrant, for a finalizer may lose something while something is counted."""


def note_loss(what: Lost, reason: Reason, number: int = 1) -> None:
    """Never raises, and may be called in a finalizer."""
    with _counting:
        losses[Loss(what, reason)] += number


def open_way(way: Way) -> None:
    """From now on something may be lost on it."""
    if way not in ways:
        with _counting:
            ways.add(way)


def lost_so_far() -> dict[Loss, int]:
    with _counting:
        return dict(losses)


def lost_or_not() -> dict[Loss, int]:
    """The same, and 0 for what was not lost and could have been."""
    with _counting:
        return {**{loss: 0 for way in ways for loss in POSSIBLE[way]}, **losses}


def _forked() -> None:
    global _counting  # noqa: PLW0603  the thread that holds it is not in this process
    _counting = threading.RLock()
    losses.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
