"""A file that a script generates: written anew, or with --check held against what is committed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent


def write_or_check(target: Path, render: Callable[[], str], *, script: str, about: str | None) -> int:
    """The exit code: 1 where a check finds the file stale. A check writes nothing."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--check", action="store_true", help="fail if the committed file is stale")
    options = parser.parse_args()
    text = render()
    if not options.check:
        target.write_text(text, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != text:
        stale, remedy = (path.relative_to(ROOT) for path in (target, Path(script).resolve()))
        print(f"{stale} is stale: run python {remedy}", file=sys.stderr)
        return 1
    return 0
