"""The charts of the overview: percentiles and a heatmap of latencies, and amounts by model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from firsttoken.analyse.heatmap import HeatmapAnswer, HeatmapOptions, HeatmapRow, heatmap
from firsttoken.analyse.latency import Quantiles
from firsttoken.analyse.spending import usual_currency
from firsttoken.analyse.trend import TrendAnswer, TrendOptions, TrendRow, trend
from firsttoken.page import figures
from firsttoken.page.by_model import AMOUNTS, MODELS, amounts_of
from firsttoken.page.charts.percentiles import LEVELS
from firsttoken.page.drawn import Drawn, Mark, Step, edges
from firsttoken.page.marks import at_least
from firsttoken.store import Reader, Selection

FIGURE: Final = "first_token"
FIELDS: Final = {level: f"{level}_s" for level in LEVELS}
SHORTEST_S: Final = 0.0005
LONGEST_S: Final = 1_400.0
"""Where cells are drawn to that have no bound of their own."""


def charts_of(reader: Reader, selection: Selection) -> Mapping[str, Drawn]:
    """By name. Raises StoreError and SelectionError."""
    whole = trend(reader, TrendOptions(selection=selection))
    split = TrendOptions(selection=selection, step_s=whole.step_s, group_by=("model",), groups=MODELS)
    by_model = trend(reader, split)
    cells = heatmap(reader, HeatmapOptions(selection=selection, step_s=whole.step_s))
    currency = usual_currency(reader.ask("cost_sources", None, selection)) or ""
    amounts = {name: amounts_of(amount, whole, by_model, currency) for name, amount in AMOUNTS.items()}
    first_token = _percentiles(whole, FIGURE, lambda row: row.first_token)
    total = _percentiles(whole, "total", lambda row: row.total)
    return {"first-token": first_token, "heatmap": _cells(cells), "total": total, **amounts}


def _percentiles(answer: TrendAnswer, figure: str, of: Callable[[TrendRow], Quantiles]) -> Drawn:
    """A step in which it is known of no call is a gap of every line."""
    known = {row.start_unix_ns: of(row) for row in answer.rows}
    starts = range(answer.since_unix_ns, answer.until_unix_ns, answer.step_s * 10**9)
    steps = [Step.at(start, answer.step_s, answer.selection) for start in starts] if known else []
    marks = [_percentile(step, figure, name, known.get(step.start_unix_ns)) for step in steps for name in LEVELS]
    return Drawn((*marks, *edges(answer.selection, LEVELS[0], None)), LEVELS)


def _percentile(step: Step, figure: str, name: str, of: Quantiles | None) -> Mark:
    """The calls behind it are those that were as slow or slower."""
    value_s: float | None = None if of is None else getattr(of, FIELDS[name])
    if of is None or value_s is None:
        return step.mark(name, figures.UNKNOWN, None, None, 0, None)
    slower = at_least(step.selection, figure, value_s)
    return step.mark(name, figures.duration_s(value_s), None, value_s, of.count, slower)


def _cells(answer: HeatmapAnswer) -> Drawn:
    marks = tuple(_cell(row, answer) for row in answer.rows)
    lows = {mark.name: mark.low or 0.0 for mark in marks}
    names = tuple(sorted(lows, key=lambda name: lows[name]))
    ends = edges(answer.selection, names[0], lows[names[0]]) if names else ()
    return Drawn((*marks, *ends), names, absent="0")


def _cell(row: HeatmapRow, answer: HeatmapAnswer) -> Mark:
    step = Step.at(row.start_unix_ns, answer.step_s, answer.selection)
    low_s = SHORTEST_S if row.at_least_s is None else row.at_least_s
    high_s = LONGEST_S if row.below_s is None else row.below_s
    of = at_least(step.selection, FIGURE, row.at_least_s, row.below_s)
    return step.mark(_bounds(row), figures.calls(row.calls), low_s, high_s, row.calls, of)


def _bounds(row: HeatmapRow) -> str:
    if row.at_least_s is None:
        return f"below {figures.duration_s(row.below_s)}"
    if row.below_s is None:
        return f"from {figures.duration_s(row.at_least_s)}"
    return f"{figures.duration_s(row.at_least_s)} to {figures.duration_s(row.below_s)}"
