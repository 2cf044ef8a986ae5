"""Which answers have been counted in this process, so that reading one again does not bill it again."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

MOST_REMEMBERED: Final = 1_000

Key = tuple[str | None, ...]


class Counted:
    """Remembers the latest answers, one thread at a time."""

    def __init__(self) -> None:
        self._keys: OrderedDict[Key, None] = OrderedDict()

    def is_first(self, key: Key) -> bool:
        """Whether this answer is counted for the first time. From now on it is."""
        first = key not in self._keys
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > MOST_REMEMBERED:
            self._keys.popitem(last=False)
        return first

    def forget(self) -> None:
        self._keys.clear()


COUNTED: Final = Counted()
