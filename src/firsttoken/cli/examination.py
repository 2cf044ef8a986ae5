"""One program run for its diagnosis: every Python below it says at its end how it stood."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from firsttoken.cli.child import SIGNALLED, find_command, start
from firsttoken.cli.environment import diagnosed_environment, program_name
from firsttoken.cli.signals import hold_signals
from firsttoken.cli.silence import read_pythons, why_no_calls
from firsttoken.diagnosis import Diagnosis, Finding, kinds
from firsttoken.errors import FirstTokenError

FRESH_PYTHON: Final = (sys.executable, "-m", "firsttoken.diagnosis.imports")
DIAGNOSIS: Final = TypeAdapter(Diagnosis)


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out."""

    diagnoses: tuple[Diagnosis, ...]
    """Of the processes that imported an SDK; of the last one where none did."""
    findings: tuple[Finding, ...]
    """About the program as a whole."""


def examine(words: Sequence[str]) -> Examination:
    """Runs a program to its end; without words, one that imports the SDKs. Raises FirstTokenError."""
    command = find_command(words or FRESH_PYTHON)
    with hold_signals() as signals, _folder() as folder:
        pythons = folder / "pythons"
        pythons.touch()
        environment = diagnosed_environment(os.environ, reports=folder, pythons=pythons)
        exit_code = start(command, environment, signals).wait()
        reported = sorted(_read(folder), key=lambda diagnosis: diagnosis.pid)
        unseen = None if reported else _why_unseen(exit_code, pythons)
    told = [diagnosis for diagnosis in reported if diagnosis.uses_an_sdk] or reported[-1:]
    if not words:
        told = [_without_calls(diagnosis) for diagnosis in told]
    findings = _of_program(words, exit_code, unseen, others=len(reported) - len(told))
    return Examination(tuple(told), tuple(findings))


def _of_program(words: Sequence[str], exit_code: int, unseen: str | None, others: int) -> Iterator[Finding]:
    program = program_name(words) if words else "a fresh Python"
    if words:
        yield kinds.PROGRAM_ENDED.found(program=program, exit_code=exit_code)
    if unseen is not None:
        yield kinds.PROGRAM_UNSEEN.found(program=program, reason=unseen)
    if others:
        processes = f"{others:,} other Python process" if others == 1 else f"{others:,} other Python processes"
        yield kinds.OTHER_PROCESSES.found(processes=processes)


def _why_unseen(exit_code: int, pythons: Path) -> str:
    started = read_pythons(pythons)
    if any(python.observed for python in started):
        killed = f"it was ended by signal {exit_code - SIGNALLED}" if exit_code > SIGNALLED else "it left by os._exit"
        return f"{killed}, before anything could be asked"
    return why_no_calls(started, {})


def _without_calls(diagnosis: Diagnosis) -> Diagnosis:
    """For a program of ours, of which nobody expects any."""
    kept = tuple(finding for finding in diagnosis.findings if finding.code != kinds.NO_CALLS.code)
    return replace(diagnosis, findings=kept)


def _read(folder: Path) -> Iterator[Diagnosis]:
    """What cannot be read is left out: programs of others wrote it."""
    for file in folder.glob("*.json"):
        try:
            yield DIAGNOSIS.validate_json(file.read_bytes())
        except (OSError, ValidationError):
            continue


@contextmanager
def _folder() -> Generator[Path]:
    try:
        made = tempfile.TemporaryDirectory(prefix="firsttoken-doctor-")
    except OSError as error:
        raise FirstTokenError(
            f"no temporary folder can be made: {error.strerror}; set TMPDIR to another folder"
        ) from error
    with made as name:
        yield Path(name)
