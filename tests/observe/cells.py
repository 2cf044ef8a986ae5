"""The cells of the table of surfaces and ends: those that are tested, and why the others are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from firsttoken.testing import ProviderServer
from observe.ends import ANSWER_ENDS, CLIENT_ENDS, STREAM_ENDS, End
from observe.happenings import answered_elsewhere
from observe.program import COLOURS, Program, runs_in
from observe.surfaces import ANSWERS, BY_CLIENT, READINGS, STREAMS, Surface


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table."""

    surface: Surface
    end: End
    colour: str

    @property
    def program(self) -> Program:
        return COLOURS[self.colour]

    def client(self, server: ProviderServer, **options: Any) -> Any:
        kind = self.surface.client
        if kind is None:
            return self.program.client(self.surface.sdk, server, **options)
        return kind.make(self.program, server, options)

    @property
    def asks_in_its_context(self) -> bool:
        """A thread of its own begins with an empty context."""
        return not (self.end.happen is answered_elsewhere and self.colour == "sync")

    @property
    def missing(self) -> str | None:
        """Why it cannot happen; None where it can."""
        return (
            ("as on asyncio, see the rows above" if self.colour == "trio" and self.surface.is_variant else None)
            or (self.surface.client and self.surface.client.not_in.get(self.colour))
            or self.end.not_on(self.surface)
            or self.end.not_in.get(self.colour)
            or (None if runs_in(self.colour, self.surface.sdk) else f"{self.surface.sdk} does not run on {self.colour}")
        )

    def __str__(self) -> str:
        return f"{self.surface.name} | {self.end.name} | {self.colour}"


def cells(surfaces: tuple[Surface, ...], ends: Mapping[str, tuple[End, ...]]) -> Iterator[Cell]:
    """Those that can happen."""
    for surface in surfaces:
        for end in (end for group in ends.values() for end in group):
            for colour in COLOURS:
                if (cell := Cell(surface, end, colour)).missing is None:
                    yield cell


TABLES: Final = {
    "Streams": ((*STREAMS, *READINGS), STREAM_ENDS),
    "Whole answers": (ANSWERS, ANSWER_ENDS),
    "Clients": (BY_CLIENT, CLIENT_ENDS),
}
"""Rows and columns."""
CELLS: Final = tuple(cell for table in TABLES.values() for cell in cells(*table))
