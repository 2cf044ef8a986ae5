"""What is done before everything is sent for the last time, by whoever of ours holds something open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from firsttoken.guard import guarded

_things: Final[list[Callable[[], object]]] = []


def do_last(thing: Callable[[], object]) -> None:
    """Has it done each time that this process, or observing in it, comes to an end."""
    _things.append(guarded("end what is open")(thing))


def last_things() -> None:
    """Does them. Never raises."""
    for thing in _things:
        thing()
