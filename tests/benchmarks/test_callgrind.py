"""Counting goes on where callgrind breaks, and not where the program does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from bench.callgrind import Streams, counts

BREAKS = """#!/bin/sh
echo once more >>"{tries}"
[ "$(wc -l <"{tries}")" -gt {breaks} ] || {how}
for argument; do case $argument in --callgrind-out-file=*) out=${{argument#*=}} ;; esac; done
echo "totals: 7" >"$out.1-1"
echo '["short/off"]'
"""
STREAMS = Streams("chat", "sync", "replayed", 1)


@pytest.fixture
def tries(tmp_path: Path) -> Path:
    return tmp_path / "tries"


def put_valgrind(tries: Path, breaks: int, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    valgrind = tries.with_name("valgrind")
    valgrind.write_text(BREAKS.format(tries=tries, breaks=breaks, how=how), encoding="utf-8")
    valgrind.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tries.parent}{os.pathsep}{os.environ['PATH']}")


def test_a_count_that_callgrind_breaks_off_is_made_again(tries: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_valgrind(tries, 1, "kill -SEGV $$", monkeypatch)
    assert counts(STREAMS).caller == {"short/off": [7]}
    assert len(tries.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(("how", "tried"), [("kill -SEGV $$", 3), ("exit 1", 1)])
def test_a_count_that_fails_for_good_says_so(
    tries: Path, monkeypatch: pytest.MonkeyPatch, how: str, tried: int
) -> None:
    put_valgrind(tries, 9, how, monkeypatch)
    with pytest.raises(RuntimeError, match=r"bench\.counted chat sync replayed 1 under callgrind ended with"):
        counts(STREAMS)
    assert len(tries.read_text(encoding="utf-8").splitlines()) == tried
