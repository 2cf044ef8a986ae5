"""Where the views are, as every page names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple


class Place(NamedTuple):
    """One entry."""

    address: str
    name: str


PLACES: Final = (
    Place("/", "Calls"),
    Place("/overview", "Overview"),
    Place("/traces", "Traces"),
    Place("/spend", "Spend"),
    Place("/compare", "Compare"),
    Place("/what-if", "What if"),
    Place("/budgets", "Budgets"),
    Place("/health", "Health"),
)


def jump_keys(places: Iterable[Place]) -> Mapping[str, str]:
    """By address, the letter that follows `g` to go there: the first of its name that no place before it has."""
    taken: dict[str, str] = {}
    for place in places:
        letters = (letter for letter in place.name.lower() if letter.isalpha() and letter not in taken.values())
        if (letter := next(letters, None)) is not None:
            taken[place.address] = letter
    return taken
