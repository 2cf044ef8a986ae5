"""Rows as CSV: what telemetry said cannot steer a terminal, and is as it was in a pipe."""

from __future__ import annotations

import os
import pty
from dataclasses import replace
from pathlib import Path

import pytest

from firsttoken.cli.program import run
from firsttoken.store import Batch, Store

from .asking import Ask, record
from .test_tables import KNOWN

STEERING = "a\x1b[2J\x9bb\u202ec é"
COMMANDS = pytest.mark.parametrize(
    "command",
    [
        ("calls", "--csv"),
        ("cost", "--by", "model", "--csv"),
        ("sql", "SELECT model FROM calls", "--csv"),
        ("export", "-", "--format", "csv"),
    ],
    ids=" ".join,
)


@pytest.fixture
def filled(store_path: Path) -> Path:
    call = replace(KNOWN, request=replace(KNOWN.request, model=STEERING))
    with Store.open(store_path) as store:
        store.write(Batch(calls=(record(1, call),))).result(30)
    return store_path


@COMMANDS
def test_no_model_steers_a_terminal(filled: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    shown_at, terminal = pty.openpty()
    with os.fdopen(shown_at, "rb", 0) as shown, os.fdopen(terminal, "w", encoding="utf-8") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        assert run([*command, "--store", str(filled), "--page-port", "1"]) == 0
        stdout.flush()
        text = b""
        while b"c \xc3\xa9" not in text:
            text += shown.read(65_536)
    assert r"a\x1b[2J\x9bb\u202ec é" in text.decode()
    assert "\x1b" not in text.decode()


@COMMANDS
def test_a_pipe_gets_every_character_as_it_was(ask: Ask, filled: Path, command: tuple[str, ...]) -> None:
    del filled
    assert STEERING in ask(*command).out
