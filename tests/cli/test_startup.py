"""What every Python below `firsttoken run` does first."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from firsttoken.cli.environment import STARTUP
from firsttoken.cli.lost import lost_lines
from firsttoken.cli.silence import read_pythons


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has nothing installed."""
    directory = tmp_path_factory.mktemp("stranger")
    venv.create(directory, symlinks=True)
    return directory / "bin" / "python"


@pytest.fixture
def pythons(tmp_path: Path) -> Path:
    file = tmp_path / "pythons"
    file.touch()
    return file


def start(python: Path | str, code: str, pythons: Path, *more_path: Path) -> subprocess.CompletedProcess[str]:
    environ = {
        "PYTHONPATH": os.pathsep.join(map(str, (STARTUP, *more_path))),
        "FIRSTTOKEN_RUN_PYTHONS": str(pythons),
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "httpx,httpx2",
    }
    return subprocess.run([python, "-c", code], env=environ, capture_output=True, text=True, check=False)


def said(pythons: Path) -> list[tuple[str, bool]]:
    lines = map(json.loads, pythons.read_text().splitlines())
    return [(line["executable"], line["observed"]) for line in lines]


def test_a_python_without_firsttoken_runs_on_in_silence(stranger: Path, pythons: Path) -> None:
    done = start(stranger, "print('ran')", pythons)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_a_python_without_firsttoken_says_so(stranger: Path, pythons: Path) -> None:
    start(stranger, "pass", pythons)
    assert said(pythons) == [(str(stranger), False)]


def test_our_python_is_instrumented_and_says_so(pythons: Path) -> None:
    code = "import openai; print(type(vars(openai._base_client.SyncAPIClient)['request']).__name__)"
    done = start(sys.executable, code, pythons)
    assert (done.stdout, done.stderr) == ("FunctionWrapper\n", "")
    assert said(pythons) == [(sys.executable, True)]


def test_the_environment_that_the_program_sees_is_the_one_it_was_given(pythons: Path, tmp_path: Path) -> None:
    done = start(sys.executable, "import os; print(os.environ['PYTHONPATH'])", pythons, tmp_path)
    assert done.stdout == f"{STARTUP}{os.pathsep}{tmp_path}\n"


@pytest.mark.parametrize("ours", [True, False])
def test_a_sitecustomize_that_ours_hides_still_runs(stranger: Path, pythons: Path, tmp_path: Path, ours: bool) -> None:
    (tmp_path / "sitecustomize.py").write_text("mark = 'theirs'")
    code = "import sitecustomize; print(sitecustomize.mark, sitecustomize.__file__)"
    done = start(sys.executable if ours else stranger, code, pythons, tmp_path)
    assert (done.stdout, done.stderr) == (f"theirs {tmp_path / 'sitecustomize.py'}\n", "")


def test_an_error_in_a_hidden_sitecustomize_is_reported_as_without_us(
    stranger: Path, pythons: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("1 / 0")
    done = start(stranger, "print('ran')", pythons, tmp_path)
    assert done.stdout == "ran\n"
    assert (
        done.stderr == "Error in sitecustomize; set PYTHONVERBOSE for traceback:\nZeroDivisionError: division by zero\n"
    )
    assert said(pythons) == [(str(stranger), False)]


def test_a_list_that_is_gone_or_full_disturbs_nobody(stranger: Path, pythons: Path) -> None:
    pythons.write_bytes(b"x" * 65536)
    assert start(stranger, "pass", pythons).stderr == ""
    assert pythons.stat().st_size == 65536
    pythons.unlink()
    assert start(stranger, "pass", pythons).stderr == ""
    assert not pythons.exists()


def test_what_a_python_has_lost_is_added_when_it_ends(pythons: Path) -> None:
    code = (
        "from firsttoken.losses import note_loss; note_loss('spans', 'queue_full', 3); note_loss('logs', 'too_large')"
    )
    assert start(sys.executable, code, pythons).stderr == ""
    assert lost_lines(pythons) == [
        "1 log event was lost in the program: too large for any message",
        "3 spans were lost in the program: more waited than the queue holds",
    ]


def test_what_two_pythons_have_lost_is_added_up_and_one_that_lost_nothing_adds_nothing(pythons: Path) -> None:
    for number in (2, 1200, 0):
        code = f"from firsttoken.losses import note_loss; {number} and note_loss('calls', 'queue_full', {number})"
        start(sys.executable, code, pythons)
    pythons.write_text(pythons.read_text() + '{"lost": 7}\n{"lost": [["hats", "queue_full", 1]]}\n')
    assert lost_lines(pythons) == ["1,202 calls were lost in the program: more waited than the queue holds"]
    assert [observed for _, observed in said_by(pythons)] == [True]


def said_by(pythons: Path) -> list[tuple[str, bool]]:
    return [(python.executable, python.observed) for python in read_pythons(pythons)]
