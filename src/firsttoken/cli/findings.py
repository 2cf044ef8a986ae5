"""Findings for a person, by topic, and for a script."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final, TextIO

from firsttoken.cli.plain import plain
from firsttoken.diagnosis import Diagnosis, Finding, Level, Topic
from firsttoken.diagnosis.finding import counted
from firsttoken.diagnosis.imports import IMPORTS_ONLY

STYLES: Final = {Level.OK: "32", Level.NOTE: "36", Level.WARNING: "33", Level.PROBLEM: "1;31"}
"""As terminals number them."""
BOLD: Final = "1"
DIM: Final = "2"
LEVEL_WIDTH: Final = max(len(level) for level in Level)
MARGIN: Final = " " * (LEVEL_WIDTH + 4)
NARROWEST: Final = 40
"""Columns of words, however narrow the terminal."""
UNLIMITED: Final = 10_000
"""Columns of an output that is no terminal: whole lines for grep and files."""


@dataclass(frozen=True, slots=True)
class Consultation:
    """All that one `firsttoken doctor` has to say."""

    processes: tuple[Diagnosis, ...]
    findings: tuple[Finding, ...]
    """About the program as a whole, and about this machine."""

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        return (*(finding for process in self.processes for finding in process.findings), *self.findings)

    @property
    def problems(self) -> int:
        return self.number_of(Level.PROBLEM)

    def number_of(self, level: Level) -> int:
        return sum(finding.level is level for finding in self.all_findings)


def print_consultation(consultation: Consultation, *, as_json: bool, to_stderr: bool) -> None:
    stream = sys.stderr if to_stderr else sys.stdout
    if as_json:
        print(json.dumps(_document(consultation)), file=stream, flush=True)
    else:
        print("\n".join(_lines(consultation, Paper.of(stream))), file=stream, flush=True)


@dataclass(frozen=True, slots=True)
class Paper:
    """What is written on. By hand, for this command has to work where nothing but the client half is installed."""

    width: int
    is_coloured: bool

    @classmethod
    def of(cls, stream: TextIO) -> Paper:
        is_terminal = stream.isatty()
        width = shutil.get_terminal_size().columns if is_terminal or os.environ.get("COLUMNS") else UNLIMITED
        is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        return cls(width, is_coloured=bool(os.environ.get("FORCE_COLOR")) or (is_terminal and not is_plain))

    def painted(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.is_coloured and text else text

    def wrapped(self, text: str) -> list[str]:
        """On as many lines as it takes beside the levels."""
        width = max(self.width - len(MARGIN), NARROWEST)
        return textwrap.wrap(plain(text), width, break_on_hyphens=False) or [""]


def _lines(consultation: Consultation, paper: Paper) -> Iterator[str]:
    overall = _by_topic(consultation.findings)
    first = overall.pop(Topic.PROGRAM, [])
    yield from _section(Topic.PROGRAM, first, paper)
    for process in consultation.processes:
        yield paper.painted(plain(_heading(process)), BOLD)
        for topic, findings in _by_topic(process.findings).items():
            yield from _section(topic, findings, paper)
    for topic, findings in overall.items():
        yield from _section(topic, findings, paper)
    yield _verdict(consultation, paper)


def _section(topic: Topic, findings: Sequence[Finding], paper: Paper) -> Iterator[str]:
    if not findings:
        return
    yield paper.painted(topic.value, BOLD)
    for finding in findings:
        yield from _of_finding(finding, paper)
    yield ""


def _of_finding(finding: Finding, paper: Paper) -> Iterator[str]:
    """The level stands beside the first line, and nothing below it."""
    level = paper.painted(f"  {finding.level.value:{LEVEL_WIDTH}}  ", STYLES[finding.level])
    what, advice = paper.wrapped(finding.what), paper.wrapped(finding.advice)
    yield f"{level}{what[0]}"
    yield from (f"{MARGIN}{line}" for line in what[1:])
    yield from (f"{MARGIN}{paper.painted(line, DIM)}" for line in advice)


def _document(consultation: Consultation) -> dict[str, Any]:
    return {
        "firsttoken": version("firsttoken"),
        "problems": consultation.problems,
        "warnings": consultation.number_of(Level.WARNING),
        "processes": [dataclasses.asdict(process) for process in consultation.processes],
        "findings": [dataclasses.asdict(finding) for finding in consultation.findings],
    }


def _heading(process: Diagnosis) -> str:
    if process.program == IMPORTS_ONLY:
        return f"A fresh Python {process.python} at {process.executable}, with firsttoken switched on"
    return f"{process.program} (process {process.pid}), Python {process.python} at {process.executable}"


def _by_topic(findings: Iterable[Finding]) -> dict[Topic, list[Finding]]:
    """In the order of the topics; within one, what is worst comes first."""
    found = list(findings)
    order = list(Level)[::-1]
    sorted_by_topic = {
        topic: sorted((one for one in found if one.topic is topic), key=lambda one: order.index(one.level))
        for topic in Topic
    }
    return {topic: some for topic, some in sorted_by_topic.items() if some}


def _verdict(consultation: Consultation, paper: Paper) -> str:
    problems, warnings = consultation.problems, consultation.number_of(Level.WARNING)
    words = [counted(number, name) for number, name in ((problems, "problem"), (warnings, "warning")) if number]
    style = STYLES[Level.PROBLEM if problems else Level.WARNING if warnings else Level.OK]
    return paper.painted(f"{' and '.join(words)}." if words else "No problems.", style)
