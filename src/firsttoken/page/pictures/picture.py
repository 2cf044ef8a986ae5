"""What a picture shows, in words, figures and shapes that are ready to be drawn. All text may be strangers' text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

Tone = Literal["plain", "strong", "quiet", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of those at the top."""

    name: str
    value: str
    note: str = ""
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """What a cell of a table says."""

    text: str
    more: str = ""
    """What stands smaller behind it."""
    tone: Tone = "plain"
    indent: int = 0
    """How many levels deep it stands."""
    swatch: str | None = None
    """The colour of a small square before it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A part of a bar, in shares of the width that bars have."""

    begin: float
    length: float
    colour: str
    height: float = 1.0
    """A share of the height of a bar, around its middle."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A cell that shows shapes, drawn one over the other. What reaches beyond an end is cut there, with an arrow."""

    shapes: tuple[Shape, ...]


Cell = Words | Bar


@dataclass(frozen=True, slots=True)
class Head:
    """The top of a column. Words stand left and are cut where there is too little room, labels are few and are not;
    figures stand right; bars have a scale."""

    name: str = ""
    kind: Literal["words", "label", "figure", "bar"] = "figure"
    ticks: tuple[str, ...] = ()
    """What stands along the scale of bars, from its begin to its end."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a colour means."""

    colour: str
    name: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table, with bars where a column has them."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    keys: tuple[Key, ...] = ()
    last_is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart in the Vega-Lite language, with its data in it; or one that is drawn already."""

    title: str
    note: str = ""
    rules: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    svg: str | None = None
    legend_columns: int = 3
    is_wide: bool = False
    """Whether it has the whole width, where two charts stand beside each other otherwise."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One bar over the whole width, in shares of it, and what its colours mean."""

    title: str
    bar: Bar
    keys: tuple[Key, ...]
    ticks: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """Some lines of text."""

    title: str
    lines: tuple[Words, ...]


Part = Rows | Plot | Strip | Notes


@dataclass(frozen=True, slots=True)
class Picture:
    """Its parts stand below one another, but for charts: two of those stand side by side."""

    title: str
    about: str
    """Which calls, and when they were made."""
    figures: tuple[Figure, ...]
    parts: tuple[Part, ...]
