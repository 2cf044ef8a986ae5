"""A difference is told from noise: on hand-made calls exactly, and over many repetitions as often as is promised."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from firsttoken.analyse.bootstrap import CELLS, LONGEST_DRAWN, mean_draws, quantile, quantile_draws
from firsttoken.analyse.comparing import COMPARE, CompareAnswer, CompareOptions, CompareRow
from firsttoken.analyse.measures import COLUMNS
from firsttoken.call import Call, Ledger, Outcome, Request, Response, Timing, Unpriced, Usage
from firsttoken.store import Selection, Store

from .conftest import Runs

MS = 1_000_000


class Tables:
    """A reader of columns that stand in memory: those of A, then those of B."""

    def __init__(self, *sides: dict[str, Any]) -> None:
        self._sides = iter([self._table(side) for side in sides])

    def table(self, columns: tuple[str, ...], selection: Selection, group_by: tuple[str, ...]) -> pa.Table:
        return next(self._sides)

    @staticmethod
    def _table(side: dict[str, Any]) -> pa.Table:
        size = len(side["to_end_ns"])
        flags = {"uses_tokens": [True] * size, "outcome": ["completed"] * size}
        return pa.table({column: side.get(column, flags.get(column, pa.nulls(size))) for column in COLUMNS})


def compared(a: dict[str, Any], b: dict[str, Any], **options: Any) -> dict[str, CompareRow]:
    answer: CompareAnswer = COMPARE.give(Tables(a, b), CompareOptions(**options))  # type: ignore[arg-type]
    return {row.figure: row for row in answer.rows}


def drawn(rng: np.random.Generator, size: int, slower: float = 1.0) -> dict[str, Any]:
    """Calls as they are: long tails, a few errors, tokens that go together with time."""
    first = rng.lognormal(-0.8, 0.5, size) * slower
    tokens = rng.integers(20, 600, size)
    total = first + tokens * 0.008 * rng.lognormal(0, 0.2, size)
    return {
        "to_headers_ns": first * 0.9e9,
        "to_first_token_ns": first * 1e9,
        "tokens_per_s": (tokens - 1) / (total - first),
        "to_end_ns": total * 1e9,
        "outcome": np.where(rng.random(size) < 0.03, "failed", "completed").tolist(),
        "usage_reported": [True] * size,
        "input_tokens": rng.integers(50, 3000, size),
        "output_tokens": tokens,
        "cache_read_tokens": rng.integers(0, 50, size),
        "cost_total": rng.lognormal(-6, 1, size),
        "cost_currency": ["USD"] * size,
    }


def test_over_many_repetitions_noise_is_hardly_ever_called_a_difference() -> None:
    repetitions, rng = 100, np.random.default_rng(7)
    alarms = sum(
        any(
            row.verdict in ("worse", "better", "different")
            for row in compared(drawn(rng, 250), drawn(rng, 250), resamples=1000).values()
        )
        for _ in range(repetitions)
    )
    assert alarms <= 0.05 * repetitions + 2 * (0.05 * 0.95 * repetitions) ** 0.5


def test_the_interval_of_a_figure_covers_the_truth_as_often_as_it_says() -> None:
    repetitions, rng = 100, np.random.default_rng(8)
    names = (
        "first token p50",
        "first token p95",
        "total p50",
        "error rate",
        "input tokens, mean",
        "cost of a call, USD",
    )
    missed = dict.fromkeys(names, 0)
    for _ in range(repetitions):
        rows = compared(drawn(rng, 300), drawn(rng, 300), resamples=1000)
        for name in names:
            row = rows[name]
            assert row.low is not None
            assert row.high is not None
            missed[name] += not row.low <= 0 <= row.high
    assert {name: count for name, count in missed.items() if count > 0.05 * repetitions + 9} == {}
    assert sum(missed.values()) > 0


def test_a_fifth_slower_is_found_and_the_other_way_round_it_is_better() -> None:
    rng = np.random.default_rng(9)
    a, b = drawn(rng, 1500), drawn(rng, 1500, slower=1.2)
    assert compared(a, b)["first token p50"].verdict == "worse"
    assert compared(b, a)["first token p50"].verdict == "better"
    assert compared(a, b, tolerance=0.5)["first token p50"].verdict == "no difference shown"


def test_a_run_repeats_and_another_seed_draws_anew() -> None:
    rng = np.random.default_rng(10)
    a, b = drawn(rng, 200), drawn(rng, 200)
    assert compared(a, b) == compared(a, b)
    assert compared(a, b)["total p50"].low != compared(a, b, seed=1)["total p50"].low
    assert compared(a, b)["total p50"].difference == compared(a, b, seed=1)["total p50"].difference


def test_the_order_of_the_calls_changes_nothing() -> None:
    rng = np.random.default_rng(11)
    a, b = drawn(rng, 200), drawn(rng, 200)
    order = rng.permutation(200)
    shuffled = {column: np.asarray(values)[order] for column, values in a.items()}
    figures = compared(a, b), compared(shuffled, b)
    assert [(row.low, row.high) for row in figures[0].values()] == [(row.low, row.high) for row in figures[1].values()]


def test_too_few_calls_say_nothing() -> None:
    a, b = drawn(np.random.default_rng(1), 29), drawn(np.random.default_rng(1), 4000)
    assert {row.verdict for row in compared(a, b).values()} == {"too few calls"}
    rows = compared(drawn(np.random.default_rng(1), 99), b)
    assert (rows["total p50"].verdict, rows["total p95"].verdict) == ("no difference shown", "too few calls")


def test_a_quantile_is_drawn_as_from_resamples() -> None:
    rng = np.random.default_rng(3)
    values = np.sort(rng.lognormal(0, 1, 60))
    fast = quantile_draws(values, 0.9, rng, 40_000)
    slow = np.quantile(rng.choice(values, (40_000, len(values))), 0.9, axis=1)
    assert np.quantile(fast, [0.025, 0.25, 0.5, 0.75, 0.975]) == pytest.approx(
        np.quantile(slow, [0.025, 0.25, 0.5, 0.75, 0.975]), rel=0.03
    )
    assert quantile(values, 0.9) == pytest.approx(float(np.quantile(values, 0.9)))


def test_a_mean_of_many_is_drawn_from_cells_with_the_mean_and_spread_of_resamples() -> None:
    rng = np.random.default_rng(4)
    values = rng.lognormal(0, 1.5, LONGEST_DRAWN + CELLS)
    draws = mean_draws(values, rng, 20_000)
    assert draws.mean() == pytest.approx(values.mean(), rel=0.002)
    assert draws.std() == pytest.approx(values.std() / len(values) ** 0.5, rel=0.03)


def call(number: int, *, failed: bool = False, slower_ms: int = 0, priced: bool = True) -> Call:
    return Call(
        request=Request("chat", "openai", "openai.chat_completions", "gpt-4o", stream=True),
        timing=Timing(
            1 + number,
            (1000 + number + slower_ms) * MS,
            headers_ns=(100 + number + slower_ms) * MS,
            first_chunk_ns=200 * MS,
            first_token_ns=200 * MS,
            last_chunk_ns=1200 * MS,
            chunk_count=11,
            largest_gap_ns=150 * MS,
        ),
        outcome=Outcome.FAILED if failed else Outcome.COMPLETED,
        response=Response(status_code=200),
        usage=Usage(1000, 101, cache_read_tokens=250),
        cost=Ledger(Decimal("0.01"), Decimal(0), Decimal(0), Decimal("0.02"), "USD", "list")
        if priced
        else Unpriced("unknown_model"),
    )


def test_the_figures_of_known_calls_are_exact(runs: Runs) -> None:
    a = runs.add(*(call(number) for number in range(101)))
    b = runs.add(*(call(number, failed=number < 20, slower_ms=300, priced=number >= 10) for number in range(101)))
    options = CompareOptions(a=Selection(run_id=a), b=Selection(run_id=b))
    rows = {row.figure: row for row in answer_of(runs.store, options).rows}
    assert (rows["headers p50"].a, rows["headers p50"].b) == (0.15, 0.45)
    assert rows["headers p50"].difference == pytest.approx(0.3)
    assert (rows["headers p95"].a, rows["total p50"].a) == (0.195, 1.05)
    assert (rows["speed p50"].a, rows["mean gap p50"].a, rows["largest gap p95"].a) == (100.0, 0.1, 0.15)
    assert (rows["error rate"].a, rows["error rate"].b) == (0.0, 20 / 101)
    assert (rows["cache hit rate"].a, rows["input tokens, mean"].a) == (0.25, 1000.0)
    assert rows["cost of a call, USD"].a == pytest.approx(0.03)
    assert (rows["unpriced calls"].b, rows["cost of a call, USD"].b_calls) == (10 / 101, 91)
    assert {rows[name].verdict for name in ("headers p50", "headers p95", "total p50", "error rate")} == {"worse"}
    assert rows["first token p50"].verdict == "no difference shown"
    assert rows["headers p99"].verdict == "too few calls"
    assert (rows["stalled streams"].a, rows["stalled streams"].a_calls) == (None, 0)


def test_groups_are_compared_each_with_itself(runs: Runs) -> None:
    other = replace(call(1), request=replace(call(1).request, model="other"))
    a = runs.add(*(call(number) for number in range(40)), other)
    b = runs.add(*(call(number) for number in range(40)))
    found = answer_of(runs.store, CompareOptions(a=Selection(run_id=a), b=Selection(run_id=b), group_by=("model",)))
    assert ({row.group for row in found.rows}, found.only_in_a, found.only_in_b) == ({("gpt-4o",)}, (("other",),), ())
    assert (found.a_calls, found.b_calls, found.is_worse) == (41, 40, False)


def answer_of(store: Store, options: CompareOptions) -> CompareAnswer:
    with store.read() as reader:
        return COMPARE.give(reader, options)
