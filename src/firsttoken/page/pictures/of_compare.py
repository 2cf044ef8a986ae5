"""A comparison as a picture: each figure with its interval, and how time to first token is spread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from firsttoken.analyse.asking import described
from firsttoken.page import figures
from firsttoken.page.charts.spread import SIDES
from firsttoken.page.intervals import WIDTH, Interval, Line
from firsttoken.page.pictures.colours import LINE, QUIET, TEXT
from firsttoken.page.pictures.picture import Bar, Cell, Figure, Head, Part, Picture, Plot, Rows, Shape, Tone, Words
from firsttoken.page.pictures.plots import Rules, with_points
from firsttoken.store import Selection

if TYPE_CHECKING:
    from firsttoken.page.views.compare import Compared

CUT: Final = 0.1
"""How far beyond an end of its bar an interval is drawn that is cut there."""
TONES: Final[dict[str, Tone]] = {"worse": "bad", "better": "good"}
VERDICTS: Final = {
    "worse": "Worse in B",
    "better": "Better in B",
    "no difference shown": "No difference shown",
    "too few calls": "Too few calls to say",
}


def compare_picture(a: Selection, b: Selection, found: Compared, rules: Rules) -> Picture:
    about = f"A: calls{described(a) or ' of all time'} · B: calls{described(b) or ' of all time'}"
    return Picture("Compare", about, tuple(_figures(found)), tuple(_parts(found, rules)))


def _figures(found: Compared) -> Iterator[Figure]:
    yield Figure("Calls of A", figures.count(found.answer.a_calls))
    yield Figure("Calls of B", figures.count(found.answer.b_calls))
    for verdict, words in VERDICTS.items():
        count = sum(line.row.verdict == verdict for line in found.lines)
        yield Figure(
            words,
            figures.count(count),
            f"of {figures.counted(len(found.lines), 'figure')}",
            verdict == "worse" and count > 0,
        )


def _parts(found: Compared, rules: Rules) -> Iterator[Part]:
    heads = (
        Head("Figure", "label"),
        *map(Head, ("A", "B", "Difference")),
        Head(kind="bar", ticks=(f"\N{MINUS SIGN}{found.scale}", "no difference", f"+{found.scale}")),
        Head("95 % interval"),
        Head("Verdict", "label"),
    )
    note = "what chance alone makes look different is at most 5 %, all figures taken together (Holm)"
    yield Rows("Figure by figure", heads, tuple(map(_line, found.lines)), note)
    if found.bins:
        points: list[dict[str, Any]] = [
            {"bin": each.name, "at": place, "side": side, "share": share}
            for place, each in enumerate(found.bins)
            for side, share in zip(SIDES, (each.a, each.b), strict=True)
        ]
        yield Plot(
            "Time to first token", "shares of the streams of A and of B", with_points(rules, points), is_wide=True
        )


def _line(line: Line) -> tuple[Cell, ...]:
    return (
        Words(line.row.figure, tone="strong"),
        Words(line.a),
        Words(line.b),
        Words(line.difference),
        Bar(tuple(_shapes(line.plot)) if line.plot else ()),
        Words(line.interval, tone="quiet"),
        Words(line.verdict, tone=TONES.get(line.row.verdict, "plain")),
    )


def _shapes(plot: Interval) -> Iterator[Shape]:
    yield Shape(0.5, 0.001, LINE, 2.4)
    low = -CUT if plot.is_cut_low else plot.low / WIDTH
    high = 1 + CUT if plot.is_cut_high else plot.high / WIDTH
    yield Shape(low, high - low, QUIET, 0.5)
    if plot.difference is not None:
        yield Shape(plot.difference / WIDTH - 0.004, 0.008, TEXT, 1.2)
