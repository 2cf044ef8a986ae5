"""`firsttoken trend` and `firsttoken heatmap`: lines that fit, and all of it for programs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from firsttoken.call import Call
from firsttoken.store import Batch, Store

from .asking import MS, Ask, record
from .test_tables import KNOWN, UNKNOWN

NINE = 1_795_251_600 * 10**9
"""2026-11-21 09:00 UTC."""

PLACES = ("   @     @  ", "   @        ")
"""0.3 to 0.5 s, and 3 to 5 s."""


def at(minutes: float, call: Call, **marks: int) -> Call:
    return replace(call, timing=replace(call.timing, started_unix_ns=NINE + round(minutes * 60e9), **marks))


@pytest.fixture
def filled(store_path: Path) -> None:
    made = (at(0, KNOWN), at(1, KNOWN, first_token_ns=3_000 * MS), at(125, KNOWN), at(130, UNKNOWN))
    with Store.open(store_path) as store:
        store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(made)))).result(30)


@pytest.mark.usefixtures("filled")
def test_there_is_a_line_for_each_step_that_has_calls(ask: Ask) -> None:
    done = ask("trend", "--step", "1h")
    lines = [line.split() for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert [line[:4] for line in lines if line and line[0] == "2026-11-21"] == [
        ["2026-11-21", "09:00", "2", "0"],
        ["2026-11-21", "11:00", "2", "1"],
    ]
    assert done.out.splitlines()[-1] == "steps of 1 hour; unpriced: 1 call, not in the cost"


@pytest.mark.usefixtures("filled")
def test_groups_that_are_left_out_are_counted(ask: Ask) -> None:
    out = ask("trend", "--by", "model", "--groups", "1", "--step", "1d").out
    assert [line.split()[:3] for line in out.splitlines() if line.startswith("gpt")] == [["gpt-5.1", "2026-11-21", "3"]]
    assert "steps of 1 day; 1 call of another group left out" in out


@pytest.mark.usefixtures("filled")
def test_programs_get_a_column_for_each_currency(ask: Ask, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("trend", "--step", "1h", "--csv").out)))
    assert [(row["calls"], row["cost.USD"]) for row in rows] == [
        ("2", "0.002400000000000000"),
        ("2", "0.001200000000000000"),
    ]
    assert ask("trend", "--step", "1h", "--parquet", str(tmp_path / "trend.parquet")).code == 0
    assert pq.read_table(tmp_path / "trend.parquet").column("calls").to_pylist() == [2, 2]
    found = json.loads(ask("trend", "--step", "1h", "--json").out)
    assert (found["step_s"], found["rows"][0]["cost"]) == (3600, {"USD": "0.002400000000000000"})


@pytest.mark.usefixtures("filled")
def test_a_heatmap_is_drawn_in_plain_letters(ask: Ask) -> None:
    done = ask("heatmap", "--step", "1h")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "from (UTC)        0.1s  1 s     calls",
        f"2026-11-21 09:00  {PLACES[0]}  2",
        f"2026-11-21 11:00  {PLACES[1]}  1",
        "time to first token of 3 calls, steps of 1 hour",
        "1 call @",
    ]


@pytest.mark.usefixtures("filled")
def test_a_heatmap_for_programs_has_the_bounds_of_each_place(ask: Ask) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("heatmap", "--by", "total", "--step", "1d", "--csv").out)))
    assert sum(int(row["calls"]) for row in rows) == 4
    assert all(float(row["at_least_s"]) < float(row["below_s"]) for row in rows)


def test_a_store_without_calls_has_nothing_to_draw(ask: Ask, store_path: Path) -> None:
    Store.open(store_path).close()
    assert [ask(command).out for command in ("trend", "heatmap")] == ["No calls.\n"] * 2


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("step", ["0s", "1.5s", "week", "-1h", "9999999w"])
def test_a_step_that_cannot_be_is_refused(ask: Ask, step: str) -> None:
    done = ask("trend", "--step", step)
    assert (done.code, done.out) == (2, "")
    assert f"'{step}' is not a step such as 30s, 5m, 1h or 1d" in done.err


@pytest.mark.usefixtures("filled")
def test_more_steps_than_anybody_reads_are_refused(ask: Ask, store_path: Path) -> None:
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(9, at(10**6, KNOWN)),))).result(30)
    done = ask("heatmap", "--step", "1s")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "steps of 1 s are too many: use a longer step, or ask about less time" in done.err
