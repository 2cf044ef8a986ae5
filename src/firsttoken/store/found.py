"""What was found of the latest state of the store, for the readers that come while nothing is written."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from firsttoken.store.selection import Selection

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS: Final = 4_000_000
"""Places of 8 bytes each, over all selections. One alone that is longer is not kept."""
MOST_SELECTIONS: Final = 64
"""One that no call is of takes no place, and is looked through like any other."""


class Found:
    """Places of selected calls, those asked for last at the end. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._generation = 0
        self._places: list[tuple[Selection, pa.Table]] = []

    def places(self, generation: int, selection: Selection) -> pa.Table | None:
        with self._lock:
            known = self._places if generation == self._generation else []
            for number, (each, places) in enumerate(known):
                if each == selection:
                    known.append(known.pop(number))
                    return places
        return None

    def keep(self, generation: int, selection: Selection, places: pa.Table) -> None:
        """Lets go of what was found of earlier states, and of what was asked for longest ago where it is too much."""
        with self._lock:
            if generation < self._generation or len(places) > MOST_ROWS:
                return
            if generation > self._generation:
                self._generation, self._places = generation, []
            others = [known for known in self._places if known[0] != selection]
            self._places = [*others, (selection, places)][-MOST_SELECTIONS:]
            while sum(len(each) for _, each in self._places) > MOST_ROWS:
                del self._places[0]
