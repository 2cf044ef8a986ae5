"""`firsttoken errors`: what failed in tables that fit, and all of it for programs."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from firsttoken.call import Attempt, RateLimits
from firsttoken.store import Batch, Store

from .asking import MS, Ask, record
from .test_tables import KNOWN, UNKNOWN


@pytest.fixture(autouse=True)
def filled(store_path: Path) -> None:
    """Two calls that went well, the second of them at the second attempt, and one that failed."""
    repeated = replace(KNOWN, resend_count=1, attempts=(Attempt(100 * MS, 400 * MS),))
    with Store.open(store_path) as store:
        made = (KNOWN, repeated, replace(UNKNOWN, resend_count=0))
        store.write(Batch(calls=tuple(record(number, call) for number, call in enumerate(made)))).result(30)


def test_errors_their_kinds_and_the_retries_are_shown(ask: Ask) -> None:
    done = ask("errors")
    lines = [line.split() for line in done.out.splitlines() if line and not line.startswith("─")]
    assert (done.code, done.err) == (0, "")
    assert lines[2] == ["3", "1", "33.3", "%", "1", "1", "1", "500", "ms", "400", "ms"]
    assert [*lines[5][:6], lines[5][-1]] == ["rate_limit", "-", "openai", "-", "1", "100.0", f"{2:016x}"]
    assert lines[7] == [f"{1:016x}", "-", "gpt-5.1", "1", "2", "500", "ms", "completed"]


def test_each_group_has_a_line_and_all_have_the_total(ask: Ask) -> None:
    lines = [line.split() for line in ask("errors", "--by", "model", "--chains", "0").out.splitlines()]
    assert [line[:3] for line in lines if line and line[0] in ("gpt-5.1", "-", "total")][:3] == [
        ["-", "1", "1"],
        ["gpt-5.1", "2", "0"],
        ["total", "3", "1"],
    ]


def test_more_retries_than_are_named_are_counted(ask: Ask, store_path: Path) -> None:
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(9, replace(KNOWN, resend_count=2)),))).result(30)
    assert ask("errors", "--chains", "1").out.splitlines()[-1] == "retries: 2 times, 500 ms lost in all"


def test_the_kinds_are_csv_and_the_whole_is_json(ask: Ask) -> None:
    (row,) = csv.DictReader(io.StringIO(ask("errors", "--by", "outcome", "--csv").out))
    assert (row["outcome"], row["category"], row["model"], row["error_rate"]) == ("failed", "rate_limit", "", "1.0")
    answer = json.loads(ask("errors", "--json").out)
    assert (answer["total"]["lost_s"], answer["chains"][0]["attempts"]) == (0.5, 2)


def test_where_nothing_failed_no_kinds_are_shown(ask: Ask) -> None:
    done = ask("errors", "--where", "outcome=completed", "--chains", "0")
    assert (done.code, "latest call" in done.out, "0.0 %" in done.out) == (0, False, True)


def test_no_calls_are_one_clear_line(ask: Ask) -> None:
    done = ask("errors", "--model", "nobody")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)


def test_rate_limits_are_shown_where_answers_told_of_them(ask: Ask, store_path: Path) -> None:
    assert "rate limit  " not in ask("errors").out
    limits = RateLimits(requests_limit=4_000, requests_remaining=120, requests_reset_ns=30 * 10**9)
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(9, replace(KNOWN, rate_limits=limits)),))).result(30)
    line = ask("errors").out.splitlines()[-1].split()
    assert line[:9] == ["requests", "openai", "gpt-5.1", "120", "4,000", "3.0", "%", "30.0", "s"]
    assert line[-1] == f"{9:016x}"
