"""Findings for a person, by topic, and for a script."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from firsttoken.cli.plain import plain
from firsttoken.cli.tables import console_for
from firsttoken.diagnosis import Diagnosis, Finding, Level, Topic
from firsttoken.diagnosis.finding import counted
from firsttoken.diagnosis.imports import IMPORTS_ONLY

STYLES: Final = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.PROBLEM: "bold red"}
LEVEL_WIDTH: Final = max(len(level) for level in Level)
NARROWEST: Final = 40
"""Columns of words, however narrow the terminal."""


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
        return
    console = console_for(stream)
    by_topic = _by_topic(consultation.findings)
    _print_topics(console, [topic for topic in by_topic if topic is Topic.PROGRAM], by_topic)
    for process in consultation.processes:
        console.print(Text(plain(_heading(process)), style="bold"), soft_wrap=True)
        topics = _by_topic(process.findings)
        _print_topics(console, list(topics), topics)
    _print_topics(console, [topic for topic in by_topic if topic is not Topic.PROGRAM], by_topic)
    console.print(_verdict(consultation), soft_wrap=True)


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


def _print_topics(console: Console, topics: Sequence[Topic], findings: dict[Topic, list[Finding]]) -> None:
    for topic in topics:
        console.print(Text(topic.value, style="bold"))
        for finding in findings[topic]:
            _print_finding(console, finding)
        console.print()


def _print_finding(console: Console, finding: Finding) -> None:
    """The level stands beside the first line, and nothing below it."""
    level = Text(f"  {finding.level.value:{LEVEL_WIDTH}}  ", style=STYLES[finding.level])
    margin = Text(" " * len(level))
    width = max(console.width - len(level), NARROWEST)
    lines = [
        line
        for text in (Text(plain(finding.what)), Text(plain(finding.advice), style="dim"))
        for line in text.wrap(console, width)
    ]
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(Text.assemble(margin if number else level, line), soft_wrap=True)


def _verdict(consultation: Consultation) -> Text:
    problems, warnings = consultation.problems, consultation.number_of(Level.WARNING)
    words = [counted(number, name) for number, name in ((problems, "problem"), (warnings, "warning")) if number]
    style = STYLES[Level.PROBLEM if problems else Level.WARNING if warnings else Level.OK]
    return Text(f"{' and '.join(words)}." if words else "No problems.", style=style)
