"""What a diagnosis is: findings, each with what is so and what it means."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is, from good to bad."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing is wrong."""
    WARNING = "warning"
    """Something is lost, counted twice or likely not meant."""
    PROBLEM = "problem"
    """Calls or their telemetry are missing."""


class Topic(StrEnum):
    """What a finding is about, in the order in which a person reads them."""

    PROGRAM = "Program"
    CALLS = "Calls"
    SDKS = "SDKs"
    SETTINGS = "Settings"
    TELEMETRY = "Telemetry"
    LOSSES = "Losses"
    LOCAL = "This machine"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact. Neither line holds a secret or ends the other's sentence."""

    code: str
    """Says which kind of finding it is, and stays the same from version to version."""
    level: Level
    topic: Topic
    what: str
    """What is so, in one line."""
    advice: str
    """What it means and what to do, in one line."""
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    """The words that `what` and `advice` were filled with, by name."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """How one Python process stands."""

    version: str
    """Of firsttoken."""
    python: str
    executable: str
    pid: int
    program: str
    """The name that the process was started by."""
    uses_an_sdk: bool
    """Whether an SDK was imported in it."""
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Level.PROBLEM)

    def to_json(self) -> str:
        """One line of pure ASCII, read back by `pydantic.TypeAdapter(Diagnosis)`."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding: its two lines have `{names}` for what differs from one finding to the next."""

    code: str
    level: Level
    topic: Topic
    what: str
    advice: str

    def found(self, **facts: object) -> Finding:
        """Raises KeyError where a name of the lines is not given."""
        words = {name: str(fact) for name, fact in facts.items()}
        return Finding(
            self.code, self.level, self.topic, self.what.format_map(words), self.advice.format_map(words), words
        )


def counted(number: int, thing: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def listed(words: Iterable[str], most: int = 3) -> str:
    """The first few, and how many more there are."""
    all_words = list(words)
    shown, rest = all_words[:most], len(all_words) - most
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
