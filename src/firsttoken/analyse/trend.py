"""How calls went over time: counts, exact percentiles, tokens and money of each step, for each group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import group, integer, integer_or_none, money, real_or_none, text
from firsttoken.analyse.latency import Quantiles, quantiles
from firsttoken.analyse.options import Group, Options, Seconds
from firsttoken.analyse.steps import Steps, steps_of
from firsttoken.store import EVERYTHING, Reader, Row, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendOptions(Options):
    """No calls are an answer, too, but for a filter that none passes."""

    step_s: Seconds | None = None
    """How long a step is; None for a round one of which there are not many."""
    groups: Annotated[int, Field(ge=1, le=1000)] = 10
    """At most so many, those with the most calls."""

    def selections(self) -> tuple[Selection, ...]:
        return () if self.selection == EVERYTHING else (self.selection,)


@dataclass(frozen=True, slots=True)
class TrendRow:
    """The calls of a group that started within one step. What no call says anything of is None."""

    group: Group
    start_unix_ns: int
    calls: int
    errors: int
    """Those that failed or timed out."""
    first_token: Quantiles
    """Of streams that a model had to answer."""
    total: Quantiles
    """Of calls that a model had to answer."""
    output_tokens_per_second: float | None
    """After the first token: the median."""
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    cost: Mapping[str, Decimal]
    """By currency. Empty where nothing has a price."""
    unpriced_calls: int
    """Those that should have a price."""
    stalls: int | None
    stalled_streams: int | None


@dataclass(frozen=True, slots=True)
class TrendAnswer:
    """The steps are those from the first selected call to the last. One without calls has no row."""

    selection: Selection
    group_by: tuple[str, ...]
    step_s: int
    since_unix_ns: int
    """When the first step begins."""
    until_unix_ns: int
    """When the last one ends."""
    rows: tuple[TrendRow, ...]
    """The group with the most calls first, and each in the order of time. All calls are one without `group_by`."""
    left_out_calls: int
    """Those of the groups that are too many."""
    left_out_groups: int


def trend(reader: Reader, options: TrendOptions) -> TrendAnswer:
    """Raises StoreError and SelectionError."""
    selection, group_by = options.selection, options.group_by
    steps = steps_of(reader, selection, options.step_s)
    asked = {**steps.parameters, "groups": options.groups}
    costs = _by_step(reader.ask("trend_costs", asked, selection, group_by))
    found = reader.ask("trend", asked, selection, group_by)
    rows = tuple(_row(row, steps, costs.get((group(row), integer(row, "step")), {})) for row in found)
    return TrendAnswer(
        selection=selection,
        group_by=group_by,
        step_s=steps.step_ns // 10**9,
        since_unix_ns=steps.origin_unix_ns,
        until_unix_ns=steps.until_unix_ns,
        rows=rows,
        left_out_calls=_all(found, "all_calls") - sum(row.calls for row in rows),
        left_out_groups=_all(found, "all_groups") - len({row.group for row in rows}),
    )


def _all(rows: Sequence[Row], column: str) -> int:
    return integer(rows[0], column) if rows else 0


def _by_step(rows: Iterable[Row]) -> Mapping[tuple[Group, int], dict[str, Decimal]]:
    costs: dict[tuple[Group, int], dict[str, Decimal]] = {}
    for row in rows:
        costs.setdefault((group(row), integer(row, "step")), {})[text(row, "currency")] = money(row, "cost")
    return costs


def _row(row: Row, steps: Steps, cost: Mapping[str, Decimal]) -> TrendRow:
    return TrendRow(
        group=group(row),
        start_unix_ns=steps.start_of(integer(row, "step")),
        calls=integer(row, "calls"),
        errors=integer(row, "errors"),
        first_token=quantiles(row, "first_token"),
        total=quantiles(row, "total"),
        output_tokens_per_second=real_or_none(row, "speed_median"),
        input_tokens=integer_or_none(row, "input_tokens"),
        output_tokens=integer_or_none(row, "output_tokens"),
        cache_read_tokens=integer_or_none(row, "cache_read_tokens"),
        cache_write_tokens=integer_or_none(row, "cache_write_tokens"),
        cost=cost,
        unpriced_calls=integer(row, "unpriced_calls"),
        stalls=integer_or_none(row, "stalls"),
        stalled_streams=integer_or_none(row, "stalled_streams"),
    )


TREND: Final = Answer("trend", TrendOptions, TrendAnswer, trend)
