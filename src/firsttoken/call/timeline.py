"""When each chunk of a stream came, and how long the caller had waited for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NOTHING: Final = 0
TEXT: Final = 1
REASONING: Final = 2
TOOL_CALL: Final = 3
"""What a chunk carried for the caller. `NOTHING` is a chunk without content, such as a keep-alive or the last one."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Of one streamed call. All its members have one value for each chunk, in the order in which they came."""

    arrived_ns: tuple[int, ...]
    """After the start of the call. Never descending."""
    waited_ns: tuple[int, ...]
    """How long the caller had then waited for the provider, his own time taken out."""
    contents: tuple[int, ...]
    """`NOTHING`, `TEXT`, `REASONING` or `TOOL_CALL`."""
    lengths: tuple[int, ...] | None = None
    """Characters of content in each chunk. None unless all that was said goes to provider traces: the lengths of tokens
    can give it away."""
