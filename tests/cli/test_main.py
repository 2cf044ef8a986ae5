"""The entry point before any command is known."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from firsttoken.cli import LOCAL_EXTRA

MODULES = {"grpcio": "grpc", "vl-convert-python": "vl_convert"}
"""Where a distribution and its module have different names."""
ELSEWHERE = {"opentelemetry-proto", "uvloop"}
"""The first comes with the exporters; the second is not for every system."""


def test_a_missing_extra_is_one_line_with_the_remedy() -> None:
    code = "import sys; sys.modules.update(click=None, duckdb=None); from firsttoken.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        "firsttoken: the command line needs the extra `local` (click, duckdb missing): "
        "pip install 'firsttoken[local]'\n",
    )


def test_every_package_of_the_extra_is_looked_for() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    extra = project["project"]["optional-dependencies"]["local"]
    names = {re.split(r"[<>=;\[ ]", requirement, maxsplit=1)[0] for requirement in extra} - ELSEWHERE
    assert {MODULES.get(name, name) for name in names} == set(LOCAL_EXTRA)
