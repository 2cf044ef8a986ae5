"""The figures that two sets of calls are compared by: what each is of, and which way is worse.

Each means what it means in `latency`, `errors` and `cost`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from firsttoken.analyse.bootstrap import Values

Unit = Literal["s", "tokens/s", "tokens", "share", "money"]
Flags = NDArray[np.bool_]

COLUMNS: Final = (
    *("to_headers_ns", "to_first_event_ns", "to_first_token_ns", "to_end_ns", "widest_gap_ns", "mean_gap_ns"),
    *("tokens_per_s", "stalls", "uses_tokens", "outcome", "status_code", "usage_reported", "input_tokens"),
    *("output_tokens", "cache_read_tokens", "cost_total", "cost_currency", "unpriced_reason"),
)
ERRORS: Final = ("failed", "timed_out")


class Calls:
    """Columns of some calls as numbers. What is unknown is NaN, and never counts."""

    def __init__(self, table: pa.Table) -> None:
        self._table: Any = table

    def number(self, column: str) -> Values:
        compute: Any = pc
        return compute.cast(self._table[column], pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)

    def flag(self, column: str) -> Flags:
        return self.number(column) > 0

    def is_one_of(self, column: str, words: tuple[str, ...]) -> Flags:
        compute: Any = pc
        texts = compute.cast(self._table[column], pa.string())
        return compute.is_in(texts, value_set=pa.array(words)).to_numpy(zero_copy_only=False).astype(np.bool_)

    def is_said(self, column: str) -> Flags:
        return self._table[column].is_valid().to_numpy(zero_copy_only=False).astype(np.bool_)

    def currencies(self) -> list[str]:
        return sorted(str(each) for each in self._table["cost_currency"].unique().to_pylist() if each is not None)


@dataclass(frozen=True, slots=True)
class Measured:
    """A value for each call, NaN where it is not known."""

    values: Values
    kind: Literal["quantile", "mean", "share", "ratio"]
    level: float = 0.0
    """Of a quantile."""
    whole: Values = field(default_factory=lambda: np.empty(0))
    """What the values of a ratio are parts of."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure."""

    name: str
    unit: Unit
    worse: Literal["more", "less", "neither"]
    measure: Callable[[Calls], Measured]


def _seconds(column: str) -> Callable[[Calls], Values]:
    return lambda calls: calls.number(column) / 1e9


def _speed(calls: Calls) -> Values:
    return calls.number("tokens_per_s")


def _quantiles(
    name: str,
    unit: Unit,
    worse: Literal["more", "less"],
    values: Callable[[Calls], Values],
    levels: Mapping[str, float],
) -> list[Measure]:
    def measure(level: float) -> Callable[[Calls], Measured]:
        return lambda calls: Measured(values(calls), "quantile", level)

    return [Measure(f"{name} {word}", unit, worse, measure(level)) for word, level in levels.items()]


def _mean(column: str) -> Callable[[Calls], Measured]:
    return lambda calls: Measured(calls.number(column), "mean")


def _error_rate(calls: Calls) -> Measured:
    return Measured(calls.is_one_of("outcome", ERRORS).astype(np.float64), "share")


def _stalled(calls: Calls) -> Measured:
    stalls = calls.number("stalls")
    return Measured(np.where(np.isnan(stalls), np.nan, stalls > 0), "share")


def _unpriced(calls: Calls) -> Measured:
    """Of the calls that are billed: not of those that the provider refused."""
    refused = ~calls.flag("usage_reported") & (calls.number("status_code") >= 400)
    reason, priced = calls.is_said("unpriced_reason"), calls.is_said("cost_currency")
    billed = (calls.flag("uses_tokens") | reason | priced) & ~refused
    return Measured(np.where(billed, (reason | ~priced).astype(np.float64), np.nan), "share")


def _cache_hits(calls: Calls) -> Measured:
    read, sent = calls.number("cache_read_tokens"), calls.number("input_tokens")
    known = ~np.isnan(read) & ~np.isnan(sent)
    return Measured(np.where(known, read, np.nan), "ratio", whole=np.where(known, sent, np.nan))


def _cost_in(currency: str) -> Callable[[Calls], Measured]:
    def measure(calls: Calls) -> Measured:
        return Measured(
            np.where(calls.is_one_of("cost_currency", (currency,)), calls.number("cost_total"), np.nan), "mean"
        )

    return measure


TIMES: Final = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
SPEEDS: Final = {"p50": 0.50, "slow 5 %": 0.05}
MEASURES: Final = (
    *_quantiles("headers", "s", "more", _seconds("to_headers_ns"), TIMES),
    *_quantiles("first event", "s", "more", _seconds("to_first_event_ns"), TIMES),
    *_quantiles("first token", "s", "more", _seconds("to_first_token_ns"), TIMES),
    *_quantiles("total", "s", "more", _seconds("to_end_ns"), TIMES),
    *_quantiles("speed", "tokens/s", "less", _speed, SPEEDS),
    *_quantiles("mean gap", "s", "more", _seconds("mean_gap_ns"), {"p50": 0.50}),
    *_quantiles("largest gap", "s", "more", _seconds("widest_gap_ns"), {"p95": 0.95}),
    Measure("stalled streams", "share", "more", _stalled),
    Measure("error rate", "share", "more", _error_rate),
    Measure("input tokens, mean", "tokens", "neither", _mean("input_tokens")),
    Measure("output tokens, mean", "tokens", "neither", _mean("output_tokens")),
    Measure("cache hit rate", "share", "less", _cache_hits),
    Measure("unpriced calls", "share", "more", _unpriced),
)


def measures_of(*sides: Calls) -> list[Measure]:
    """All of them, with the cost of a call in each currency that there is."""
    currencies = sorted({currency for calls in sides for currency in calls.currencies()})
    costs = (Measure(f"cost of a call, {each}", "money", "more", _cost_in(each)) for each in currencies)
    return [*MEASURES, *costs]
