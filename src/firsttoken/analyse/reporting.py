"""Totals and percentiles over calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from firsttoken.analyse.answers import ModelTotals, Percentiles, Report, Totals
from firsttoken.analyse.columns import integer, money, reals, text
from firsttoken.call import Outcome
from firsttoken.store import Row, Store


class _Model(NamedTuple):
    provider: str
    name: str


Group = _Model | None
"""One model, or all calls together."""


class _Rows(NamedTuple):
    """What belongs to one group, beside its totals."""

    outcomes: Sequence[Row]
    errors: Sequence[Row]
    costs: Sequence[Row]


class _Details(NamedTuple):
    """The answers to the queries of these names, by group."""

    call_outcomes: Mapping[Group, list[Row]]
    call_errors: Mapping[Group, list[Row]]
    call_costs: Mapping[Group, list[Row]]

    def of(self, group: Group) -> _Rows:
        return _Rows(*(rows.get(group, []) for rows in self))


def report(
    store: Store,
    *,
    since_unix_ns: int | None = None,
    run_id: str | None = None,
    where: Mapping[str, str] | None = None,
) -> Report:
    """Over all calls that started at or after `since_unix_ns` and whose attributes say `where`. Raises StoreError.

    A call counts under the model it asked for, or the one that answered where it named none.
    """
    matching = {"since_unix_ns": since_unix_ns, "run_id": run_id}
    with store.read() as reader:
        totals = reader.ask("call_totals", matching, where)
        details = _Details(*(_by_group(reader.ask(query, matching, where)) for query in _Details._fields))
    of_group = {_group(row): _totals(row, details.of(_group(row))) for row in totals}
    return Report(
        since_unix_ns=since_unix_ns,
        run_id=run_id,
        totals=of_group[None],
        models=tuple(ModelTotals(*group, totals) for group, totals in of_group.items() if group is not None),
        where=dict(where or {}),
    )


def _group(row: Row) -> Group:
    return None if row["overall"] else _Model(text(row, "provider"), text(row, "model"))


def _by_group(rows: Iterable[Row]) -> Mapping[Group, list[Row]]:
    groups: dict[Group, list[Row]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row)
    return groups


def _totals(row: Row, rows: _Rows) -> Totals:
    outcomes = {text(each, "outcome"): integer(each, "calls") for each in rows.outcomes}
    cost: dict[str, Decimal] = {text(each, "currency"): money(each, "cost") for each in rows.costs}
    return Totals(
        calls=integer(row, "calls"),
        errors=sum(calls for outcome, calls in outcomes.items() if Outcome(outcome).is_error),
        outcomes=outcomes,
        error_categories={text(each, "category"): integer(each, "calls") for each in rows.errors},
        first_token=_percentiles(row, "first_token"),
        duration=_percentiles(row, "duration"),
        input_tokens=integer(row, "input_tokens"),
        output_tokens=integer(row, "output_tokens"),
        cache_read_tokens=integer(row, "cache_read_tokens"),
        cache_write_tokens=integer(row, "cache_write_tokens"),
        reasoning_tokens=integer(row, "reasoning_tokens"),
        calls_without_usage=integer(row, "calls_without_usage"),
        cost=cost,
        unpriced_calls=integer(row, "unpriced_calls"),
    )


def _percentiles(row: Row, of: str) -> Percentiles:
    p50_s, p95_s = (None if value is None else value / 1e9 for value in reals(row, f"{of}_p50_p95_ns", 2))
    return Percentiles(count=integer(row, f"{of}_count"), p50_s=p50_s, p95_s=p95_s)
