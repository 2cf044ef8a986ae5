"""Runs the client half's tests with each supported Python, and the oldest and newest versions of what it stands on.

Each combination has a virtual environment of its own under .venv-versions, kept until what it is made from changes.
"""

from __future__ import annotations

import argparse
import fcntl
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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
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
    "tests/test_plain.py",
    "tests/test_settings.py",
)
OF_THE_SDKS: Final = (
    "tests/adapter",
    "tests/conformance",
    "tests/contexts",
    "tests/observe",
    "tests/providers",
    "tests/test_instrumentation.py",
)
"""Where an SDK is asked: what is in between differs from the newest in nothing else."""
CUT_ANYWHERE: Final = (
    "tests/observe/test_any_bytes.py",
    "tests/providers/test_cut_anywhere.py",
    "tests/providers/test_cut_openai.py",
)
OF_OUR_OWN: Final = ("tests/observe/test_faults.py",)
"""Long, and about what is ours: beside every other test, once with the oldest versions."""
FEW_SURFACES: Final = "not an_end_is_recorded or chat.create or responses.create or messages.create"
"""Of the table of ends."""
SHOWN: Final = ("openai", "anthropic", "opentelemetry-sdk", "wrapt", "pydantic")
"""Packages whose versions the summary names."""
COUNTED: Final = ("passed", "not offered", "skipped", "failed")
ENDED: Final = "pytest ended with {}"
SOME_FAILED: Final = 1
ONLY_WHAT_FAILED: Final = ("--last-failed", "--last-failed-no-failures", "none", "-n", "0")
NOT_OFFERED: Final = "not offered by "
"""How the reason of a test begins that an SDK leaves out; `tests/installed.py` words it."""


@dataclass(slots=True)
class Result:
    """How a combination fared. Where it did not run, or failed, `problem` says why, and `advice` what to do."""

    combination: Combination
    problem: str = ""
    advice: str = ""
    excused: bool = False
    versions: dict[str, str] = field(default_factory=dict[str, str])
    tests: Counter[str] = field(default_factory=Counter[str])

    def row(self) -> tuple[str, ...]:
        versions = (self.versions.get(package, "-") for package in SHOWN)
        tests = (str(self.tests[kind]) if self.tests else "-" for kind in COUNTED)
        return self.combination.name, *versions, *tests, self.problem


@dataclass(frozen=True, slots=True)
class Asked:
    """What to do with every combination: `tests` are arguments for pytest in place of the client half's."""

    tests: list[str] | None
    whole: bool
    at_once: int


def main() -> int:
    every = {each.name: each for each in combinations(ROOT)}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="combination", help=f"any of {', '.join(every)}; all by default")
    parser.add_argument("--pytest", help="arguments for pytest in place of the client half's tests, in one word")
    parser.add_argument("--whole", action="store_true", help="run the long tests in full length")
    parser.add_argument("--at-once", type=int, default=1, metavar="N", help="test so many of them side by side")
    parser.add_argument("--again", action="store_true", help="run what failed beside others once more, alone")
    parser.add_argument("--install", action="store_true", help="install what they need, and test nothing")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in every]:
        parser.error(f"there is no combination {', '.join(unknown)}, only {', '.join(every)}")
    asked = Asked(None if options.pytest is None else shlex.split(options.pytest), options.whole, options.at_once)
    with ThreadPoolExecutor() as installing, ThreadPoolExecutor(asked.at_once) as testing:
        prepared = [installing.submit(prepare, every[name]) for name in options.names or every]
        if options.install:
            return 0  # What cannot be installed is told when it is to be tested.
        results = [*testing.map(lambda each: tested(each.result(), asked), prepared)]
    if options.again:
        results = [once_more(result, asked) for result in results]
    print("", *table(("combination", *SHOWN, *COUNTED, ""), *(result.row() for result in results)), sep="\n")
    return int(any(result.problem and not result.excused for result in results))


def tests_of(versions: str, asked: Asked) -> list[str]:
    if asked.tests is not None:
        return asked.tests
    if asked.whole:
        return [*CLIENT_HALF]
    left_out = CUT_ANYWHERE if versions == "oldest" else (*CUT_ANYWHERE, *OF_OUR_OWN)
    folders = OF_THE_SDKS if versions == "between" else CLIENT_HALF
    return [*folders, *(f"--ignore={path}" for path in left_out), "-k", FEW_SURFACES]


def prepare(combination: Combination) -> Result:
    """Installs what the combination names."""
    python = interpreter(combination.python)
    if python is None:
        problem = f"not run: there is no Python {combination.python} here"
        advice = f"`pyenv install {combination.python}` or `uv python install {combination.python}` gets one"
        return Result(combination, problem, advice, excused=not could_be_had())
    try:
        with alone(combination):
            install(combination, python, environment_of(combination))
    except subprocess.CalledProcessError as error:
        return Result(combination, "not run: cannot be installed", error.stderr.strip())
    versions = installed(environment_of(combination))
    bounds = not_oldest(ROOT, versions) if combination.versions == "oldest" else []
    problem = f"not run: no lower bound is true but {', '.join(bounds)}" if bounds else ""
    return Result(combination, problem, versions=versions)


def tested(result: Result, asked: Asked) -> Result:
    """Runs the tests with what was prepared, if it was. What they say is shown at their end where others run too."""
    combination = result.combination
    if result.problem:
        why = ": ".join(filter(None, (result.problem, result.advice)))
        print(f"\n== {combination.name}\n{why}", flush=True)
        return result
    command = command_of(environment_of(combination), tests_of(combination.versions, asked))
    begins = f"\n== {combination.name}\n{shlex.join(command)}"
    if asked.at_once == 1:
        print(begins, flush=True)
    status, result.tests, said = run(command, asked.at_once)
    if asked.at_once > 1:
        print(begins, said, sep="\n", flush=True)
    result.problem = ENDED.format(status) if status else ""
    return result


def once_more(result: Result, asked: Asked) -> Result:
    """Runs the tests that failed again, with the machine to themselves: they may have waited in vain for a busy one."""
    if result.problem != ENDED.format(SOME_FAILED):
        return result
    tests = [*tests_of(result.combination.versions, asked), *ONLY_WHAT_FAILED]
    command = command_of(environment_of(result.combination), tests)
    print(f"\n== {result.combination.name}, once more alone\n{shlex.join(command)}", flush=True)
    status, tests_again, _ = run(command, at_once=1)
    if status == 0:
        result.problem = ""
        result.tests += Counter(passed=tests_again["passed"])
        result.tests -= Counter(failed=tests_again["passed"])
    return result


def environment_of(combination: Combination) -> Path:
    return ENVIRONMENTS / combination.name


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


@contextmanager
def alone(combination: Combination) -> Iterator[None]:
    """No other process installs this combination meanwhile."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    with (ENVIRONMENTS / f"{combination.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
        ("pip", "install", *into, *combination.install),
    ):
        subprocess.run([UV, *command], cwd=ROOT, check=True, capture_output=True, text=True)
    seal.write_text(checksum, encoding="utf-8")


def installed(environment: Path) -> dict[str, str]:
    """Versions by package."""
    command = [UV, "pip", "freeze", "--python", str(environment / "bin" / "python")]
    frozen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(PIN.findall(frozen))


def command_of(environment: Path, tests: list[str]) -> list[str]:
    seed = random.randrange(2**32)  # noqa: S311  for the order of tests
    plain = ("-o", "addopts=--strict-markers --strict-config", "-o", f"cache_dir={environment / 'pytest-cache'}", "-q")
    spread = ("-n", "auto", "--dist", "worksteal", f"--randomly-seed={seed}")
    return [str(environment / "bin" / "python"), "-m", "pytest", *plain, *spread, *tests]


def run(command: list[str], at_once: int) -> tuple[int, Counter[str], str]:
    """The status of pytest, how many tests went which way, and what it said, where that is put aside."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        ended = subprocess.run(
            [*command, f"--junit-xml={report}"],
            cwd=ROOT,
            env=os.environ | {"TEST_RUNS_AT_ONCE": str(at_once)},
            check=False,
            stdout=None if at_once == 1 else subprocess.PIPE,
            stderr=None if at_once == 1 else subprocess.STDOUT,
            text=True,
        )
        return ended.returncode, Counter(map(kind, cases(report))), ended.stdout or ""


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
