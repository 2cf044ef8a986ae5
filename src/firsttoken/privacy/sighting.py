"""Finding what has a certain shape in a text of any length, in time that grows with the text and no faster.

A pattern must not start in the middle of itself, and gets no chance to hold the interpreter for long: a search in one
piece of 20 MB would stop every other thread of the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

WINDOW: Final = 128 * 1024
"""Characters in which one search may look for a beginning."""

REACH: Final = 32 * 1024
"""How far what begins there may go on."""

LOOKED_INTO: Final = 64
"""Inside what is none and is not longer, another one may begin. In what is longer, to look again and again takes too
long."""


Match = re.Match[str]


@dataclass(frozen=True, slots=True)
class Sight:
    """One shape that something private can have."""

    kind: str
    """The word that stands in its place, and under which it is counted."""
    pattern: str
    """A regular expression. Its group `secret`, where it has one, is what is taken out; else all of it."""
    starts: tuple[str, ...] = ()
    """What it begins with, as a word of its own, before the pattern: looked for first, at next to no cost."""
    needs: str = ""
    """Without this in a text there is none."""
    is_real: Callable[[Match], bool] = lambda match: True
    """Looks at what was found more closely than a pattern can."""

    def found(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it is."""
        if self.needs in text:
            for pattern in self._patterns(text):
                yield from self._spans(pattern, text)

    def _patterns(self, text: str) -> Iterator[re.Pattern[str]]:
        if not self.starts:
            yield compiled(self.pattern)
        for start in self.starts:
            if start in text:
                known = re.escape(start)
                yield compiled(f"{known}(?<=(?<![A-Za-z0-9]){known}){self.pattern}")

    def _spans(self, pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
        group = "secret" if "secret" in pattern.groupindex else 0
        for match in _matches(pattern, text, self.is_real):
            yield match.span(group)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """When it is first needed, and not while the application starts."""
    return re.compile(pattern)


def _matches(pattern: re.Pattern[str], text: str, is_real: Callable[[Match], bool]) -> Iterator[Match]:
    """Those that do not overlap. One that is longer than its window's reach goes to its own end."""
    start, length = 0, len(text)
    while start < length:
        beyond = start + WINDOW
        while (match := pattern.search(text, start, beyond + REACH)) is not None and match.start() < beyond:
            if match.end() == beyond + REACH < length:
                match = pattern.match(text, match.start()) or match
            if is_real(match):
                yield match
                start = match.end()
            else:
                start = match.start() + 1 if match.end() - match.start() <= LOOKED_INTO else match.end()
        start = max(start, beyond)
