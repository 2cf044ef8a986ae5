"""A report as one HTML file: no script, nothing from elsewhere, light and dark by the reader's own settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from markupsafe import Markup

from firsttoken.page.document import charts
from firsttoken.page.document.content import Content
from firsttoken.page.rendering import render

STYLE: Final = Path(__file__).with_name("document.css")
VARIABLES: Final = {
    **{colour: f"--series-{number}" for number, colour in enumerate(charts.SERIES, 1)},
    charts.TEXT: "--text",
    charts.QUIET: "--quiet",
    charts.LINE: "--line",
    charts.BAD: "--bad",
}
"""The colours of a chart by the names that the style sheet gives them, for light and for dark."""
COLOUR: Final = re.compile("|".join(VARIABLES), re.IGNORECASE)
SIZE: Final = re.compile(r'<svg ([^>]*?)width="[\d.]+" height="[\d.]+"')


def html(content: Content) -> str:
    """Everything is escaped: names of models are strangers' text."""
    pictures = [(chart, Markup(_of_the_page(chart.svg))) for chart in content.charts]  # noqa: S704  drawn by Vega, which escapes
    return render("document.html", content=content, pictures=pictures, style=Markup(STYLE.read_text(encoding="utf-8")))  # noqa: S704  our own


def _of_the_page(svg: str) -> str:
    """As wide as there is room, in the colours of the reader's scheme."""
    return COLOUR.sub(lambda found: f"var({VARIABLES[found[0].lower()]})", SIZE.sub(r"<svg \1", svg, count=1))
