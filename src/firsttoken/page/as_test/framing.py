"""Where the pieces of an answer stand among the events of its stream, as the test kit's wires send them.

A test holds this against the wires themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Block:
    """Events around the pieces of one block."""

    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Framing:
    """Of one wire. Blocks come in this order: reasoning, text, calls of tools."""

    opening: int
    """Events before the first block."""
    reasoning: Block
    text: Block
    tool: Block
    in_first: int = 0
    """More events within the first block of all, before its pieces."""


FRAMINGS: Final = {
    "openai.chat_completions": Framing(1, Block(), Block(), Block(before=1)),
    "openai.responses": Framing(2, Block(2, 3), Block(2, 3), Block(1, 2)),
    "anthropic.messages": Framing(1, Block(1, 2), Block(1, 1), Block(2, 1), in_first=1),
}
"""By the name of the wire."""


def events_of_pieces(framing: Framing, reasoning: int, text: int, tools: Sequence[int]) -> Iterator[int]:
    """The number of the event of each piece. What is given is how many pieces each block has."""
    kinds = [(framing.reasoning, reasoning)] * bool(reasoning) + [(framing.text, text)] * bool(text)
    event = framing.opening
    for index, (block, count) in enumerate((*kinds, *((framing.tool, each) for each in tools))):
        event += block.before + (framing.in_first if index == 0 else 0)
        yield from range(event, event + count)
        event += count + block.after
