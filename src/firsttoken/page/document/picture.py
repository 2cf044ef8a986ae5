"""A report as one picture."""

from __future__ import annotations

from firsttoken.page.document.content import Content, Table
from firsttoken.page.pictures import drawing
from firsttoken.page.pictures.picture import Head, Notes, Picture, Plot, Rows, Words


def png(content: Content) -> bytes:
    """As tall as it needs to be."""
    return drawing.png(pictured(content))


def pictured(content: Content) -> Picture:
    return Picture(
        title=content.title,
        about=content.about,
        figures=content.headlines,
        parts=(
            *(Plot(chart.title, chart.note, svg=chart.svg) for chart in content.charts),
            *map(_rows, content.tables),
            Notes("Not in these figures", tuple(map(Words, content.left_out))),
        ),
    )


def _rows(table: Table) -> Rows:
    return Rows(
        title=table.title,
        heads=tuple(Head(head.name, "figure" if head.is_figure else "words") for head in table.heads),
        rows=tuple(tuple(map(Words, row)) for row in table.rows),
        note=table.note,
    )
