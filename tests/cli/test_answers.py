"""`firsttoken calls` and `firsttoken report`, over a store that no server has open."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest

from firsttoken.call import Call
from firsttoken.cli.program import run
from firsttoken.store import Batch, CallRecord, JsonText, Origin, Store

from .conftest import FIRSTTOKEN, Cli
from .test_tables import KNOWN, UNKNOWN

MS = 1_000_000


def record(number: int, call: Call, run_id: str = "r1") -> CallRecord:
    """One call that started `number` seconds after the first."""
    timing = replace(call.timing, started_unix_ns=call.timing.started_unix_ns + number * 1_000 * MS)
    return CallRecord(
        trace_id=f"{number:032x}",
        span_id=f"{number:016x}",
        parent_span_id=None,
        name="chat",
        origin=Origin("app", run_id, "firsttoken", JsonText("{}")),
        received_unix_ns=timing.started_unix_ns,
        call=replace(call, timing=timing),
        attributes=JsonText("{}"),
        events=JsonText("[]"),
    )


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, store_path: Path) -> Ask:
    """Runs a command in this process: what a process of its own adds is tested further down."""
    monkeypatch.setenv("FIRSTTOKEN_STORE", str(store_path))
    monkeypatch.delenv("COLUMNS", raising=False)

    def ask(*arguments: str) -> Answer:
        code = run(arguments)
        return Answer(code, *capsys.readouterr())

    return ask


@pytest.fixture
def filled(store_path: Path) -> Path:
    """Three calls of two runs."""
    with Store.open(store_path) as store:
        records = (record(1, KNOWN), record(2, UNKNOWN), record(3, KNOWN, run_id="r2"))
        store.write(Batch(calls=records)).result(10)
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
    assert ask("calls", "--json", "--run", "nobody").out == "[]\n"
    assert ask("calls", "--run", "nobody").out == "No calls.\n"


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


def test_a_report_of_nothing_invents_nothing(ask: Ask, filled: Path) -> None:
    done = ask("report", "--run", "nobody")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1].split() == ["total", "0", "0", *"-" * 7, "0"]


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
        (["undo"], "No such command 'undo'"),
        (["run", "--"], "Missing argument"),
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
        store.write(Batch(calls=tuple(record(number, KNOWN) for number in range(800)))).result(10)
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
        store.write(Batch(calls=(record(1, call),))).result(10)
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


@pytest.mark.parametrize("command", [[], ["run"], ["serve"], ["calls"], ["report"]])
def test_every_command_explains_itself(ask: Ask, command: list[str]) -> None:
    answer = ask(*command, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(" ".join(["Usage: firsttoken", *command, "[OPTIONS]"]))
    assert max(map(len, answer.out.splitlines())) <= 80


def test_no_command_at_all_is_answered_with_the_help(ask: Ask) -> None:
    assert ask().out.startswith("Usage: firsttoken [OPTIONS] [COMMAND]")
