"""How a time that calls took is spread, and how that changes over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import in_seconds, integer, integer_or_none
from firsttoken.analyse.latency import UPPER_NS
from firsttoken.analyse.options import Options, Seconds
from firsttoken.analyse.steps import Steps, steps_of
from firsttoken.store import EVERYTHING, Reader, Row, Selection

Figure = Literal["first_token", "total", "largest_gap"]

AT_LEAST_NS: Final[Mapping[int | None, int | None]] = {
    below: at_least for at_least, below in pairwise((None, *UPPER_NS, None))
}
"""By the bound of `queries/heatmap.sql` above, the bound below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapOptions(Options):
    """Calls are not grouped. No calls are an answer, too, but for a filter that none passes."""

    figure: Figure = "first_token"
    step_s: Seconds | None = None
    """How long a step is; None for a round one of which there are not many."""

    def selections(self) -> tuple[Selection, ...]:
        return () if self.selection == EVERYTHING else (self.selection,)


@dataclass(frozen=True, slots=True)
class HeatmapRow:
    """Some calls: those that `Between(figure, at_least_s, below_s)` selects of the step."""

    start_unix_ns: int
    at_least_s: float | None
    below_s: float | None
    """None where nothing is too long."""
    calls: int


@dataclass(frozen=True, slots=True)
class HeatmapAnswer:
    """The steps are those from the first selected call to the last. What no call falls in has no row."""

    selection: Selection
    figure: Figure
    step_s: int
    since_unix_ns: int
    """When the first step begins."""
    until_unix_ns: int
    """When the last one ends."""
    rows: tuple[HeatmapRow, ...]
    """In the order of time, the short ones first."""
    calls: int
    """All that have the figure."""


def heatmap(reader: Reader, options: HeatmapOptions) -> HeatmapAnswer:
    """Raises StoreError and SelectionError."""
    selection = options.selection
    steps = steps_of(reader, selection, options.step_s)
    rows = _rows(reader.ask("heatmap", steps.parameters, selection, (), options.figure), steps)
    return HeatmapAnswer(
        selection=selection,
        figure=options.figure,
        step_s=steps.step_ns // 10**9,
        since_unix_ns=steps.origin_unix_ns,
        until_unix_ns=steps.until_unix_ns,
        rows=rows,
        calls=sum(row.calls for row in rows),
    )


def _rows(found: Iterable[Row], steps: Steps) -> tuple[HeatmapRow, ...]:
    return tuple(
        HeatmapRow(
            start_unix_ns=steps.start_of(integer(row, "step")),
            at_least_s=in_seconds(AT_LEAST_NS[below_ns]),
            below_s=in_seconds(below_ns),
            calls=integer(row, "calls"),
        )
        for row in found
        for below_ns in [integer_or_none(row, "below_ns")]
    )


HEATMAP: Final = Answer("heatmap", HeatmapOptions, HeatmapAnswer, heatmap)
