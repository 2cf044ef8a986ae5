"""ARCHITECTURE.md tells of the tree that there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = ROOT / "src" / "firsttoken"
PAGE: Final = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
SAID: Final = re.compile(r"`([\w./-]+)`")
BUILT: Final = {"build", "dist"}


def told(title: str) -> set[str]:
    """What stands in the first column of the table below a title."""
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name.rstrip("/") for row in rows for name in SAID.findall(row)}


def test_every_folder_of_the_repository_is_told() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")} - BUILT

    assert folders == {name.partition("/")[0] for name in told("The repository")}


def test_every_module_of_the_package_is_told() -> None:
    modules = {path.name for path in PACKAGE.iterdir() if not path.name.startswith("__")} - {"py.typed"}

    assert modules == told("The package")


def test_the_order_of_imports_is_the_one_that_is_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    checked = project["tool"]["importlinter"]["contracts"][0]["layers"]

    assert checked == PAGE.partition("do not know each other.\n\n```\n")[2].partition("\n```")[0].splitlines()


def test_every_place_that_it_names_is_there() -> None:
    places = {name for name in SAID.findall(PAGE) if "/" in name and "NAME" not in name}
    named = [ROOT / name for name in told("The repository")] + [PACKAGE / name for name in told("The package")]

    missing = {place for place in places if not any((folder / place).exists() for folder in (ROOT, *named))}
    assert missing == set()
