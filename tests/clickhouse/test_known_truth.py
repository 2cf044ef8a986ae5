"""A million calls come back exactly, on both engines: to the token, the last digit of the money, and the nanosecond."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import pytest

from firsttoken.analyse import Totals, report
from firsttoken.analyse.asking import answered
from firsttoken.analyse.heatmap import HEATMAP, HeatmapAnswer, HeatmapOptions
from firsttoken.analyse.latency import UPPER_NS
from firsttoken.analyse.trend import TREND, TrendOptions, TrendRow
from firsttoken.clickhouse import ClickHouse
from firsttoken.store import Store, Warehouse

from . import known_truth as truth
from .server import Server, new_database

BELOW_S = tuple(ns / 1e9 for ns in UPPER_NS)
HALF, MOST = Fraction(1, 2), Fraction(95, 100)


@pytest.fixture(scope="module", params=["duckdb", "clickhouse"])
def warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    if request.param == "duckdb":
        path = tmp_path_factory.mktemp("truth") / "calls.duckdb"
        truth.make_in_duckdb(path)
        with Store.open(path, read_only=True) as store:
            yield store
        return
    server: Server = request.getfixturevalue("server")
    database = new_database(server)
    truth.make_in_clickhouse(database.client)
    with ClickHouse.open(database.url) as clickhouse:
        yield clickhouse
    database.client.command(f"DROP DATABASE {database.name}")


def test_a_million_calls_come_back_exactly(warehouse: Warehouse) -> None:
    found = report(warehouse)

    told = {None: found.totals} | {int(each.model.removeprefix("model-")): each.totals for each in found.models}
    assert {model: shown(totals) for model, totals in told.items()} == {
        model: expected(model) for model in (None, *range(truth.MODELS))
    }


def shown(totals: Totals) -> dict[str, object]:
    return {
        "calls": (totals.calls, totals.errors, totals.outcomes),
        "tokens": (totals.input_tokens, totals.output_tokens, totals.cache_read_tokens, totals.reasoning_tokens),
        "cost": (totals.cost, totals.unpriced_calls, totals.calls_without_usage),
        "first token": (totals.first_token.count, nanoseconds(totals.first_token.p50_s, totals.first_token.p95_s)),
        "duration": (totals.duration.count, nanoseconds(totals.duration.p50_s, totals.duration.p95_s)),
    }


def expected(model: int | None) -> dict[str, object]:
    calls = truth.CALLS if model is None else truth.PER_MODEL
    cached = calls // 2 if model is None else calls * (model % 2 == 0)
    written = sum(range(truth.MODELS)) * truth.PER_MODEL if model is None else model * calls
    return {
        "calls": (calls, 0, {"completed": calls}),
        "tokens": (truth.sum_of_numbers(model), written, 3 * cached, 0),
        "cost": ({"USD": truth.cost(model)}, 0, 0),
        "first token": (calls, [truth.first_token_ns(quantile, model) for quantile in (HALF, MOST)]),
        "duration": (calls, [truth.duration_ns(quantile, model) for quantile in (HALF, MOST)]),
    }


def nanoseconds(*seconds: float | None) -> list[float | None]:
    """To the thousandth: an engine works with binary fractions."""
    return [None if value is None else round(value * 1e9, 3) for value in seconds]


def test_steps_of_time_come_back_exactly(warehouse: Warehouse) -> None:
    found = answered(TREND, warehouse, TrendOptions(step_s=100))

    assert [step(row) for row in found.rows] == [truth_of_step(number) for number in range(10)]
    assert (found.since_unix_ns, found.left_out_calls) == (truth.START_UNIX_NS, 0)


def step(row: TrendRow) -> dict[str, object]:
    return {
        "start": row.start_unix_ns,
        "calls": (row.calls, row.errors, row.unpriced_calls),
        "tokens": (row.input_tokens, row.output_tokens, row.cache_read_tokens),
        "cost": row.cost,
        "first token": nanoseconds(row.first_token.p50_s, row.first_token.p95_s),
        "total": nanoseconds(row.total.p50_s, row.total.p95_s),
    }


def truth_of_step(number: int) -> dict[str, object]:
    calls = truth.CALLS // 10
    numbers = range(number * calls, (number + 1) * calls)
    places = [each // truth.MODELS * truth.SHUFFLE % truth.PER_MODEL for each in numbers]
    firsts = [place + each % truth.MODELS * truth.LEAD for each, place in zip(numbers, places, strict=True)]
    return {
        "start": truth.START_UNIX_NS + number * 100 * 10**9,
        "calls": (calls, 0, 0),
        "tokens": (sum(numbers), calls * 3 // 2, 3 * calls // 2),
        "cost": {"USD": sum(numbers) * truth.PRICE + calls * truth.LEAST},
        "first token": [between(firsts, quantile) * truth.STEP_NS for quantile in (HALF, MOST)],
        "total": [between(places, quantile) * truth.STEP_NS * 10 for quantile in (HALF, MOST)],
    }


def between(values: list[int], quantile: Fraction) -> Fraction:
    ordered = sorted(values)
    place = quantile * (len(values) - 1)
    lower = ordered[math.floor(place)]
    return lower + (place - math.floor(place)) * (ordered[math.ceil(place)] - lower)


def test_a_heatmap_counts_every_call_between_its_bounds(warehouse: Warehouse) -> None:
    found = answered(HEATMAP, warehouse, HeatmapOptions(figure="total"))

    counts: Counter[tuple[float | None, float | None]] = Counter()
    for row in found.rows:
        counts[row.at_least_s, row.below_s] += row.calls
    assert counts == {bounds: calls for bounds in pairwise((None, *BELOW_S, None)) if (calls := calls_between(*bounds))}
    assert found.step_s == 10
    assert {sum(row.calls for row in found.rows if row.start_unix_ns == start) for start in starts(found)} == {10_000}


def calls_between(at_least_s: float | None, below_s: float | None) -> int:
    return truth.MODELS * (shorter(below_s) - (0 if at_least_s is None else shorter(at_least_s)))


def shorter(than_s: float | None) -> int:
    """How many places of a model take less."""
    if than_s is None:
        return truth.PER_MODEL
    return min(truth.PER_MODEL, math.ceil(Fraction(round(than_s * 1e9), truth.STEP_NS * 10)))


def starts(found: HeatmapAnswer) -> set[int]:
    return {row.start_unix_ns for row in found.rows}
