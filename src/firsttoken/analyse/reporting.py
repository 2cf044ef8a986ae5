"""Totals and percentiles over calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final, NamedTuple

from firsttoken.analyse.answers import ModelTotals, Percentiles, Report, Totals
from firsttoken.analyse.asking import Answer
from firsttoken.analyse.columns import in_seconds, integer, money, reals, text, text_or_none
from firsttoken.analyse.options import Options
from firsttoken.call import Outcome
from firsttoken.call.ledger import DIGITS
from firsttoken.store import EVERYTHING, Reader, Row, Selection, Warehouse


class _Model(NamedTuple):
    provider: str
    name: str


Group = _Model | None
"""One model, or all calls together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(Options):
    """A report is of all models; it is grouped by nothing else."""

    also_of_none: bool = False
    """Whether no calls are an answer, too."""

    def selections(self) -> tuple[Selection, ...]:
        return () if self.also_of_none else (self.selection,)


def report(warehouse: Warehouse, selection: Selection = EVERYTHING) -> Report:
    """Over all selected calls, also where there are none. Raises StoreError and SelectionError."""
    with warehouse.read() as reader:
        return _report(reader, ReportOptions(selection=selection))


def _report(reader: Reader, options: ReportOptions) -> Report:
    """A call counts under the model it asked for, or the one that answered where it named none."""
    selection = options.selection
    totals = reader.ask("call_totals", None, selection)
    endings = _by_group(reader.ask("call_endings", None, selection))
    of_group = {_group(row): _totals(row, endings.get(_group(row), [])) for row in totals}
    return Report(
        selection=selection,
        totals=of_group[None],
        models=tuple(ModelTotals(*group, totals) for group, totals in of_group.items() if group is not None),
    )


def _group(row: Row) -> Group:
    return None if row["overall"] else _Model(text(row, "provider"), text(row, "model"))


def _by_group(rows: Iterable[Row]) -> Mapping[Group, list[Row]]:
    groups: dict[Group, list[Row]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row)
    return groups


def _totals(row: Row, endings: Sequence[Row]) -> Totals:
    outcomes = _counts(endings, "outcome")
    return Totals(
        calls=integer(row, "calls"),
        errors=sum(calls for outcome, calls in outcomes.items() if Outcome(outcome).is_error),
        outcomes=outcomes,
        error_categories=_counts(endings, "category"),
        first_token=percentiles(row, "first_token"),
        duration=percentiles(row, "duration"),
        input_tokens=integer(row, "input_tokens"),
        output_tokens=integer(row, "output_tokens"),
        cache_read_tokens=integer(row, "cache_read_tokens"),
        cache_write_tokens=integer(row, "cache_write_tokens"),
        reasoning_tokens=integer(row, "reasoning_tokens"),
        calls_without_usage=integer(row, "calls_without_usage"),
        cost=_costs(endings),
        unpriced_calls=integer(row, "unpriced_calls"),
    )


def _counts(endings: Iterable[Row], column: str) -> dict[str, int]:
    """Calls by what the column says, the most first."""
    calls: dict[str, int] = {}
    for row in endings:
        if (value := text_or_none(row, column)) is not None:
            calls[value] = calls.get(value, 0) + integer(row, "calls")
    return dict(sorted(calls.items(), key=lambda item: (-item[1], item[0])))


def _costs(endings: Iterable[Row]) -> dict[str, Decimal]:
    costs: dict[str, Decimal] = {}
    with localcontext(prec=DIGITS):
        for row in endings:
            if (currency := text_or_none(row, "currency")) is not None:
                costs[currency] = costs.get(currency, Decimal(0)) + money(row, "cost")
    return dict(sorted(costs.items()))


def percentiles(row: Row, of: str) -> Percentiles:
    """Of the columns `<of>_count` and `<of>_p50_p95_ns`."""
    return Percentiles(integer(row, f"{of}_count"), *map(in_seconds, reals(row, f"{of}_p50_p95_ns", 2)))


REPORT: Final = Answer("report", ReportOptions, Report, _report)
