"""How long a wait within a stream is, in levels of which each has a colour."""

from __future__ import annotations

from typing import Final

LEVELS_MS: Final = (30, 100, 300, 1000)
"""Where each level but the first begins. `static/timeline_data.js` has the same."""
LEVEL_WORDS: Final = ("waited under 30 ms", "30 to 100 ms", "100 to 300 ms", "300 ms to 1 s", "1 s and more")


def level_of(waited_ns: int) -> int:
    """From 0, which nobody feels, to 4."""
    return sum(waited_ns >= least * 1_000_000 for least in LEVELS_MS)
