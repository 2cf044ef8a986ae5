"""`firsttoken calls` and `firsttoken report`, over a store that no server has open."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from firsttoken.store import Batch, Store

from .asking import Ask, record
from .conftest import FIRSTTOKEN, Cli
from .test_tables import KNOWN, UNKNOWN


@pytest.fixture
def filled(store_path: Path) -> Path:
    """Three calls of two runs."""
    with Store.open(store_path) as store:
        records = (record(1, KNOWN), record(2, UNKNOWN), record(3, KNOWN, run_id="r2"))
        store.write(Batch(calls=records)).result(30)
    return store_path


def test_without_a_store_one_line_says_how_to_get_one(cli: Cli, store_path: Path) -> None:
    for command in ("calls", "report"):
        done = cli(command)
        assert (done.returncode, done.stdout) == (2, "")
        advice = "record some calls with firsttoken run -- python app.py"
        assert done.stderr == f"firsttoken: there is no store at {store_path} yet: {advice}\n"
    assert not store_path.parent.exists()


def test_calls_are_shown_newest_first(ask: Ask, filled: Path) -> None:
    done = ask("calls")
    assert (done.code, done.err) == (0, "")
    assert [("412 ms" in line, "rate_limit_exceeded" in line) for line in done.out.splitlines()[2:]] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_calls_as_json_are_one_array(ask: Ask, filled: Path) -> None:
    rows = json.loads(ask("calls", "--json").out)
    assert [(row["run_id"], row["call"]["outcome"], row["call"]["usage"]) for row in rows] == [
        ("r2", "completed", {**rows[0]["call"]["usage"], "input_tokens": 1532, "output_tokens": 201}),
        ("r1", "failed", None),
        ("r1", "completed", {**rows[2]["call"]["usage"], "input_tokens": 1532, "output_tokens": 201}),
    ]


def test_calls_can_be_limited_and_be_those_of_one_run(ask: Ask, filled: Path) -> None:
    assert [row["span_id"] for row in json.loads(ask("calls", "--json", "--limit", "1").out)] == [f"{3:016x}"]
    assert [row["span_id"] for row in json.loads(ask("calls", "--json", "--run", "r1").out)] == [
        f"{2:016x}",
        f"{1:016x}",
    ]


@pytest.mark.parametrize("filtered", [("--run", "nobody"), ("--where", "model=nobody"), ("--until", "1970-01-02")])
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)], ids=["table", "json", "csv"])
def test_calls_that_there_are_not_are_asked_for_in_vain(
    ask: Ask, filled: Path, filtered: tuple[str, ...], form: tuple[str, ...]
) -> None:
    done = ask("calls", *filtered, *form)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert " has no calls " in done.err


def test_money_keeps_every_digit_in_json(ask: Ask, filled: Path) -> None:
    report = json.loads(ask("report", "--json").out)
    assert (Decimal(report["totals"]["cost"]["USD"]), report["totals"]["unpriced_calls"]) == (Decimal("0.0024"), 1)


def test_a_report_is_one_line_for_each_model_and_the_total(ask: Ask, filled: Path) -> None:
    lines = ask("report").out.splitlines()
    assert lines[3].split()[:4] == ["gpt-5.1", "openai", "2", "0"]
    assert lines[-4].split()[:3] == ["total", "3", "1"]
    assert lines[-3:] == [
        "errors: 1 rate_limit",
        "without usage: 1 call, not in the tokens",
        "unpriced: 1 call, not in the cost",
    ]


def test_a_report_of_nothing_is_refused_and_says_what_was_asked(ask: Ask, filled: Path) -> None:
    done = ask("report", "--run", "nobody", "--since", "2026-01-01")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert " has no calls of run nobody since 2026-01-01 " in done.err
    assert "has no calls of model '': ask about more time, or with fewer conditions" in ask("report", "--model", "").err


@pytest.mark.parametrize(("asked", "meant"), [("user.idd=u1", "user.id"), ("nothing_like_it=1", "firsttoken show")])
def test_a_filter_on_an_attribute_that_no_call_has_is_refused(ask: Ask, filled: Path, asked: str, meant: str) -> None:
    done = ask("report", "--where", asked)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"no call has the attribute {asked.partition('=')[0]!r}" in done.err
    assert meant in done.err


def test_a_report_can_begin_at_a_moment(ask: Ask, filled: Path) -> None:
    assert json.loads(ask("report", "--json", "--since", "2026-01-01T12:00:02Z").out)["totals"]["calls"] == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["report", "--since", "soon"], "'soon' is neither a time ago such as 30m, 1h or 2d nor a date"),
        (["report", "--since", "2999-01-01"], "lies in the future"),
        (["calls", "--limit", "0"], "0 is not in the range x>=1"),
        (["calls", "--limit", "many"], "'many' is not a valid integer"),
        (["calls", "--page-port", "65536"], "65536 is not in the range"),
        (["calls", "--nonsense"], "No such option '--nonsense'"),
        (["calls", "--slowest", "--costliest"], "--most-stalled and --largest-gap exclude each other"),
        (["calls", "--store", "postgres://u:secret@h/d"], "'postgres://' is no kind of store: name a file, or click"),
        (["import", "--store", "s3://bucket/x", "x.jsonl"], "'s3://' is no kind of store: name a file."),
        (["undo"], "No such command 'undo'"),
        (["run", "--"], "Missing argument"),
        (["calls", "one"], "Got unexpected extra argument (one). See: "),
    ],
)
def test_a_bad_option_is_one_clear_line(ask: Ask, arguments: list[str], complaint: str) -> None:
    answer = ask(*arguments)
    assert (answer.code, answer.out, answer.err[:12], answer.err.count("\n")) == (2, "", "firsttoken: ", 1)
    assert complaint in answer.err


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\0" + b"\0" * 5000, os.urandom(20_000)])
def test_a_file_that_is_no_store_is_refused_and_left_as_it_is(cli: Cli, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "other"
    file.write_bytes(content)
    done = cli("calls", "--store", file)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert str(file) in done.stderr
    assert file.read_bytes() == content


def test_a_damaged_store_is_refused_and_left_as_it_is(cli: Cli, filled: Path) -> None:
    damaged = bytearray(filled.read_bytes())
    damaged[4096:8192] = b"\xa5" * 4096
    filled.write_bytes(damaged)
    done = cli("report")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "damaged" in done.stderr
    assert filled.read_bytes() == bytes(damaged)


def test_a_store_in_use_by_another_process_is_named_with_that_process(cli: Cli, filled: Path) -> None:
    with Store.open(filled):
        done = cli("calls")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"in use by process {os.getpid()}" in done.stderr
    assert "a firsttoken server is asked with --page-port, its page's port" in done.stderr


def test_a_path_that_would_steer_the_terminal_is_escaped(cli: Cli, tmp_path: Path) -> None:
    done = cli("calls", "--store", tmp_path / "a\x1b[2J\nb")
    assert r"a\x1b[2J\x0ab" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_page_port_that_was_named_and_is_silent_is_an_error(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRSTTOKEN_STORE")
    answer = ask("calls", "--page-port", "1")
    assert (answer.code, answer.out, answer.err) == (
        2,
        "",
        "firsttoken: no firsttoken answers on port 1: start one with firsttoken serve --page-port 1\n",
    )


def test_a_reader_that_leaves_early_is_no_error_worth_a_word(environ: dict[str, str], store_path: Path) -> None:
    with Store.open(store_path) as store:
        store.write(Batch(calls=tuple(record(number, KNOWN) for number in range(800)))).result(30)
    for arguments in ("calls --limit 800", "calls --limit 800 --json"):
        command = f"{FIRSTTOKEN} {arguments} | head -c 1"
        done = subprocess.run(["bash", "-c", command], env=environ, capture_output=True, text=True, check=False)
        assert (len(done.stdout), done.stderr) == (1, "")


def test_a_full_disk_under_the_output_is_said(environ: dict[str, str], filled: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{FIRSTTOKEN} calls --json > /dev/full"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "firsttoken: the output failed: No space left on device\n")


def test_an_output_that_is_closed_harms_nothing(environ: dict[str, str], filled: Path) -> None:
    for command in (f"{FIRSTTOKEN} report >&-", f"{FIRSTTOKEN} report 2>&- >/dev/null"):
        done = subprocess.run(["bash", "-c", command], env=environ, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_ascii_output_gets_escapes_instead_of_an_error(cli: Cli, store_path: Path) -> None:
    call = replace(KNOWN, request=replace(KNOWN.request, model="модель"))
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(1, call),))).result(30)
    done = cli("calls", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u043c\u043e\u0434" in done.stdout


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_for_terminals_and_no_color_is_honoured(
    environ: dict[str, str], filled: Path, no_color: str, coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    env = {**environ, "TERM": "xterm-256color", "COLUMNS": "100", "NO_COLOR": no_color}
    subprocess.run([FIRSTTOKEN, "calls"], env=env, stdout=theirs, check=True)
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        shown = terminal.read(65536)
    assert (b"\x1b[32m" in shown) is coloured


def test_the_version_is_that_of_the_package(ask: Ask) -> None:
    assert ask("--version").out == "firsttoken 0.1.0\n"


@pytest.mark.parametrize("command", [[], ["run"], ["serve"], ["calls"], ["report"], ["export"], ["sql"], ["compare"]])
def test_every_command_explains_itself(ask: Ask, command: list[str]) -> None:
    answer = ask(*command, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(" ".join(["Usage: firsttoken", *command, "[OPTIONS]"]))
    assert max(map(len, answer.out.splitlines())) <= 80


def test_no_command_at_all_is_answered_with_the_help(ask: Ask) -> None:
    assert ask().out.startswith("Usage: firsttoken [OPTIONS] [COMMAND]")


def test_calls_come_slowest_or_costliest_first_or_only_those_that_failed(ask: Ask, filled: Path) -> None:
    def ids(*options: str) -> list[int]:
        return [int(row["span_id"], 16) for row in json.loads(ask("calls", "--json", *options).out)]

    assert ids("--slowest") == [3, 1, 2]
    assert ids("--costliest") == [3, 1]
    assert ids("--failed") == ids("--failed", "--slowest") == [2]
    assert ids("--failed", "--costliest") == []
    assert ids("--slowest", "--limit", "1", "--run", "r1") == [1]


def test_calls_in_the_order_of_a_figure_show_it(ask: Ask, store_path: Path) -> None:
    stalled = replace(KNOWN, timing=replace(KNOWN.timing, largest_gap_ns=7 * 10**9, stalled_ns=9 * 10**9))
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(1, KNOWN), record(2, stalled)))).result(30)
    head, _, *rows = ask("calls", "--most-stalled").out.splitlines()
    assert (" stalled " in head, len(rows), "9.00 s" in rows[0]) == (True, 1, True)
    head, _, *rows = ask("calls", "--largest-gap").out.splitlines()
    assert (" largest gap " in head, "7.00 s" in rows[0]) == (True, True)


def test_calls_are_csv_and_parquet_with_one_line_each(ask: Ask, filled: Path, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("calls", "--csv").out)))
    assert [(row["outcome"], row["model"], row["first_token_s"], row["cost"]) for row in rows] == [
        ("completed", "gpt-5.1", "0.412", "0.001200000000000000"),
        ("failed", "", "", ""),
        ("completed", "gpt-5.1", "0.412", "0.001200000000000000"),
    ]
    file = tmp_path / "calls.parquet"
    assert ask("calls", "--parquet", str(file)).code == 0
    assert [row["total_s"] for row in pq.read_table(file).to_pylist()] == [2.412, 0.64, 2.412]


@pytest.mark.parametrize("asked", ["user.idd=u1", "nothing_like_it=1"])
def test_calls_with_an_attribute_that_no_call_has_are_refused(ask: Ask, filled: Path, asked: str) -> None:
    done = ask("calls", "--where", asked)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"no call has the attribute {asked.partition('=')[0]!r}" in done.err
