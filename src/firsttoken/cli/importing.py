"""Files into a store: looked through first, so that nothing of a broken one goes in, and then taken in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from firsttoken.errors import ImportingError
from firsttoken.receive.decoded import Decoded
from firsttoken.receive.pieces import Piece
from firsttoken.receive.recorded import lines_of

Advance = Callable[[int], None]
"""Told of so many more pieces."""


class Destination(Protocol):
    """Where pieces go. Both methods raise FirstTokenError."""

    def take(self, piece: Piece, decoded: Decoded) -> None: ...

    def finish(self) -> None:
        """Returns when all that was taken is committed."""
        ...


@dataclass(slots=True)
class Imported:
    """What was found in the files."""

    calls: int = 0
    spans: int = 0
    log_records: int = 0
    metric_points: int = 0
    broken: list[str] = field(default_factory=list[str])
    """What was left out, and why."""

    def count(self, decoded: Decoded) -> None:
        batch = decoded.batch
        rows = len(batch.calls), len(batch.spans), len(batch.logs)
        self.calls += rows[0]
        self.spans += rows[1]
        self.log_records += rows[2]
        self.metric_points += decoded.items - sum(rows)


def look_through(files: Sequence[Path], advance: Advance, *, to_server: bool) -> None:
    """Raises ImportingError for the first piece that could not be imported there."""
    for path in files:
        for piece in _pieces(path, advance):
            piece.read()
            if to_server:
                piece.requests()


def take_in(files: Sequence[Path], destination: Destination, advance: Advance, *, keep_going: bool) -> Imported:
    """Raises ImportingError for what cannot be imported, or leaves it out where it is to keep going."""
    imported = Imported()
    for path in files:
        try:
            for piece in _pieces(path, advance):
                _take(piece, destination, imported, keep_going=keep_going)
        except ImportingError as error:
            _leave_out(error, imported, keep_going=keep_going)
    destination.finish()
    return imported


def _take(piece: Piece, destination: Destination, imported: Imported, *, keep_going: bool) -> None:
    try:
        decoded = piece.read()
    except ImportingError as error:
        _leave_out(error, imported, keep_going=keep_going)
        return
    destination.take(piece, decoded)
    imported.count(decoded)


def _leave_out(error: ImportingError, imported: Imported, *, keep_going: bool) -> None:
    if not keep_going:
        raise error
    imported.broken.append(str(error))


def _pieces(path: Path, advance: Advance) -> Iterator[Piece]:
    with _opened(path) as pieces:
        for piece in pieces:
            yield piece
            advance(1)


def _opened(path: Path) -> AbstractContextManager[Iterator[Piece]]:
    from firsttoken.receive.rows import is_parquet, rows_of

    return rows_of(path) if is_parquet(path) else lines_of(path)
