"""The longest waits within a stream, with the words on both sides where they are known."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from firsttoken.call.timeline import NOTHING, REASONING, TEXT, TOOL_CALL, Timeline
from firsttoken.page.timeline.levels import level_of

MOST_GAPS: Final = 10
CONTEXT_LENGTH: Final = 60
"""Characters on each side of a gap."""
CONTENTS: Final = {NOTHING: "no content", TEXT: "text", REASONING: "reasoning", TOOL_CALL: "tool call"}


@dataclass(frozen=True, slots=True)
class Gap:
    """One wait: for the chunk with this number, counted from 0."""

    chunk: int
    waited_ns: int
    arrived_ns: int
    content: str
    """What the chunk carried."""
    before: str | None = None
    """The last words before it. None where they are not known."""
    after: str | None = None
    """The first ones after it, that chunk's included."""

    @property
    def number(self) -> int:
        """Of the chunk as people count, from 1."""
        return self.chunk + 1

    @property
    def level(self) -> int:
        """Of the wait."""
        return level_of(self.waited_ns)


def largest_gaps(timeline: Timeline, words: Sequence[str] | None, most: int = MOST_GAPS) -> tuple[Gap, ...]:
    """The longest first. The wait for the first chunk is no gap."""
    waited = timeline.waited_ns
    found = heapq.nlargest(most, range(1, len(waited)), key=lambda chunk: (waited[chunk], -chunk))
    return tuple(
        Gap(
            chunk,
            waited[chunk],
            timeline.arrived_ns[chunk],
            CONTENTS.get(timeline.contents[chunk], CONTENTS[NOTHING]),
            None if words is None else _gathered(words[at] for at in range(chunk - 1, -1, -1))[::-1],
            None if words is None else _gathered((words[at] for at in range(chunk, len(words))), forwards=True),
        )
        for chunk in found
        if waited[chunk] > 0
    )


def _gathered(pieces: Iterable[str], *, forwards: bool = False) -> str:
    """As many characters as are shown, and a sign that there are more; backwards both in order and within each piece,
    unless `forwards`."""
    text = ""
    for piece in pieces:
        text += piece if forwards else piece[::-1]
        if len(text) > CONTEXT_LENGTH:
            return f"{text[:CONTEXT_LENGTH]}…"
    return text
