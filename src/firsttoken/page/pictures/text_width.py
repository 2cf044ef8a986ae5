"""How wide a text is, near enough to set a table, and how much of it fits: nothing here measures a font."""

from __future__ import annotations

import unicodedata
from typing import Final

WIDTHS: Final = {
    **dict.fromkeys("iljI.,:;'|!", 0.27),
    **dict.fromkeys('ftr()[]{}/\\- \N{NO-BREAK SPACE}`"', 0.34),
    **dict.fromkeys("mwMW@%", 0.86),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ&", 0.7),
}
"""In sizes of the font, of those that differ much from a digit."""
DIGIT: Final = 0.56
FOREIGN: Final = 0.75
FIRST_FOREIGN: Final = 0x300
"""From there on letters come out of other fonts."""
WIDE: Final = 1.05
LAST_OF_ONE_UNIT: Final = 0xFFFF
ELLIPSIS: Final = "…"


def width_of(text: str, size: float) -> float:
    return size * sum(map(_width, text))


def fitting(text: str, size: float, room: float) -> str:
    """The beginning that fits, with an ellipsis where something is cut."""
    left = room / size
    for place, char in enumerate(text):
        left -= _width(char)
        if left < 0:
            return f"{text[: max(1, place - 1)].rstrip()}{ELLIPSIS}"
    return text


def _width(char: str) -> float:
    if char in WIDTHS:
        return WIDTHS[char]
    if unicodedata.east_asian_width(char) in "WF" or ord(char) > LAST_OF_ONE_UNIT:
        return WIDE
    return DIGIT if ord(char) < FIRST_FOREIGN else FOREIGN
