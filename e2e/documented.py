"""Commands and files for the Collector as the documentation shows them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from e2e.programs import CONFIGURATIONS, ROOT

PROGRAM = "otelcol-contrib"
DOCS = ROOT / "docs"
JAEGER = ROOT / "dashboards" / "jaeger"
COMMAND = re.compile(rf"^[#\s]*(?:\S+\.yaml: )?{PROGRAM} (--config .*)$", re.MULTILINE)
YAML = re.compile(r"```yaml\n# (\S+\.yaml)\b(.*?)```", re.DOTALL)


def commands(page: Path) -> list[tuple[str, ...]]:
    """What stands behind each `--config`, by command."""
    whole = page.read_text(encoding="utf-8").replace("\\\n", "")
    return [tuple(shlex.split(options, comments=True)[1::2]) for options in COMMAND.findall(whole)]


def every_command() -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Of the pages, and of the heads of the configurations."""
    for page in sorted([*DOCS.rglob("*.md"), *CONFIGURATIONS.glob("*.yaml"), *JAEGER.glob("*.yaml")]):
        for configurations in commands(page):
            yield page, configurations


def write_shown_files(page: Path, folder: Path) -> None:
    """The files for which the page has all that is in them, under the names that their first lines say."""
    for name, content in YAML.findall(page.read_text(encoding="utf-8")):
        (folder / name).write_text(content.partition("\n")[2])


def found(name: str, folder: Path) -> str | Path:
    """What a command names: a text that is a configuration itself, or a file of the page or of ours."""
    if name.startswith("yaml:"):
        return name
    return next((place / name for place in (folder, CONFIGURATIONS, JAEGER) if (place / name).exists()), folder / name)
