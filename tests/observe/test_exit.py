"""The interpreter ends in the middle of a stream, of every kind: one record each, and an end like any other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from firsttoken.testing import Gate, ProviderServer, ReceivedRequest
from firsttoken.testing.script import Reply
from observe.cells import Cell
from observe.ends import EXIT
from observe.exiting import SURFACES
from observe.program import COLOURS
from observe.replies import ANSWER, held

VARYING = re.compile(r" at 0x[0-9a-f]+|fd=\d+|laddr=[^>]*|task-\d+", re.IGNORECASE)


def reply(request: ReceivedRequest) -> Reply:
    """Nothing comes after the fourth event: by then every surface has handed something over."""
    return ANSWER if request.path.endswith("/batches/msgbatch_1") else held(Gate(), 4)


def ended(colour: str, server: ProviderServer, *more: str) -> tuple[int, str, str]:
    """The exit status, and what it wrote to both streams."""
    folder = Path(__file__).parents[1]
    paths = os.pathsep.join((str(folder), str(folder.parent / "src")))
    done = subprocess.run(
        [sys.executable, "-m", "observe.exiting", colour, str(server.port), *more],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, VARYING.sub("…", done.stderr)


@pytest.mark.parametrize("colour", COLOURS)
def test_every_stream_that_the_end_of_the_interpreter_cuts_is_abandoned(
    colour: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    numbers = [number for number, surface in enumerate(SURFACES) if Cell(surface, EXIT, colour).missing is None]
    for number in numbers:
        record_property("cell", str(Cell(SURFACES[number], EXIT, colour)))
    ledger = tmp_path / "ledger"
    with ProviderServer(reply) as server:
        bare, observed = ended(colour, server), ended(colour, server, str(ledger))
    compared = 3 if colour == "sync" else 2  # In which order generators are closed, and what they say then, is chance.
    assert bare[:compared] == observed[:compared]
    assert bare[0] == 3
    assert sorted(ledger.read_text(encoding="utf-8").split("\n")[:-1]) == sorted(
        f"{number} {EXIT.outcome.value}" for number in numbers
    )
    traces = ledger.with_suffix(".traces").read_text(encoding="utf-8").split("\n")[:-1]
    assert traces == [f"True {EXIT.outcome.value}"] * len(numbers)
