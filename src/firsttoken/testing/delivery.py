"""How the bytes of a reply travel: when, in which pieces, and how far. What they say is in `answer` and `failure`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from firsttoken.testing.gate import Pause


class Cut(StrEnum):
    """How a connection ends before its reply does."""

    RESET = "reset"
    """A TCP reset, as from a proxy that crashed."""
    CLOSE = "close"
    """The connection is closed while the client still expects more of the body."""
    END = "end"
    """The HTTP body ends as it should and only the events that should have come are missing. A WebSocket is closed as
    it should be, with code 1000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Counts in chunks: a streamed reply has one per event, a whole one is a single chunk. Over a WebSocket each is a
    message.

    Steps apply in the order of the fields, so `stop_after`, `before` and the pauses count the chunks as
    they are after inserting and cutting up.
    """

    insert: Mapping[int, bytes] = field(default_factory=dict[int, bytes])
    """Bytes to send before the event with that number, such as a comment or a malformed event."""
    piece_bytes: tuple[int, ...] = ()
    """Cuts the whole body into pieces of these sizes, in turn, through events, lines and characters alike."""
    stop_after: int | None = None
    """How many chunks are sent, as the end of a slice: 0 sends none and -1 leaves out the last."""
    stop_by: Cut = Cut.RESET
    """What happens there."""
    headers_after: Pause = 0.0
    """Before the status line and the headers."""
    first_after: Pause = 0.0
    """Between the headers and the first chunk."""
    each_after: Pause = 0.0
    """Before every later chunk."""
    before: Mapping[int, Pause] = field(default_factory=dict[int, Pause])
    """Before the chunk with that number, counted from 0, in place of `first_after` or `each_after`. Where it is the
    first one that is not sent, before the end."""

    def __post_init__(self) -> None:
        if any(size < 1 for size in self.piece_bytes):
            raise ValueError(f"piece_bytes={self.piece_bytes} has a size below 1: no bytes would ever be sent")
