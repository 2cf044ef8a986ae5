"""Hostile telemetry in every command: nothing steers a terminal, no cell is a formula, and files have all of it."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hostile import ONE_LINE, TEXTS, steering_in
from page.everything import Everything, send_everything

from firsttoken.cli.program import firsttoken, run
from firsttoken.serve import Server, ServeSettings
from firsttoken.store import Store

from .asking import Ask

EACH_BY = ("--by", "model", "--by", "user", "--by", "service.name")
BUDGET = '[[budget]]\nname = "each"\nlimit = 1\nwindow = "month"\neach = "user"\n'
FORMULA = ("=", "+", "-", "@", "\t", "\r")


COMMANDS: dict[str, list[tuple[str, ...]]] = {
    "calls": [("calls", "--limit", "100"), ("calls", "--json"), ("calls", "--csv"), ("calls", "--slowest")],
    "show": [("show", "HOSTILE"), ("show", "HOSTILE", "--json"), ("show", "PLAIN")],
    "trace": [("trace", "TRACE"), ("trace", "TRACE", "--json"), ("trace", "TRACE", "--csv")],
    "report": [("report",), ("report", *EACH_BY[:2], "--json"), ("report", "--csv")],
    "compare": [
        ("compare", "model=gpt-5.1", f"model={TEXTS['colours']}"),
        ("compare", "user.id=ada", f"user.id={ONE_LINE}"),
    ],
    "export": [("export", "-", "--format", "csv"), ("export", "-", "--format", "jsonl")],
    "sql": [("sql", "FROM calls"), ("sql", "FROM spans", "--json"), ("sql", "FROM logs", "--csv")],
    "latency": [("latency", *EACH_BY), ("latency", *EACH_BY, "--csv"), ("latency", "--slowest", "9")],
    "trend": [("trend", "--by", "model"), ("trend", "--by", "model", "--csv")],
    "heatmap": [("heatmap",), ("heatmap", "--csv")],
    "cost": [("cost", *EACH_BY), ("cost", *EACH_BY, "--csv")],
    "what-if": [("what-if", "--to-model", "gpt-4o-mini", *EACH_BY[:2]), ("what-if", "--batch", *EACH_BY[:2], "--csv")],
    "budget": [("budget", "check", "--file", "BUDGET"), ("budget", "check", "--file", "BUDGET", "--json")],
    "errors": [("errors", *EACH_BY), ("errors", "--chains"), ("errors", *EACH_BY, "--csv")],
    "health": [("health",), ("health", "--json")],
    "reprice": [("reprice", "--all", "--dry-run")],
}
"""Of all that tell of calls. The rest shows what its user wrote, or what a setting says."""
OTHERS = {"run", "serve", "content", "import", "doctor", "clickhouse", "dashboards", "collector-config"}
MISTAKES = [
    ("calls", "--run", ONE_LINE),
    ("calls", "--where", ONE_LINE),
    ("calls", "--where", f"{ONE_LINE}=x"),
    ("calls", "--search", TEXTS["colours"]),
    ("latency", "--by", ONE_LINE),
    ("show", TEXTS["colours"]),
    ("show", TEXTS["bidi"]),
    ("trace", TEXTS["links"]),
    ("sql", TEXTS["clipboard"]),
    ("sql", TEXTS["device"]),
    ("what-if", "--to-model", TEXTS["colours"]),
    ("compare", TEXTS["colours"], TEXTS["bidi"]),
    ("import", "/nowhere/\x1b[2J\u202e.jsonl"),
    ("content", "\x1b[2J"),
    ("collector-config", TEXTS["colours"]),
    ("dashboards", "install", "--grafana", f"http://127.0.0.1:1/{TEXTS['links']}"),
    ("dashboards", "write", "/dev/null/\x1b[2J\u202e"),
    ("calls", "--store", "/nowhere/\x1b[2J\u202e.duckdb"),
    (f"{TEXTS['colours']}",),
    ("calls", f"--{TEXTS['bidi']}"),
]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Everything]:
    """A store that was sent everything."""
    path = tmp_path_factory.mktemp("hostile") / "calls.duckdb"
    with Store.open(path) as store, Server(store, ServeSettings(grpc_port=0, http_port=0, page_port=None)) as server:
        everything = send_everything(server.ports.http_endpoint, large=False)
    return path, everything


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[str]], str]:
    """What a command in this process sends to a terminal, both its output and its complaints."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "200")

    def shown(arguments: Sequence[str]) -> str:
        parts: list[bytes] = []
        ours, terminal = pty.openpty()

        def read() -> None:
            with os.fdopen(ours, "rb", 0) as shown:
                try:
                    while part := shown.read(65_536):
                        parts.append(part)
                except OSError:  # Linux says so at the end
                    return

        reader = threading.Thread(target=read)
        reader.start()
        with monkeypatch.context() as patch:
            with os.fdopen(terminal, "w", encoding="utf-8") as stream:
                patch.setattr("sys.stdout", stream)
                patch.setattr("sys.stderr", stream)
                run(list(arguments))
            reader.join()
        return b"".join(parts).decode().replace("\r\n", "\n")

    return shown


def filled_in(words: Sequence[str], filled: tuple[Path, Everything], tmp_path: Path) -> list[str]:
    """The store, and the names that only it knows."""
    path, everything = filled
    budget = tmp_path / "budgets.toml"
    budget.write_text(BUDGET)
    names = {
        "HOSTILE": everything.hostile,
        "PLAIN": everything.plain,
        "TRACE": everything.traces[1],
        "BUDGET": str(budget),
    }
    own = [] if "--store" in words else ["--store", str(path)]
    return [*(names.get(word, word) for word in words), *own, "--page-port", "1"]


def test_every_command_is_looked_at() -> None:
    assert set(firsttoken.commands) == (set(COMMANDS) & set(firsttoken.commands)) | OTHERS


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=" ".join(words)[:40])
        for group in COMMANDS.values()
        for words in group
        if words[0] in firsttoken.commands
    ],
)
def test_no_command_steers_a_terminal(
    filled: tuple[Path, Everything],
    tmp_path: Path,
    on_a_terminal: Callable[[Sequence[str]], str],
    words: tuple[str, ...],
) -> None:
    shown = on_a_terminal(filled_in(words, filled, tmp_path))
    assert "Traceback" not in shown
    assert len(shown) > 40, shown
    assert steering_in(shown) == set()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=f"{number}-{words[0][:8].strip()}".encode("ascii", "ignore").decode())
        for number, words in enumerate(MISTAKES)
    ],
)
def test_a_complaint_about_hostile_words_steers_no_terminal(
    filled: tuple[Path, Everything],
    tmp_path: Path,
    on_a_terminal: Callable[[Sequence[str]], str],
    words: tuple[str, ...],
) -> None:
    asked = (
        list(words) if words[0] in OTHERS or words[0] not in firsttoken.commands else filled_in(words, filled, tmp_path)
    )
    shown = on_a_terminal(asked)
    assert "Traceback" not in shown
    assert steering_in(shown) == set()


@pytest.mark.parametrize("words", [("calls", "--limit", "100"), ("cost", "--by", "model"), ("latency", "--by", "user")])
def test_no_cell_of_a_csv_file_is_a_formula(
    filled: tuple[Path, Everything], tmp_path: Path, ask: Ask, words: tuple[str, ...]
) -> None:
    rows = list(csv.reader(io.StringIO(ask(*filled_in([*words, "--csv"], filled, tmp_path)).out)))
    words_of = [cell for row in rows[1:] for cell in row if "hx-" in cell or cell.startswith("'")]
    assert any(cell == "'" + TEXTS["formula"] for cell in words_of)
    assert [cell for cell in words_of if cell.startswith(FORMULA)] == []


def test_an_export_as_csv_has_no_formula_either(filled: tuple[Path, Everything], tmp_path: Path, ask: Ask) -> None:
    file = tmp_path / "calls.csv"
    assert ask(*filled_in(["export", str(file)], filled, tmp_path)).code == 0
    csv.field_size_limit(10**9)
    with file.open(newline="", encoding="utf-8") as opened:
        cells = [cell for row in csv.reader(opened) for cell in row if "hx-" in cell]
    assert len(cells) > len(TEXTS)
    assert [cell for cell in cells if cell.startswith(FORMULA)] == []


def test_json_and_parquet_have_every_text_as_it_was_sent(
    filled: tuple[Path, Everything], tmp_path: Path, ask: Ask
) -> None:
    file = tmp_path / "calls.parquet"
    assert ask(*filled_in(["export", str(file)], filled, tmp_path)).code == 0
    models = set(pq.read_table(file, columns=["model"])["model"].to_pylist())
    assert set(TEXTS.values()) <= models
    told = json.loads(ask(*filled_in(["calls", "--json", "--limit", "1000"], filled, tmp_path)).out)
    assert set(TEXTS.values()) <= {row["call"]["request"]["model"] for row in told}
