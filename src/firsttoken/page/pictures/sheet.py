"""A sheet that is drawn on from top to bottom, in SVG."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, cast
from xml.sax.saxutils import escape

from firsttoken.page.pictures.colours import GROUND, LINE, PANEL, QUIET, TEXT
from firsttoken.page.pictures.text_width import fitting, width_of
from firsttoken.unseen import escaped, spelt_out

FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"
WIDTH: Final = 1200.0
MARGIN: Final = 28.0
GAP: Final = 16.0
PADDING: Final = 16.0
INNER: Final = WIDTH - 2 * (MARGIN + PADDING)
"""The room within a panel that is as wide as the sheet."""
TITLE: Final = 14.5
NOTE: Final = 12.0
CELL: Final = 12.0
BOLD: Final = 1.1
"""How much wider bold letters are."""
LEAST_NOTE: Final = 40.0
LONGEST: Final = 600
"""Characters of which no more could be seen."""


@dataclass(slots=True)
class Sheet:
    """What is drawn so far, and how far down."""

    parts: list[str] = field(default_factory=list[str])
    bottom: float = MARGIN

    def text(self, x: float, y: float, words: str, size: float, colour: str = TEXT, **look: str) -> None:
        style = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in look.items())
        place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"'
        self.parts.append(f"<text {place}{style}>{escape(readable(words))}</text>")

    def rect(self, x: float, y: float, width: float, height: float, colour: str, radius: float = 0.0) -> None:  # noqa: PLR0913, PLR0917  a place, a size and a look
        self.parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" rx="{radius:g}" fill="{colour}"/>'
        )

    def line(self, x1: float, y: float, x2: float, colour: str = LINE) -> None:
        """From left to right."""
        self.parts.append(f'<path d="M{x1:.1f} {y:.1f}H{x2:.1f}" stroke="{colour}"/>')

    def panel(self, x: float, y: float, width: float, height: float) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="10" fill="{PANEL}" '
            f'stroke="{LINE}"/>'
        )

    def heading(self, x: float, y: float, title: str, note: str, room: float = INNER) -> None:
        """Of a panel, the note beside the title; what does not fit is cut."""
        title = fitting(readable(title), BOLD * TITLE, room)
        begin = BOLD * width_of(title, TITLE) + 12
        self.text(x, y, title, TITLE, font_weight="bold")
        if room - begin > LEAST_NOTE:
            self.text(x + begin, y, fitting(readable(note), NOTE, room - begin), NOTE, QUIET)

    def svg(self) -> str:
        height = self.bottom + MARGIN - GAP
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{WIDTH:g}" '
            f'height="{height:g}" viewBox="0 0 {WIDTH:g} {height:g}" font-family="{FONT}">'
            f'<rect width="100%" height="100%" fill="{GROUND}"/>{"".join(self.parts)}</svg>'
        )


def readable(words: str) -> str:
    """With an escape for each character that is not seen: XML has no control characters, and the drawing of one that is
    measured there ends the process."""
    return spelt_out(words[:LONGEST], escaped)


def printable(value: Any) -> Any:
    """The same value with an escape for each character that is not seen."""
    match value:
        case str():
            return readable(value)
        case dict():
            members = cast("dict[str, Any]", value).items()
            return {readable(name): printable(member) for name, member in members}
        case list() | tuple():
            return [printable(item) for item in cast("list[Any]", value)]
        case _:
            return value
