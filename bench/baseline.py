"""The counted figures that were accepted, and what has become of them. Nothing here counts."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.figures import Table

FILE: Final = Path(__file__).with_name("baseline.json")

TOLERANCE: Final = 0.10
"""By how much of its accepted value a figure may grow."""

DISTRIBUTIONS: Final = ("anthropic", "openai", "opentelemetry-api", "opentelemetry-sdk", "pydantic", "wrapt")


@dataclass(frozen=True, slots=True)
class Counted:
    """One figure as it was counted."""

    added: float
    aim: float | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """Figures by name, and the versions of everything that they hold for: another build of Python counts otherwise."""

    versions: dict[str, str]
    figures: dict[str, Counted]

    @classmethod
    def of(cls, tables: Iterable[Table]) -> Baseline:
        figures = {
            f"{table.title}: {figure.what}": Counted(round(figure.added.median), figure.aim)
            for table in tables
            for figure in table.figures
        }
        return cls(versions_here(), figures)

    @classmethod
    def load(cls, path: Path = FILE) -> Baseline:
        held = json.loads(path.read_text())
        return cls(held["versions"], {name: Counted(**figure) for name, figure in held["figures"].items()})

    def save(self, path: Path = FILE) -> None:
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def versions_here() -> dict[str, str]:
    """`python` says how it was built, too."""
    return {"python": sys.version} | {name: importlib.metadata.version(name) for name in DISTRIBUTIONS}


def differing(accepted: Baseline, now: Baseline) -> list[str]:
    """What is of another version now."""
    names = sorted(accepted.versions.keys() | now.versions.keys())
    return [name for name in names if accepted.versions.get(name) != now.versions.get(name)]


def regressions(accepted: Baseline, now: Baseline) -> list[str]:
    """One line for each figure that has grown too much; with other versions, for each that misses its aim and did not.

    A figure that was accepted and is not counted any more is one as well: nothing would hold it.
    """
    gone = [f"{name}: is not counted any more" for name in accepted.figures if name not in now.figures]
    worse = _beyond_aims if differing(accepted, now) else _beyond_tolerance
    both = [(name, was, now.figures[name]) for name, was in accepted.figures.items() if name in now.figures]
    return [*gone, *(line for name, was, is_now in both if (line := worse(name, was, is_now)) is not None)]


def _beyond_tolerance(name: str, was: Counted, is_now: Counted) -> str | None:
    if is_now.added <= was.added * (1 + TOLERANCE):
        return None
    change = f" ({is_now.added / was.added - 1:+.1%}, at most {TOLERANCE:+.0%})" if was.added > 0 else ""
    return f"{name}: {was.added:,.0f} has become {is_now.added:,.0f}{change}"


def _beyond_aims(name: str, was: Counted, is_now: Counted) -> str | None:
    if was.aim is None or was.added > was.aim or is_now.added <= was.aim:
        return None
    return f"{name}: {is_now.added:,.0f} misses the aim of {was.aim:,.0f}, which {was.added:,.0f} met"
