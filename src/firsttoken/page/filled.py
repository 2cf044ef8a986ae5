"""A form as somebody filled it in: what of it can be understood, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from firsttoken.page.question import BadQuestion

T = TypeVar("T")
MOST_MISTAKES: Final = 20
"""More are no slips of somebody who filled in a form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Its fields by name."""

    typed: Mapping[str, str] = field(default_factory=dict[str, str])
    """What was filled in, for what a question does not say."""
    mistakes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of fields that cannot be understood, why not."""

    def mistakes_of(self, *names: str) -> list[str]:
        """Each once; without names, those of all fields."""
        return list(dict.fromkeys(said for name, said in self.mistakes.items() if name in names or not names))


def understood(read: Callable[[Mapping[str, str]], T], form: Mapping[str, str]) -> tuple[T, dict[str, str]]:
    """What is asked for without what cannot be understood, and by field why not. Raises BadQuestion where nothing of it
    can be left out.
    """
    left, mistakes = dict(form), dict[str, str]()
    while True:
        try:
            return read(left), mistakes
        except BadQuestion as error:
            wrong = left.keys() & set(error.about)
            if not wrong or len(mistakes) >= MOST_MISTAKES:
                raise
            mistakes |= dict.fromkeys(wrong, str(error))
            left = {name: value for name, value in left.items() if name not in wrong}
