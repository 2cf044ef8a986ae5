"""Runs the client half's tests with each supported Python, and the oldest and newest versions of what it stands on.

Each combination has a virtual environment of its own under .venv-versions, kept until what it is made from changes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from version_sets import PIN, Combination, combinations, not_oldest

ROOT: Final = Path(__file__).resolve().parent.parent
ENVIRONMENTS: Final = ROOT / ".venv-versions"
MADE_FROM: Final = (ROOT / "pyproject.toml", ROOT / "requirements.txt")
UV: Final = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
PYENV: Final = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
CLIENT_HALF: Final = (
    "tests/adapter",
    "tests/asgi",
    "tests/conformance",
    "tests/contexts",
    "tests/emit",
    "tests/export",
    "tests/observe",
    "tests/path",
    "tests/providers",
    "tests/spans",
    "tests/test_active_calls.py",
    "tests/test_instrumentation.py",
    "tests/test_pipeline.py",
    "tests/test_settings.py",
)
CUT_ANYWHERE: Final = (
    "tests/observe/test_any_bytes.py",
    "tests/providers/test_cut_anywhere.py",
    "tests/providers/test_cut_openai.py",
)
FEW_SURFACES: Final = "not an_end_is_recorded or chat.create or responses.create or messages.create"
"""Of the table of ends."""
SHOWN: Final = ("openai", "anthropic", "opentelemetry-sdk", "wrapt", "pydantic")
"""Packages whose versions the summary names."""
COUNTED: Final = ("passed", "not offered", "skipped", "failed")
NOT_OFFERED: Final = "not offered by "
"""How the reason of a test begins that an SDK leaves out; `tests/installed.py` words it."""


@dataclass(slots=True)
class Result:
    """How a combination fared. Where it did not run, or failed, `problem` says why."""

    combination: Combination
    problem: str = ""
    excused: bool = False
    versions: dict[str, str] = field(default_factory=dict[str, str])
    tests: Counter[str] = field(default_factory=Counter[str])

    def row(self) -> tuple[str, ...]:
        versions = (self.versions.get(package, "-") for package in SHOWN)
        tests = (str(self.tests[kind]) if self.tests else "-" for kind in COUNTED)
        return self.combination.name, *versions, *tests, self.problem


def main() -> int:
    every = {each.name: each for each in combinations(ROOT)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="combination", help=f"any of {', '.join(every)}; all by default")
    parser.add_argument("--pytest", help="arguments for pytest in place of the client half's tests, in one word")
    parser.add_argument("--whole", action="store_true", help="run the long tests in full length")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in every]:
        parser.error(f"there is no combination {', '.join(unknown)}, only {', '.join(every)}")
    chosen = None if options.pytest is None else shlex.split(options.pytest)
    arguments = chosen or tests_of(whole=options.whole)
    results = [tested(every[name], arguments) for name in options.names or every]
    print("", *table(("combination", *SHOWN, *COUNTED, ""), *(result.row() for result in results)), sep="\n")
    return int(any(result.problem and not result.excused for result in results))


def tests_of(*, whole: bool) -> list[str]:
    if whole:
        return [*CLIENT_HALF]
    return [*CLIENT_HALF, *(f"--ignore={path}" for path in CUT_ANYWHERE), "-k", FEW_SURFACES]


def tested(combination: Combination, arguments: list[str]) -> Result:
    """Installs what the combination names, and runs the tests with it."""
    print(f"\n== {combination.name}", flush=True)
    python = interpreter(combination.python)
    if python is None:
        problem = f"not run: there is no Python {combination.python} here"
        print(f"{problem}; `pyenv install {combination.python}` or `uv python install {combination.python}` gets one")
        return Result(combination, problem, excused=not could_be_had())
    environment = ENVIRONMENTS / combination.name
    try:
        install(combination, python, environment)
    except subprocess.CalledProcessError as error:
        print(error.stderr.strip())
        return Result(combination, "not run: cannot be installed")
    versions = installed(environment)
    if combination.versions == "oldest" and (bounds := not_oldest(ROOT, versions)):
        return Result(combination, f"not run: no lower bound is true but {', '.join(bounds)}", versions=versions)
    status, tests = run(environment, arguments)
    return Result(combination, f"pytest ended with {status}" if status else "", versions=versions, tests=tests)


def interpreter(version: str) -> str | None:
    """A Python of this version that uv finds, among those of pyenv too, which its shims may hide."""
    folders = [*map(str, PYENV.glob(f"versions/{version}.*/bin")), os.environ["PATH"]]
    found = subprocess.run(
        [UV, "python", "find", "--system", version],
        env=os.environ | {"PATH": os.pathsep.join(folders)},
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() if found.returncode == 0 else None


def could_be_had() -> bool:
    """Whether a Python that is missing should be here: in a run that is to be complete, where anything gets one."""
    gets_one = shutil.which("pyenv") is not None or os.environ.get("UV_PYTHON_DOWNLOADS") != "never"
    return os.environ.get("CI") == "true" and gets_one


def install(combination: Combination, python: str, environment: Path) -> None:
    """Raises CalledProcessError with what uv says."""
    made_from = "\n".join((python, *combination.install, *(path.read_text(encoding="utf-8") for path in MADE_FROM)))
    seal = environment / "made-from"
    checksum = hashlib.sha256(made_from.encode()).hexdigest()
    if seal.exists() and seal.read_text(encoding="utf-8") == checksum:
        return
    into = ("--python", str(environment / "bin" / "python"))
    for command in (
        ("venv", "--clear", "--python", python, str(environment)),
        ("pip", "install", "--compile-bytecode", *into, *combination.install),
    ):
        subprocess.run([UV, *command], cwd=ROOT, check=True, capture_output=True, text=True)
    seal.write_text(checksum, encoding="utf-8")


def installed(environment: Path) -> dict[str, str]:
    """Versions by package."""
    command = [UV, "pip", "freeze", "--python", str(environment / "bin" / "python")]
    frozen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(PIN.findall(frozen))


def run(environment: Path, arguments: list[str]) -> tuple[int, Counter[str]]:
    """The status of pytest, and how many tests went which way."""
    seed = random.randrange(2**32)  # noqa: S311  for the order of tests
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        plain = ("-o", "addopts=--strict-markers --strict-config", "-p", "no:cacheprovider", "-q", "-n", "auto")
        command = [environment / "bin" / "python", "-m", "pytest", *plain, f"--randomly-seed={seed}", *arguments]
        print(shlex.join(map(str, command)), flush=True)
        status = subprocess.call([*command, f"--junit-xml={report}"], cwd=ROOT)
        return status, Counter(map(kind, cases(report)))


def cases(report: Path) -> Iterator[ET.Element]:
    """Nothing where pytest did not get as far as to report."""
    if report.exists():
        yield from ET.parse(report).iter("testcase")  # noqa: S314  written by our own pytest


def kind(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    return "not offered" if skipped.get("message", "").startswith(NOT_OFFERED) else "skipped"


def table(*rows: Iterable[str]) -> Iterator[str]:
    """Lines with aligned columns."""
    cells = [*map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())
