"""`firsttoken compare`: what A and B may say, and how it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firsttoken.cli.conditions import read_conditions
from firsttoken.cli.program import run
from firsttoken.store import EVERYTHING, Selection

from .known_calls import store_of_known_calls

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_NS = 1_795_348_800 * 1_000_000_000
DAY_NS = 86_400 * 1_000_000_000


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of_known_calls(tmp_path_factory.mktemp("known") / "calls.duckdb")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("service.version=1.1", Selection(where={"service.version": "1.1"})),
        ("model=gpt-4o,model=gpt-5", Selection(models=("gpt-4o", "gpt-5"))),
        (
            "since=2d, until=1d",
            Selection(since_unix_ns=NOW_NS - 2 * DAY_NS, until_unix_ns=NOW_NS - DAY_NS),
        ),
        ("run=r1,feature=a=b", Selection(run_id="r1", where={"feature": "a=b"})),
        (r"feature=a\,b\\c", Selection(where={"feature": r"a,b\c"})),
        ("user_id=u1", Selection(where={"user.id": "u1"})),
        ("feature=", Selection(where={"feature": ""})),
    ],
)
def test_conditions_are_a_selection(text: str, expected: Selection) -> None:
    assert read_conditions(text, EVERYTHING, NOW) == expected


def test_what_both_have_in_common_holds_too() -> None:
    common = Selection(since_unix_ns=5, models=("m",), where={"a": "1"})
    assert read_conditions("b=2", common, NOW) == Selection(since_unix_ns=5, models=("m",), where={"a": "1", "b": "2"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' in '' is not KEY=VALUE"),
        ("gpt-4o", "'gpt-4o' in 'gpt-4o' is not KEY=VALUE"),
        ("a=1,", "'' in 'a=1,' is not KEY=VALUE"),
        ("=1", "is not KEY=VALUE"),
        ("a=1,a=2", "a is given twice"),
        ("since=soon", "'soon' is neither a time ago"),
        ("since=2999-01-01", "lies in the future"),
        ("a=1\\", "ends with a backslash"),
        ("model=x", "--model is both an option and in 'model=x'"),
        ("k=2", "k is both an option and in 'k=2'"),
    ],
)
def test_a_slip_in_the_conditions_is_one_clear_line(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        read_conditions(text, Selection(models=("m",), where={"k": "1"}), NOW)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def ask(known: Path, *arguments: str) -> int:
    return run(["compare", *arguments, "--store", str(known), "--page-port", "1"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run.id=r-8", "run.id=r-9"), 0),
        (("run.id=r-9", "run.id=r-8"), 1),
        (("run.id=r-9", "run.id=r-8", "--tolerance", "500%"), 0),
        (("run.id=r-9", "run.id=r-9"), 2),
        (("run.id=r-9", "run.id=r-7"), 2),
        (("run.id=r-9", "nothing_like_it=1"), 2),
        (("run.id=r-9", "run.id=r-8", "--tolerance", "much"), 2),
        (("run.id=r-9", "run.id=r-8", "--resamples", "10"), 2),
    ],
)
def test_the_exit_code_says_whether_something_got_worse(
    known: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int
) -> None:
    assert ask(known, *arguments) == code
    out, err = capsys.readouterr()
    assert (bool(out), err.count("\n")) == ((True, 0) if code < 2 else (False, 1))


def test_a_table_says_how_it_was_worked_out(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(known, "run.id=r-9", "run.id=r-8") == 1
    out = capsys.readouterr().out
    assert out.startswith("A  run.id=r-9  (120 calls)\nB  run.id=r-8  (120 calls)\n")
    line = next(line for line in out.splitlines() if line.startswith("first token p50"))
    assert line.split()[-1] == "worse"
    assert "at most 5 % (Holm)" in out
    assert "4,000 resamples with seed 0" in out


def test_too_few_calls_for_any_figure_are_said_to_be_that(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(known, "since=2h", "since=4h,until=2h") == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-1] == "No figure could be tested for a difference: there are too few calls."


def test_json_has_every_figure_of_every_group(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(known, "run.id=r-9", "run.id=r-8", "--by", "model", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert {tuple(row["group"]) for row in found["rows"]} == {("gpt-4o",), ("gpt-4o-mini",), ("claude-sonnet-4-5",)}
    assert {row["verdict"] for row in found["rows"]} >= {"worse", "no difference shown", "too few calls"}
