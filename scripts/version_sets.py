"""Which Pythons and which versions of the SDKs are tested together, worked out from what pyproject.toml promises."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

SDKS: Final = ("openai", "anthropic")
TOOLS: Final = (
    *("gunicorn", "pytest", "pytest-randomly", "pytest-timeout", "pytest-xdist", "hypothesis"),
    *("aiohttp", "boto3", "jsonschema", "pyyaml", "trio"),
)
"""What the client half's tests need of the `dev` group. Other tools may want newer versions of what is under test."""
CLASSIFIER: Final = "Programming Language :: Python :: 3."
PIN: Final = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
"""A package and its version, in what uv writes."""


@dataclass(frozen=True, slots=True)
class Combination:
    """A Python and a set of versions that are tested together."""

    python: str
    versions: str
    """oldest: every lower bound. between: a major version in the middle of each SDK. newest: requirements.txt."""
    install: tuple[str, ...]
    """What `uv pip install` is told."""

    @property
    def name(self) -> str:
        return f"{self.versions}-{self.python}"


def read_project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def combinations(root: Path) -> list[Combination]:
    """All but the oldest Python with the newest versions, which is what every other test runs with.

    Raises ValueError where pyproject.toml contradicts itself.
    """
    project = read_project(root)["project"]
    first, *others = pythons(project)
    last = others[-1]
    versions = dict(PIN.findall((root / "requirements.txt").read_text(encoding="utf-8")))
    tools = [f"{name}=={versions[name]}" for name in TOOLS]
    extras = project["optional-dependencies"]
    ours = f"--editable=.[{','.join(name for name in extras if name != 'all')}]"
    oldest = ("--resolution=lowest-direct", ours, *tools)
    between = (ours, *in_between(extras), *tools)
    newest = ("--no-deps", "--editable=.", "--requirements=requirements.txt")
    return [
        Combination(first, "oldest", oldest),
        Combination(last, "oldest", oldest),
        Combination(others[0], "between", between),
        *(Combination(python, "newest", newest) for python in others),
    ]


def pythons(project: dict[str, Any]) -> list[str]:
    """Those of the classifiers, oldest first, which have to be those that may install the package."""
    supported = SpecifierSet(project["requires-python"])
    named = [f"3.{name.removeprefix(CLASSIFIER)}" for name in project["classifiers"] if name.startswith(CLASSIFIER)]
    installable = [f"3.{minor}" for minor in range(100) if f"3.{minor}" in supported]
    if installable != named:
        raise ValueError(f"pyproject.toml: requires-python allows {installable}, the classifiers name {named}")
    return named


def in_between(extras: dict[str, list[str]]) -> Iterator[str]:
    """Each SDK's major version in the middle of those that are allowed."""
    for sdk in SDKS:
        (requirement,) = extras[sdk]
        bounds = _bounds(Requirement(requirement))
        major = (bounds[">="].major + bounds["<"].major) // 2
        yield f"{sdk}[aiohttp]>={major},<{major + 1}"


def not_oldest(root: Path, installed: dict[str, str]) -> list[str]:
    """The bounds that are true of an environment of the oldest versions, where pyproject.toml promises older ones."""
    project = read_project(root)["project"]
    extras = (each for name, extra in project["optional-dependencies"].items() if name != "all" for each in extra)
    requirements = map(Requirement, (*project["dependencies"], *extras))
    lowest = {requirement.name: _bounds(requirement)[">="] for requirement in requirements}
    return [f"{name}>={installed[name]}" for name, bound in lowest.items() if Version(installed[name]) != bound]


def _bounds(requirement: Requirement) -> dict[str, Version]:
    return {bound.operator: Version(bound.version) for bound in requirement.specifier}
