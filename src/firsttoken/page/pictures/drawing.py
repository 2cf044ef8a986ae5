"""A picture drawn: its parts set below one another in SVG, with Vega for its charts, and no browser."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, cast

from firsttoken.page.pictures.colours import BAD, HEAT, LINE_SOFT, OF_TONE, QUIET, SERIES, TEXT, TONES
from firsttoken.page.pictures.looks import looks
from firsttoken.page.pictures.picture import Figure, Notes, Part, Picture, Plot, Rows, Strip
from firsttoken.page.pictures.sheet import (
    BOLD,
    GAP,
    INNER,
    MARGIN,
    NOTE,
    PADDING,
    WIDTH,
    Sheet,
    printable,
    readable,
)
from firsttoken.page.pictures.table import Place, draw_bar, draw_keys, draw_table, draw_ticks
from firsttoken.page.pictures.text_width import fitting

SCALE: Final = 1.5
CARDS_IN_A_ROW: Final = 4
MOST_CARDS_IN_A_ROW: Final = 8
CARD_HEIGHT: Final = 78.0
STRIP: Final = 22.0
PLOT_HEIGHT: Final = 210.0
LARGEST_SCALE: Final = 1.2
OWN_IDS: Final = re.compile(r'\bid="|url\(#|(?<=href=")#')
"""Where a chart names a part of itself: several of them stand in one picture."""
SVG_SIZE: Final = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
CONFIG: Final = looks(
    11.5,
    LINE_SOFT,
    {"labelLimit": 165},
    range={"category": SERIES, "ordinal": TONES, "heatmap": HEAT, "ramp": HEAT},
)


def png(picture: Picture) -> bytes:
    """As tall as it needs to be."""
    import vl_convert

    return vl_convert.svg_to_png(svg(picture), SCALE)


def svg(picture: Picture) -> str:
    """Text is escaped, and what of it is not seen is spelt out."""
    sheet = Sheet()
    room = WIDTH - 2 * MARGIN
    sheet.text(MARGIN, sheet.bottom + 22, fitting(readable(picture.title), 22 * BOLD, room), 22, font_weight="bold")
    sheet.text(MARGIN, sheet.bottom + 44, fitting(readable(picture.about), 12.5, room), 12.5, QUIET)
    sheet.bottom += 60
    _figures(sheet, picture.figures)
    for is_plot, parts in groupby(picture.parts, lambda part: isinstance(part, Plot) and not part.is_wide):
        if is_plot:
            plots = cast("list[Plot]", list(parts))
            for pair in (plots[place : place + 2] for place in range(0, len(plots), 2)):
                _plots(sheet, pair)
        else:
            for part in parts:
                _part(sheet, part)
    return sheet.svg()


def _part(sheet: Sheet, part: Part) -> None:
    match part:
        case Rows():
            draw_table(sheet, part)
        case Plot():
            _plots(sheet, [part])
        case Strip():
            _strip(sheet, part)
        case Notes():
            _notes(sheet, part)


def _figures(sheet: Sheet, figures: Sequence[Figure]) -> None:
    if not figures:
        return
    in_a_row = len(figures) if len(figures) <= MOST_CARDS_IN_A_ROW else -(-len(figures) // 2)
    in_a_row = max(in_a_row, CARDS_IN_A_ROW)
    width = (WIDTH - 2 * MARGIN - (in_a_row - 1) * GAP / 2) / in_a_row
    for number, each in enumerate(figures):
        row, place = divmod(number, in_a_row)
        x, y = MARGIN + place * (width + GAP / 2), sheet.bottom + row * (CARD_HEIGHT + GAP / 2)
        room = width - 24
        sheet.panel(x, y, width, CARD_HEIGHT)
        sheet.text(x + 12, y + 21, fitting(readable(each.name), NOTE, room), NOTE, QUIET)
        size = 20.0 if len(each.value) < 13 else 15.0
        value = fitting(readable(each.value), size * BOLD, room)
        sheet.text(x + 12, y + 46, value, size, BAD if each.is_bad else TEXT, font_weight="bold")
        sheet.text(x + 12, y + 66, fitting(readable(each.note), 11, room), 11, QUIET)
    sheet.bottom += -(-len(figures) // in_a_row) * (CARD_HEIGHT + GAP / 2) + GAP / 2


def _plots(sheet: Sheet, plots: Sequence[Plot]) -> None:
    """Side by side, in panels of one height; one alone has the whole width."""
    width = WIDTH - 2 * MARGIN if plots[0].is_wide else (WIDTH - 2 * MARGIN - GAP) / 2
    room = width - 2 * PADDING
    drawn = [_drawn(_svg_of(plot, room, len(sheet.parts) + place), room) for place, plot in enumerate(plots)]
    height = max(tall for _, tall in drawn) + 64
    for place, (plot, (picture, _)) in enumerate(zip(plots, drawn, strict=True)):
        x = MARGIN + place * (width + GAP)
        sheet.panel(x, sheet.bottom, width, height)
        sheet.text(x + PADDING, sheet.bottom + 25, plot.title, 14.5, font_weight="bold")
        sheet.text(x + PADDING, sheet.bottom + 43, fitting(readable(plot.note), NOTE, room), NOTE, QUIET)
        sheet.parts.append(f'<g transform="translate({x + PADDING:g} {sheet.bottom + 52:g})">{picture}</g>')
    sheet.bottom += height + GAP


def _svg_of(plot: Plot, room: float, number: int) -> str:
    if plot.svg is not None:
        return plot.svg
    import vl_convert

    size = {"width": room, "height": plot.rules.get("height", PLOT_HEIGHT)}
    if size["height"] == "container":
        size["height"] = PLOT_HEIGHT
    rules = cast("dict[str, Any]", printable({**plot.rules, **size}))
    drawn = vl_convert.vegalite_to_svg(
        {**rules, "config": {**CONFIG, "legend": {**CONFIG["legend"], "columns": plot.legend_columns}}}
    )
    return OWN_IDS.sub(rf"\g<0>plot{number}-", drawn)


def _drawn(chart: str, room: float) -> tuple[str, float]:
    """A chart no wider than there is room, and how tall it then is."""
    found = SVG_SIZE.search(chart)
    if found is None:
        raise ValueError("a chart has no size")
    wide, tall = float(found[1]), float(found[2])
    scale = min(LARGEST_SCALE, room / wide)
    return f'<g transform="scale({scale:.4f})">{chart[chart.index("<svg") :]}</g>', tall * scale


def _strip(sheet: Sheet, strip: Strip) -> None:
    left, top = MARGIN + PADDING, sheet.bottom
    height = 44 + STRIP + (22 if strip.ticks else 8) + (20 if strip.note else 0)
    sheet.panel(MARGIN, top, WIDTH - 2 * MARGIN, height)
    sheet.heading(left, top + 25, strip.title, "", INNER - draw_keys(sheet, top + 25, strip.keys))
    draw_bar(sheet, Place(left, top + 38 + STRIP / 2, INNER, STRIP), strip.bar)
    draw_ticks(sheet, left, top + 38 + STRIP + 16, INNER, strip.ticks)
    sheet.text(left, top + height - 12, strip.note, NOTE, QUIET)
    sheet.bottom += height + GAP


def _notes(sheet: Sheet, notes: Notes) -> None:
    if not notes.lines:
        return
    height = 42 + 20 * len(notes.lines)
    sheet.panel(MARGIN, sheet.bottom, WIDTH - 2 * MARGIN, height)
    sheet.heading(MARGIN + PADDING, sheet.bottom + 25, notes.title, "")
    for number, line in enumerate(notes.lines):
        y = sheet.bottom + 49 + 20 * number
        words = fitting(readable(line.text), NOTE, INNER)
        sheet.text(MARGIN + PADDING, y, words, NOTE, OF_TONE[line.tone])
    sheet.bottom += height + GAP
