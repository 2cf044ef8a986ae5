"""What a chart over time draws: marks, each with its words and the calls behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from firsttoken.page import figures
from firsttoken.page.marks import within
from firsttoken.page.question import address_of
from firsttoken.store import Selection


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark. Where `high` is None nothing is drawn, so that a line has a gap."""

    start_ms: float
    end_ms: float
    low: float | None
    high: float | None
    calls: int
    name: str
    when: str
    words: str
    is_whole: bool
    """False where the view begins, or ends, within this time."""
    href: str | None
    """None where there is nothing to see: for a gap, and for what only keeps the chart as wide as the view."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart."""

    marks: tuple[Mark, ...]
    names: tuple[str, ...]
    """What the marks are told apart by, in order."""
    meaning: str = ""
    """What is to be known of it, for its head. Empty keeps what stands there."""
    absent: str = figures.UNKNOWN
    """What a table says where there is no mark in a time that has calls."""
    coloured: tuple[str, ...] = ()
    """The names that charts side by side share, also those without a mark here, so that each has its colour in all of
    them. Empty where names have colours by their own order."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of time, and the calls of a view that started in it."""

    start_unix_ns: int
    end_unix_ns: int
    selection: Selection

    @classmethod
    def at(cls, start_unix_ns: int, step_s: int, selection: Selection) -> Self:
        end_unix_ns = start_unix_ns + step_s * 10**9
        return cls(start_unix_ns, end_unix_ns, within(selection, start_unix_ns, end_unix_ns))

    def mark(  # noqa: PLR0913, PLR0917  one for each thing that marks of a step differ in
        self, name: str, words: str, low: float | None, high: float | None, calls: int, of: Selection | None
    ) -> Mark:
        """Of some of its calls."""
        is_whole = (self.selection.since_unix_ns, self.selection.until_unix_ns) == (
            self.start_unix_ns,
            self.end_unix_ns,
        )
        return Mark(
            start_ms=self.start_unix_ns / 1e6,
            end_ms=self.end_unix_ns / 1e6,
            low=low,
            high=high,
            calls=calls,
            name=name,
            when=figures.minute(self.start_unix_ns) + ("" if is_whole else ", not all of it"),
            words=words,
            is_whole=is_whole,
            href=None if of is None else address_of("/", of),
        )


def edges(selection: Selection, name: str, height: float | None) -> tuple[Mark, ...]:
    """Marks without a size where the view begins and ends, so that all its charts cover the same time."""
    moments = (selection.since_unix_ns, selection.until_unix_ns)
    return tuple(
        Mark(moment / 1e6, moment / 1e6, height, height, 1, name, "", "", is_whole=True, href=None)
        for moment in moments
        if moment is not None
    )
