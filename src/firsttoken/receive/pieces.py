"""What an import is made of: pieces of files that are taken in one by one, whichever kind of file they come from."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from firsttoken.receive.decoded import Decoded


class Request(NamedTuple):
    """One request to a receiver."""

    path: str
    content_type: str
    body: bytes


class Piece(Protocol):
    """What is imported or left out as one: a line, or a few rows."""

    def read(self) -> Decoded:
        """Raises BrokenLineError for what cannot be kept."""
        ...

    def requests(self) -> tuple[Request, ...]:
        """The same for a server. Raises ImportingError where it can be written into a file alone."""
        ...
