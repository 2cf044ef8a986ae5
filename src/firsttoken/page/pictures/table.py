"""Tables of a picture: words, figures, and bars on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from firsttoken.page.pictures.colours import LINE, LINE_SOFT, OF_TONE, QUIET
from firsttoken.page.pictures.picture import Bar, Cell, Head, Key, Rows, Words
from firsttoken.page.pictures.sheet import BOLD, CELL, GAP, INNER, MARGIN, NOTE, PADDING, WIDTH, Sheet, readable
from firsttoken.page.pictures.text_width import fitting, width_of

ROW: Final = 25.0
HEAD: Final = 56.0
BAR: Final = 9.0
MORE: Final = 10.5
SPACE: Final = 18.0
"""Between two columns."""
INDENT: Final = 14.0
MOST_INDENT: Final = 16
SWATCH: Final = 9.0
WIDEST_WORDS: Final = 330.0
NARROWEST_WORDS: Final = 50.0
NARROWEST_BAR: Final = 190.0
LEAST_SEEN: Final = 1.2
BEYOND: Final = 0.005
"""What is longer by so much of the width has an arrow."""
LEAST_MORE: Final = 24.0
BELOW: Final = 4.2
"""The baseline of a line, below its middle."""


def draw_table(sheet: Sheet, table: Rows) -> None:
    top, left = sheet.bottom, MARGIN + PADDING
    height = HEAD + ROW * len(table.rows) + 12
    sheet.panel(MARGIN, top, WIDTH - 2 * MARGIN, height)
    sheet.heading(left, top + 25, table.title, table.note, INNER - draw_keys(sheet, top + 25, table.keys))
    widths = _widths(table)
    x = left
    for place, (head, width) in enumerate(zip(table.heads, widths, strict=True)):
        _head(sheet, x, top + 47, head, width)
        for number, row in enumerate(table.rows):
            room = Place(x, top + HEAD + (number + 0.5) * ROW, width)
            match row[place]:
                case Bar() as bar:
                    draw_bar(sheet, room, bar)
                case Words() as words if head.kind == "figure":
                    _figure(sheet, room, words)
                case Words() as words:
                    _words(sheet, room, words)
        x += width + SPACE
    for number in range(len(table.rows)):
        is_sum = table.last_is_sum and number == len(table.rows) - 1
        sheet.line(left, top + HEAD + number * ROW - 0.5, left + INNER, LINE if is_sum or number == 0 else LINE_SOFT)
    sheet.bottom += height + GAP


def draw_keys(sheet: Sheet, y: float, keys: Sequence[Key]) -> float:
    """Against the right edge. How much room they took."""
    taken = sum(map(_key_width, keys))
    x = WIDTH - MARGIN - PADDING - taken + (14 if keys else 0)
    for key in keys:
        sheet.rect(x, y - SWATCH + 0.5, SWATCH, SWATCH, key.colour, 2)
        sheet.text(x + SWATCH + 6, y, key.name, NOTE, QUIET)
        x += _key_width(key)
    return taken


class Place(NamedTuple):
    """Room for a bar: where it begins, the middle of its height, and how wide and tall it is."""

    x: float
    middle: float
    width: float
    height: float = BAR


def draw_bar(sheet: Sheet, place: Place, bar: Bar) -> None:
    x, middle, width, height = place
    for shape in bar.shapes:
        if not shape.length:
            continue
        begin = min(max(shape.begin, 0.0), 1.0)
        end = min(max(shape.begin + shape.length, begin), 1.0)
        tall = height * shape.height
        shown = max((end - begin) * width, LEAST_SEEN)
        left = x + min(begin * width, width - shown)
        sheet.rect(left, middle - tall / 2, shown, tall, shape.colour, min(1.5, tall / 4))
    if any(shape.begin < -BEYOND for shape in bar.shapes):
        sheet.parts.append(f'<path d="M{x - 2:.1f} {middle - 4:.1f}l-5 4l5 4z" fill="{QUIET}"/>')
    if any(shape.begin + shape.length > 1 + BEYOND for shape in bar.shapes):
        sheet.parts.append(f'<path d="M{x + width + 2:.1f} {middle - 4:.1f}l5 4l-5 4z" fill="{QUIET}"/>')


def draw_ticks(sheet: Sheet, x: float, y: float, width: float, ticks: Sequence[str]) -> None:
    for number, tick in enumerate(ticks):
        share = number / max(1, len(ticks) - 1)
        anchor = "start" if number == 0 else "end" if number == len(ticks) - 1 else "middle"
        sheet.text(x + share * width, y, tick, MORE + 0.5, QUIET, text_anchor=anchor)


def _key_width(key: Key) -> float:
    return SWATCH + 20 + width_of(key.name, NOTE)


def _widths(table: Rows) -> list[float]:
    """Bars get what is left over; where there are none, the words do. Words are cut where there is too little room."""
    room = INNER - SPACE * (len(table.heads) - 1)
    columns = list(zip(*table.rows, strict=True)) if table.rows else [()] * len(table.heads)
    wanted = [_wanted(head, column) for head, column in zip(table.heads, columns, strict=True)]
    spare = room - sum(wanted)
    kinds = [head.kind for head in table.heads]
    if spare < 0:
        most = _cut_to([width for width, kind in zip(wanted, kinds, strict=True) if kind == "words"], -spare)
        return [min(width, most) if kind == "words" else width for width, kind in zip(wanted, kinds, strict=True)]
    growing = "bar" if "bar" in kinds else "words"
    count = kinds.count(growing) or 1
    return [width + (spare / count if kind == growing else 0) for width, kind in zip(wanted, kinds, strict=True)]


def _cut_to(widths: Sequence[float], missing: float) -> float:
    """How wide columns of words may be at most, so that they take so much less: the widest give first."""
    room = max(sum(widths) - missing, NARROWEST_WORDS * len(widths))
    for place, width in enumerate(sorted(widths)):
        if width * (len(widths) - place) > room:
            return room / (len(widths) - place)
        room -= width
    return WIDEST_WORDS


def _wanted(head: Head, column: Sequence[Cell]) -> float:
    if head.kind == "bar":
        return NARROWEST_BAR
    found = [width_of(head.name, CELL), *(_cell_width(cell) for cell in column if isinstance(cell, Words))]
    return min(max(found) + 2, WIDEST_WORDS) if head.kind == "words" else max(found) + 2


def _cell_width(cell: Words) -> float:
    more = width_of(readable(cell.more), MORE) + 7 if cell.more else 0.0
    before = min(cell.indent, MOST_INDENT) * INDENT + (SWATCH + 6 if cell.swatch else 0)
    return before + width_of(readable(cell.text), CELL) * (BOLD if cell.tone == "strong" else 1) + more


def _head(sheet: Sheet, x: float, y: float, head: Head, width: float) -> None:
    if head.kind == "bar":
        draw_ticks(sheet, x, y, width, head.ticks)
    elif head.kind == "figure":
        sheet.text(x + width, y, head.name, CELL - 0.5, QUIET, text_anchor="end")
    else:
        sheet.text(x, y, fitting(readable(head.name), CELL, width), CELL - 0.5, QUIET)


def _figure(sheet: Sheet, room: Place, cell: Words) -> None:
    right, baseline = room.x + room.width, room.middle + BELOW
    if cell.more:
        sheet.text(right, baseline, cell.more, MORE, QUIET, text_anchor="end")
        right -= width_of(readable(cell.more), MORE) + 7
    sheet.text(right, baseline, cell.text, CELL, OF_TONE[cell.tone], text_anchor="end", font_weight=_weight(cell))


def _words(sheet: Sheet, room: Place, cell: Words) -> None:
    begin, baseline = room.x + min(cell.indent, MOST_INDENT) * INDENT, room.middle + BELOW
    if cell.swatch:
        sheet.rect(begin, baseline - SWATCH + 0.5, SWATCH, SWATCH, cell.swatch, 2)
        begin += SWATCH + 6
    left = room.x + room.width - begin
    wider = BOLD if cell.tone == "strong" else 1.0
    own = fitting(readable(cell.text), CELL * wider, left)
    sheet.text(begin, baseline, own, CELL, OF_TONE[cell.tone], font_weight=_weight(cell))
    left -= width_of(own, CELL) * wider + 7
    if cell.more and left > LEAST_MORE:
        sheet.text(room.x + room.width - left, baseline, fitting(readable(cell.more), MORE, left), MORE, QUIET)


def _weight(cell: Words) -> str:
    return "bold" if cell.tone == "strong" else "normal"
