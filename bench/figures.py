"""What a measurement gives: figures with their spread, and the table they are printed in."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of many tries, and between what nine in ten of such medians would lie."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, tries: Sequence[float]) -> Spread:
        """The interval is that of order statistics around the median: no assumption about how the tries scatter."""
        ordered = sorted(tries)
        reach = 1.645 * len(ordered) ** 0.5 / 2
        middle = (len(ordered) - 1) / 2
        low, high = max(0, int(middle - reach)), min(len(ordered) - 1, int(middle + reach + 1))
        return cls(statistics.median(ordered), ordered[low], ordered[high])


@dataclass(frozen=True, slots=True)
class Figure:
    """What observing adds to one thing, beside what that thing takes without it."""

    what: str
    bare: float
    added: Spread
    aim: float | None = None
    """The most that it should be; None where nothing was promised."""
    ratio_aim: float | None = None

    @property
    def ratio(self) -> float | None:
        return (self.bare + self.added.median) / self.bare if self.bare > 0 else None


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one measurement, all in one unit."""

    name: str
    title: str
    unit: str
    figures: tuple[Figure, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "title": self.title,
            "unit": self.unit,
            "figures": [
                {
                    "what": figure.what,
                    "bare": figure.bare,
                    "added": figure.added.median,
                    "added_low": figure.added.low,
                    "added_high": figure.added.high,
                    "ratio": figure.ratio,
                    "aim": figure.aim,
                    "ratio_aim": figure.ratio_aim,
                }
                for figure in self.figures
            ],
        }

    def as_text(self) -> str:
        head = ("", "bare", "added", "90 % interval", "aim", "ratio", "aim")
        rows = [head, *(self._cells(figure) for figure in self.figures)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = ["  ".join(_padded(row, widths)).rstrip() for row in rows]
        return "\n".join([f"{self.title} ({self.unit})", *(f"  {line}" for line in lines)])

    def _cells(self, figure: Figure) -> tuple[str, ...]:
        added, ratio = figure.added, figure.ratio
        return (
            figure.what,
            _number(figure.bare),
            _number(added.median),
            f"{_number(added.low)} … {_number(added.high)}",
            _judged(added.median, figure.aim),
            "" if ratio is None else f"{ratio:.3f}",
            "" if ratio is None else _judged(ratio, figure.ratio_aim),
        )


def _judged(value: float, aim: float | None) -> str:
    return "" if aim is None else f"{_number(aim)} {'met' if value <= aim else 'missed'}"


def _padded(row: Iterable[str], widths: Sequence[int]) -> list[str]:
    first, *others = row
    return [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]


def _number(value: float) -> str:
    """Three digits that count, and no more."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def added(bare: Callable[[], float], observed: Callable[[], float], rounds: int) -> tuple[float, Spread]:
    """Both tried in turn as A B B A, so that a machine whose speed drifts favours neither.

    Returns the median of the bare tries, and the spread of what the pairs differ by.
    """
    bares: list[float] = []
    differences: list[float] = []
    for _ in range(rounds):
        first = bare()
        with_us = observed() + observed()
        last = bare()
        bares += [first, last]
        differences.append((with_us - first - last) / 2)
    return statistics.median(bares), Spread.of(differences)
