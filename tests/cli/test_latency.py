"""`firsttoken latency`: a table that fits, and all of it for programs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from firsttoken.call import Call
from firsttoken.store import Batch, Store

from .asking import MS, Ask, record
from .test_tables import KNOWN, UNKNOWN


def streamed(**marks: int) -> Call:
    return replace(KNOWN, timing=replace(KNOWN.timing, **marks))


@pytest.fixture(autouse=True)
def filled(store_path: Path) -> None:
    """Three streams of one model, and a whole answer of an unknown one."""
    waits = {"provider_wait_ns": 1_900 * MS, "consumer_wait_ns": 100 * MS, "stall_count": 1, "stalled_ns": 900 * MS}
    made = (KNOWN, streamed(first_token_ns=60_000 * MS, duration_ns=70_000 * MS), streamed(**waits), UNKNOWN)
    with Store.open(store_path) as store:
        store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(made)))).result(30)


def test_a_line_for_each_group_and_the_total(ask: Ask) -> None:
    done = ask("latency", "--by", "model")
    lines = [line.split() for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert [line[:3] for line in lines if line and line[0] in ("gpt-5.1", "-", "total")] == [
        ["gpt-5.1", "3", "3"],
        ["-", "1", "0"],
        ["total", "4", "3"],
    ]


def test_where_the_time_of_streams_went_is_said_below(ask: Ask) -> None:
    out = ask("latency").out
    assert "streams: 1.90 s waiting for the provider, 100 ms in the caller's own code between events (5.0 %)\n" in out
    assert "stalls: once, 900 ms in all\n" in out


def test_the_slowest_calls_are_named_by_the_ids_of_their_spans(ask: Ask) -> None:
    shown = ask("latency", "--slowest", "1").out.splitlines()
    assert shown[-1].split()[0] == f"{1:016x}"
    assert "slowest" not in ask("latency", "--slowest", "0").out
    assert "70.0 s" in ask("latency", "--slowest", "1", "--slowest-by", "first-token").out.splitlines()[-1]


def test_a_histogram_is_drawn_in_plain_letters(ask: Ask) -> None:
    lines = ask("latency", "--histogram", "--slowest", "0").out.splitlines()
    start = lines.index("time to first token (3 calls)")
    bars = lines[start + 1 : lines.index("total time (4 calls)") - 1]
    assert (bars[0], bars[1].split(), bars[-1].split()) == (
        f"up to 500 ms  {'#' * 50} 2",
        ["up", "to", "700", "ms", "0"],
        ["up", "to", "70", "s", "#" * 25, "1"],
    )


def test_a_bar_fits_a_narrow_terminal(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = ask("latency", "--histogram", "--slowest", "0").out.splitlines()
    assert max(len(line) for line in lines if "#" in line) <= 40


def test_the_whole_answer_is_json(ask: Ask) -> None:
    answer: dict[str, Any] = json.loads(ask("latency", "--by", "model", "--json").out)
    assert [(row["group"], row["first_token"]["count"]) for row in answer["rows"]] == [(["gpt-5.1"], 3), ([None], 0)]
    assert answer["total"]["total"]["count"] == 4
    assert answer["rows"][1]["first_token"]["p50_s"] is None


def test_rows_are_csv_and_parquet_with_a_column_for_each_group(ask: Ask, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("latency", "--by", "model", "--by", "provider", "--csv").out)))
    assert [(row["model"], row["provider"], row["first_token.p50_s"]) for row in rows] == [
        ("gpt-5.1", "openai", "0.412"),
        ("", "openai", ""),
    ]
    file = tmp_path / "rows.parquet"
    assert ask("latency", "--by", "model", "--parquet", str(file)).code == 0
    table = pq.read_table(file).to_pylist()
    assert [(row["model"], row["calls"], row["total.p99_s"] is None) for row in table] == [
        ("gpt-5.1", 3, False),
        (None, 1, False),
    ]


@pytest.mark.parametrize(
    ("complaint", "arguments"),
    [
        ("no call has the attribute 'modle': did you mean model?", ("--by", "modle")),
        ("no call has the attribute 'nothing_like_it'", ("--where", "nothing_like_it=1")),
        ("has no calls of model gpt-9", ("--model", "gpt-9")),
        ("'soon' is not one of 'headers', 'first-event', 'first-token', 'total'", ("--slowest-by", "soon")),
        ("-1 is not in the range", ("--slowest", "-1")),
    ],
)
def test_a_question_that_has_no_answer_is_one_line(ask: Ask, complaint: str, arguments: tuple[str, ...]) -> None:
    done = ask("latency", *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert complaint in done.err
