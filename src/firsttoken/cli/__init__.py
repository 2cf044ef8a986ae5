"""The command line: `firsttoken`. One file per command; `main` is the entry point."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final, NoReturn

LOCAL_EXTRA: Final = (
    "altair",
    "click",
    "duckdb",
    "grpc",
    "httptools",
    "jinja2",
    "numpy",
    "platformdirs",
    "psutil",
    "pyarrow",
    "rich",
    "starlette",
    "uvicorn",
    "vl_convert",
)
"""The modules that the extra `local` brings and that no command goes without."""


def main() -> NoReturn:
    """Runs the command that the program's arguments name. Every error of ours is one line and exit code 2."""
    missing = [module for module in LOCAL_EXTRA if find_spec(module) is None]
    if missing and sys.argv[1:2] == ["doctor"]:
        from firsttoken.cli.lone_doctor import run_alone

        sys.exit(run_alone(sys.argv[2:], missing))
    if missing:
        names = ", ".join(missing)
        sys.exit(_complaint(f"the command line needs the extra `local` ({names} missing)"))
    from firsttoken.cli.program import run

    sys.exit(run(sys.argv[1:]))


def _complaint(problem: str) -> int:
    print(f"firsttoken: {problem}: pip install 'firsttoken[local]'", file=sys.stderr)
    return 2
