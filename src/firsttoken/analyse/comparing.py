"""Two sets of calls, figure by figure: how far apart they are, and whether chance alone would explain it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.bootstrap import Values, mean_draws, quantile, quantile_draws, share_draws
from firsttoken.analyse.measures import COLUMNS, Calls, Measure, Measured, Unit, measures_of
from firsttoken.analyse.options import Group, Options
from firsttoken.store import EVERYTHING, Reader, Selection

Verdict = Literal["worse", "better", "different", "no difference shown", "too few calls"]

FEWEST: Final = 30
"""Calls on either side below which nothing is said."""
FEWEST_BEYOND: Final = 5
"""And how many of them have to lie beyond a quantile: the 99th percentile of a hundred calls is one call."""
FAMILY_ALPHA: Final = 0.05
INTERVAL: Final = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions(Options):
    """`selection` is what both sides have in common, and is part of each of them already."""

    a: Selection = EVERYTHING
    b: Selection = EVERYTHING
    seed: int = 0
    resamples: Annotated[int, Field(ge=2_000, le=100_000)] = 4000
    tolerance: float = 0.0
    """A share of A's figure: what is no more worse or better than that counts as no difference."""

    def selections(self) -> tuple[Selection, ...]:
        return (self.a, self.b)


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One figure, of the calls of one group. None is unknown: that side has no call to measure it on."""

    group: Group
    figure: str
    unit: Unit
    """A share is of 1; money is in the currency that the figure names."""
    a_calls: int
    """Of which it is known."""
    b_calls: int
    a: float | None
    b: float | None
    difference: float | None
    """B less A."""
    low: float | None
    """The 95 % interval of the difference, of this figure alone."""
    high: float | None
    p_value: float | None
    """How probable a difference beyond the tolerance would be if there were none, with all figures taken into
    account."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CompareAnswer:
    """Of every group that both sides have."""

    group_by: tuple[str, ...]
    a: Selection
    b: Selection
    a_calls: int
    b_calls: int
    seed: int
    resamples: int
    tolerance: float
    only_in_a: tuple[Group, ...]
    """Groups that the other side has no call of."""
    only_in_b: tuple[Group, ...]
    rows: tuple[CompareRow, ...]

    @property
    def is_worse(self) -> bool:
        return any(row.verdict == "worse" for row in self.rows)


def _compare(reader: Reader, options: CompareOptions) -> CompareAnswer:
    a, b = (_sides(reader.table(COLUMNS, each, options.group_by)) for each in (options.a, options.b))
    rows = [row for group in sorted(a.keys() & b.keys(), key=repr) for row in _rows(group, a[group], b[group], options)]
    return CompareAnswer(
        group_by=options.group_by,
        a=options.a,
        b=options.b,
        a_calls=sum(each.num_rows for each in a.values()),
        b_calls=sum(each.num_rows for each in b.values()),
        seed=options.seed,
        resamples=options.resamples,
        tolerance=options.tolerance,
        only_in_a=tuple(sorted(a.keys() - b.keys(), key=repr)),
        only_in_b=tuple(sorted(b.keys() - a.keys(), key=repr)),
        rows=tuple(_judged(rows)),
    )


def _sides(table: pa.Table) -> dict[Group, pa.Table]:
    """The calls of each group; all of them under () where there are no groups."""
    if "group_values" not in table.column_names:
        return {(): table}
    found: Any = table
    places: dict[Group, list[int]] = {}
    for place, values in enumerate(found["group_values"].to_pylist()):
        places.setdefault(tuple(values), []).append(place)
    return {group: found.take(rows) for group, rows in places.items()}


def _rows(group: Group, a: pa.Table, b: pa.Table, options: CompareOptions) -> Iterator[tuple[CompareRow, Measure]]:
    of_a, of_b = Calls(a), Calls(b)
    for measure in measures_of(of_a, of_b):
        yield _row(group, measure, _known(measure.measure(of_a)), _known(measure.measure(of_b)), options), measure


def _known(measured: Measured) -> Measured:
    """Sorted: a store gives its calls in no order, and a run must repeat."""
    is_known = ~np.isnan(measured.values)
    values = measured.values[is_known]
    if measured.kind != "ratio":
        return replace(measured, values=np.sort(values))
    whole = measured.whole[is_known]
    order = np.lexsort((values, whole))
    return replace(measured, values=values[order], whole=whole[order])


def _row(group: Group, measure: Measure, a: Measured, b: Measured, options: CompareOptions) -> CompareRow:
    of_a, of_b = _figure(a), _figure(b)
    row = CompareRow(
        group=group,
        figure=measure.name,
        unit=measure.unit,
        a_calls=len(a.values),
        b_calls=len(b.values),
        a=of_a,
        b=of_b,
        difference=None if of_a is None or of_b is None else of_b - of_a,
        low=None,
        high=None,
        p_value=None,
        verdict="too few calls",
    )
    if not (_says_something(a) and _says_something(b)):
        return row
    rng = np.random.default_rng([options.seed, zlib.crc32(repr((group, measure.name)).encode())])
    drawn_a, drawn_b = _draws(a, rng, options.resamples), _draws(b, rng, options.resamples)
    low, high = (float(np.quantile(drawn_b - drawn_a, level)) for level in INTERVAL)
    more = _chance(drawn_b - drawn_a - options.tolerance * np.abs(drawn_a))
    less = _chance(drawn_a - drawn_b - options.tolerance * np.abs(drawn_a))
    return replace(row, low=low, high=high, p_value=min(1.0, 2 * min(more, less)), verdict="no difference shown")


def _figure(measured: Measured) -> float | None:
    values = measured.values
    if not len(values):
        return None
    match measured.kind:
        case "quantile":
            return quantile(values, measured.level)
        case "ratio":
            whole = float(np.sum(measured.whole))
            return float(np.sum(values)) / whole if whole else None
        case "mean" | "share":
            return float(np.mean(values))


def _says_something(measured: Measured) -> bool:
    count = len(measured.values)
    if measured.kind == "quantile":
        return count >= FEWEST and count * min(measured.level, 1 - measured.level) >= FEWEST_BEYOND
    return count >= FEWEST and _figure(measured) is not None


def _draws(measured: Measured, rng: np.random.Generator, count: int) -> Values:
    values = measured.values
    match measured.kind:
        case "quantile":
            return quantile_draws(values, measured.level, rng, count)
        case "share":
            return share_draws(int(np.sum(values)), len(values), rng, count)
        case "mean":
            return mean_draws(values, rng, count)
        case "ratio":
            whole = measured.whole
            ratio = float(np.sum(values) / np.sum(whole))
            return ratio + mean_draws((values - ratio * whole) / np.mean(whole), rng, count)


def _chance(beyond: Values) -> float:
    """Of not being beyond: never 0, as a resample more might have been the first."""
    return (float(np.sum(beyond <= 0)) + 1) / (len(beyond) + 1)


def _judged(rows: Sequence[tuple[CompareRow, Measure]]) -> Iterable[CompareRow]:
    """By Holm's method: of all that is looked at, the chance of a single false alarm is at most one in twenty."""
    tested = sorted((row.p_value, place) for place, (row, _) in enumerate(rows) if row.p_value is not None)
    adjusted: dict[int, float] = {}
    highest = 0.0
    for number, (p_value, place) in enumerate(tested):
        highest = max(highest, min(1.0, p_value * (len(tested) - number)))
        adjusted[place] = highest
    for place, (row, measure) in enumerate(rows):
        p_value = adjusted.get(place)
        if p_value is None or p_value > FAMILY_ALPHA or row.low is None or row.high is None:
            yield replace(row, p_value=p_value)
        else:
            yield replace(row, p_value=p_value, verdict=_verdict(measure, is_more=row.low + row.high > 0))


def _verdict(measure: Measure, *, is_more: bool) -> Verdict:
    if measure.worse == "neither":
        return "different"
    return "worse" if is_more == (measure.worse == "more") else "better"


COMPARE: Final = Answer("compare", CompareOptions, CompareAnswer, _compare)
