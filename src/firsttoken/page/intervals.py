"""A comparison as rows and small pictures: each figure in its unit, and where its interval lies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from firsttoken.analyse.comparing import CompareRow
from firsttoken.analyse.heatmap import HeatmapAnswer
from firsttoken.page import figures

WIDTH: Final = 200.0
MIDDLE: Final = WIDTH / 2
SCALES: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
"""The shares of A's figure that plots may reach to, on either side; what is beyond has an arrow at the edge."""
ROUNDING: Final = 1e-9
VERDICTS: Final = {
    "worse": "B is worse",
    "better": "B is better",
    "different": "B differs",
    "no difference shown": "no difference shown",
    "too few calls": "too few calls",
}
BY_CHANCE: Final = "could be chance"
"""Of a figure whose own interval leaves 0 out, but not so clearly that one of so many would not do it by chance."""


@dataclass(frozen=True, slots=True)
class Interval:
    """In units of the plot's width. The middle is no difference."""

    low: float
    high: float
    difference: float | None
    """None where that is beyond an edge."""
    is_cut_low: bool
    is_cut_high: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of both sides."""

    row: CompareRow
    a: str
    b: str
    difference: str
    interval: str
    verdict: str
    plot: Interval | None


def scale_of(rows: Sequence[CompareRow]) -> float:
    """Of all plots: the smallest that holds every interval, or the largest that there is."""
    shares = [abs(bound / row.a) for row in rows if row.a for bound in (row.low, row.high) if bound is not None]
    largest = max(shares, default=SCALES[-1])
    return next((scale for scale in SCALES if scale >= largest), SCALES[-1])


def lines(rows: Sequence[CompareRow]) -> tuple[Line, ...]:
    scale = scale_of(rows)
    return tuple(_line(row, scale) for row in rows)


def _line(row: CompareRow, scale: float) -> Line:
    interval = "" if row.low is None or row.high is None else f"{_signed(row, row.low)} to {_signed(row, row.high)}"
    difference = figures.UNKNOWN if row.difference is None else _signed(row, row.difference)
    return Line(row, _said(row, row.a), _said(row, row.b), difference, interval, _verdict(row), _plot(row, scale))


def _plot(row: CompareRow, scale: float) -> Interval | None:
    if not row.a or row.low is None or row.high is None or row.difference is None:
        return None
    low, high, difference = (each / abs(row.a) / scale for each in (row.low, row.high, row.difference))
    return Interval(_place(low), _place(high), _place(difference) if abs(difference) <= 1 else None, low < -1, high > 1)


def _place(part: float) -> float:
    return MIDDLE + MIDDLE * max(-1.0, min(1.0, part))


def _verdict(row: CompareRow) -> str:
    """A test of many figures at once asks for more than the interval of one."""
    leaves_none_out = row.low is None or row.high is None or row.low <= 0 <= row.high
    return VERDICTS[row.verdict] if row.verdict != "no difference shown" or leaves_none_out else BY_CHANCE


def _said(row: CompareRow, value: float | None) -> str:
    if value is None:
        return figures.UNKNOWN
    match row.unit:
        case "s":
            return figures.duration_s(value)
        case "tokens/s":
            return figures.rate(value)
        case "tokens":
            return f"{value:,.0f}"
        case "share":
            return figures.percent(value)
        case "money":
            return figures.money(Decimal(repr(value)), row.figure.rpartition(", ")[2])


def _signed(row: CompareRow, value: float) -> str:
    """What arithmetic leaves of two numbers that are the same is no difference. That of two shares is in points of a
    percentage, which is not a part of either.
    """
    value = 0.0 if abs(value) < ROUNDING * abs(row.a or 0.0) else value
    sign = "+" if value > 0 else figures.MINUS if value < 0 else ""
    amount = f"{100 * abs(value):.1f}{figures.SPACE}pp" if row.unit == "share" else _said(row, abs(value))
    return f"{sign}{amount}"


@dataclass(frozen=True, slots=True)
class Bin:
    """How many of each side's streams took that long, as a share of all of its streams."""

    name: str
    a: float
    b: float


def distribution(a: HeatmapAnswer, b: HeatmapAnswer) -> tuple[Bin, ...]:
    """Every bin from the first to the last that either has calls in."""
    of_a, of_b = _shares(a), _shares(b)
    bounds = sorted({*of_a, *of_b}, key=lambda bound: math.inf if bound is None else bound)
    return tuple(Bin(_name(bound), of_a.get(bound, 0.0), of_b.get(bound, 0.0)) for bound in bounds)


def _shares(answer: HeatmapAnswer) -> dict[float | None, float]:
    counts: dict[float | None, float] = {}
    for row in answer.rows:
        counts[row.below_s] = counts.get(row.below_s, 0.0) + row.calls / answer.calls
    return counts


def _name(below_s: float | None) -> str:
    return "longer" if below_s is None else f"below {figures.duration_s(below_s)}"


def tallest(bins: Iterable[Bin]) -> float:
    return max((max(each.a, each.b) for each in bins), default=0.0)
