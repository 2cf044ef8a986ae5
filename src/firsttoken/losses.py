"""What was to be delivered and was not, counted by what it was and why: lost, but never in silence."""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import Final, Literal, NamedTuple

Lost = Literal["calls", "spans", "logs", "metrics", "contents"]
"""`calls` before any signal was made of them; `metrics` are exports, whose next one says it again where it adds up;
`contents` are cut texts for the content store."""

Reason = Literal["queue_full", "too_large", "export_failed"]


class Loss(NamedTuple):
    what: Lost
    reason: Reason


losses: Final[Counter[Loss]] = Counter()
"""Of this process. A forked child counts anew: what its parent lost is the parent's to tell."""

_counting = threading.RLock()
"""Reentrant, for a finalizer may lose something while something is counted."""


def note_loss(what: Lost, reason: Reason, number: int = 1) -> None:
    """Never raises, and may be called in a finalizer."""
    with _counting:
        losses[Loss(what, reason)] += number


def lost_so_far() -> dict[Loss, int]:
    with _counting:
        return dict(losses)


def _forked() -> None:
    global _counting  # noqa: PLW0603  the thread that holds it is not in this process
    _counting = threading.RLock()
    losses.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
