"""What providers said in this process that we do not know, counted."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from typing import Final

log = logging.getLogger("firsttoken")

MOST_KINDS: Final = 500
"""So many different ones are told apart; a server that makes up more does not fill the memory."""

seen: Final[Counter[str]] = Counter()
"""How many calls had it, by wire and word: `anthropic.messages: event ping2`."""


def note_novelties(api: str, words: Iterable[str]) -> None:
    """Counts what one call's answer said that is not known."""
    for word in words:
        name = f"{api}: {word}"
        if name not in seen:
            if len(seen) >= MOST_KINDS:
                continue
            log.debug("firsttoken does not know %s; it is passed on", name)
        seen[name] += 1
