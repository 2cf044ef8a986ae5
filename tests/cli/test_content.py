"""`firsttoken content` gives back what was cut, byte by byte, or says in one line why not."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cli.conftest import Cli
from firsttoken.privacy.shelves import Directory

TEXT = "A text that was cut, with ümlauts,\nlines and \x1b[31mcolours.\n" * 50
SHA = hashlib.sha256(TEXT.encode()).hexdigest()


def test_a_text_is_written_as_it_was(cli: Cli, tmp_path: Path) -> None:
    Directory(tmp_path / "content").put(SHA, TEXT)
    done = cli("content", SHA, env={"FIRSTTOKEN_CONTENT_STORE": str(tmp_path / "content")})
    assert (done.returncode, done.stdout, done.stderr) == (0, TEXT, "")
    assert cli("content", f" {SHA.upper()}", "--content-store", tmp_path / "content").stdout == TEXT


def test_what_the_store_has_not_is_one_line(cli: Cli, tmp_path: Path) -> None:
    done = cli("content", SHA, "--content-store", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"firsttoken: the content store has nothing under {SHA}: was it cut by a program that writes there?\n"
    )


def test_what_is_no_digest_and_no_place_are_one_line(cli: Cli, tmp_path: Path) -> None:
    assert cli("content", "abc", "--content-store", tmp_path).stderr.startswith("firsttoken: 'abc' is no digest")
    done = cli("content", SHA)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--content-store" in done.stderr
